"""From exact figures to segments with a name, traits and an action."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ilk.schema import Column, Schema
from ilk.segments.actions import choose_actions
from ilk.segments.column_labels import make_column_labels
from ilk.segments.naming import name_segments
from ilk.segments.playbook import Playbook, list_telling_names
from ilk.segments.profile import Profile
from ilk.segments.profile_worth import measure_outcomes, measure_values
from ilk.segments.rules import SegmentFacts
from ilk.segments.segment import Segment, Segments
from ilk.segments.traits import ScoredTrait, score_traits
from ilk.vocabulary.language import list_foreign_names


def describe_segments(profile: Profile, schema: Schema, playbook: Playbook) -> Segments:
    """Describe every segment of a profile.

    Parameters
    ----------
    profile : Profile
        Exact figures of all customers.
    schema : Schema
        Tells which columns are used for segmentation and which are only shown in profiles.
    playbook : Playbook
        What columns mean, and what to do with which segment.

    Returns
    -------
    Segments
        In the order of their labels; a segment's number is its label + 1. The traits that its
        name mentions come first, each part sorted from the strongest to the weakest.

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> from ilk.schema import Column
    >>> from ilk.segments.playbook_file import load_playbook
    >>> from ilk.segments.profile import profile_batch
    >>> income = Column("Annual Income (k$)", kind="number", role="feature", reason="a number")
    >>> frame = pl.DataFrame({income.name: [20.0, 22.0, 80.0]})
    >>> labels = np.array([0, 0, 1], dtype=np.int32)
    >>> profile = profile_batch(frame, labels, [income], magnitudes={income.name: 80.0})
    >>> low, high = describe_segments(profile, Schema((income,)), load_playbook())
    >>> high.number, high.name, high.traits[0].text
    (2, 'High-income customers', 'Annual Income (k$): 80 on average, 97% above the overall 40.7')
    """
    labels = _label_columns(schema.profile_columns)
    traits = score_traits(profile, schema.profile_columns, labels, playbook)
    facts = _collect_facts(profile, schema, playbook, traits, labels)
    sector = playbook.find_sector(list_telling_names(schema.profile_columns))
    advice = choose_actions(facts, playbook, sector)
    return Segments(
        Segment(
            number=label + 1,
            name=own.name.text,
            action=own_advice.text,
            goal=own_advice.goal,
            figures=profile.compute_figures(label),
            traits=tuple(scored.trait for scored in _sort_traits(scores, own.name.columns)),
            name_reasons=own.name.reasons,
            values=tuple(own.values),
            outcomes=tuple(own.outcomes),
        )
        for label, (own, scores, own_advice) in enumerate(zip(facts, traits, advice, strict=True))
    )


def _label_columns(columns: Sequence[Column]) -> dict[str, str]:
    """Short names of the columns; capitals stay where the table is not in English."""
    written = {column.name: column.name if column.own_name else column.source for column in columns}
    foreign = list_foreign_names(written.values())
    return make_column_labels(written, {name for name, own in written.items() if own in foreign})


def _collect_facts(
    profile: Profile,
    schema: Schema,
    playbook: Playbook,
    traits: Sequence[Sequence[ScoredTrait]],
    labels: Mapping[str, str],
) -> list[SegmentFacts]:
    """What the actions rest on. What became of customers is told, but names nobody."""
    columns = schema.profile_columns
    outcomes = {column.name for column in columns if column.outcome is not None}
    telling = [[scored for scored in own if scored.trait.column not in outcomes] for own in traits]
    names = name_segments(telling, playbook.concepts)
    return [
        SegmentFacts(
            own,
            name,
            measure_values(profile, label, columns, labels),
            measure_outcomes(profile, label, columns, labels),
            profile.compute_figures(label).customers,
        )
        for label, (own, name) in enumerate(zip(telling, names, strict=True))
    ]


def _sort_traits(traits: Iterable[ScoredTrait], named: Collection[str]) -> list[ScoredTrait]:
    """The traits that bear out the name, then the others; the strongest first."""
    return sorted(traits, key=lambda scored: (scored.trait.column not in named, -scored.strength))
