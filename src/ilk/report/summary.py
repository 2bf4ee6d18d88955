"""A finished run as one plain dict, from which page, terminal and JSON are made.

Figures stay numbers here and sentences are complete: what comes after only lays out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from ilk.errors import Spelling, spell_parameter
from ilk.formatting.numbers import format_count
from ilk.recipe import Recipe
from ilk.report.advice import split_shared_advice, write_advice_notes
from ilk.report.captions import PlotCaption, write_captions
from ilk.report.caveats import list_caveats
from ilk.report.facts import RowCounts, RunMetadata
from ilk.report.headline import describe_input, explain_structure, get_badge, write_headline
from ilk.report.outcome_table import OutcomeRanking, describe_worth, rank_outcomes
from ilk.report.profile_table import ProfileRow, build_profile_rows, select_most_distinctive
from ilk.report.summary_types import (
    ColumnSummary,
    InputSummary,
    NoticeSummary,
    OutcomeSummary,
    ProfileSummary,
    RankSummary,
    ReproduceSummary,
    RunSummary,
    SegmentSummary,
    SelectionSummary,
    SourceSummary,
)
from ilk.schema import Schema
from ilk.segments.column_ranking import rank_columns
from ilk.segments.segment import Figures, Segment, Trait
from ilk.segments.traits import select_distinctive
from ilk.segments.wording import describe_confidence
from ilk.selection.candidates import Candidate, Selection

MAX_PROFILE_ROWS = 60
"""The most columns that a summary compares; ``segments.csv`` holds all of them."""


MAX_RANKED_COLUMNS = 15
"""The most columns in the ranking of those that tell the segments apart."""


def summarize_run(
    metadata: RunMetadata,
    segments: tuple[Segment, ...],
    everyone: Figures,
    selection: Selection,
    schema: Schema,
    recipe: Recipe,
    spell: Spelling = spell_parameter,
) -> RunSummary:
    """Put a finished run into one plain dict.

    Parameters
    ----------
    metadata : RunMetadata
        Rows counted, warnings, versions and how to make the run again.
    segments : tuple of Segment
        In the order of their numbers.
    everyone : Figures
        Figures of all customers with a segment.
    selection : Selection
    schema : Schema
    recipe : Recipe
        As resolved for the run.
    spell : callable
        Spells the options that warnings name, as the surface does that makes the run.

    Examples
    --------
    >>> everyone = Figures(200, 1.0, (), ())
    >>> one = Candidate("kmeans", 1, 9.0, None, None, None, None, None, None, chosen=True)
    >>> summary = summarize_run(
    ...     RunMetadata("mall.csv", RowCounts(200, 200, 200), "ilk fit mall.csv", 0, "sha256:0"),
    ...     (Segment(1, "Everyone", "Nothing to do.", everyone, ()),),
    ...     everyone, Selection((one,), "One segment.", ()), Schema(()), Recipe(),
    ... )
    >>> summary["headline"]
    '200 customers in one segment.'
    """
    profile_rows = build_profile_rows(segments, everyone, schema.profile_columns)
    ranks = rank_columns(segments, everyone, schema.profile_columns)
    shared, own_segments = split_shared_advice(segments)
    return {
        "title": f"Customer segments: {metadata.source}",
        "verdict": selection.verdict,
        "headline": write_headline(segments),
        "loaded": describe_input(metadata, schema, recipe),
        **summarize_input(metadata, schema, recipe, spell),
        "segments": [summarize_segment(segment) for segment in own_segments],
        "advice": write_advice_notes(segments, schema, spell) + shared,
        "choice": _summarize_selection(selection),
        "profile": _summarize_profile(profile_rows),
        "ranking": [_to_plain(rank) for rank in ranks[:MAX_RANKED_COLUMNS]],
        "ranking_note": describe_ranking(len(ranks) - MAX_RANKED_COLUMNS),
        "outcomes": [_summarize_ranking(ranking) for ranking in rank_outcomes(segments)],
        "preprocessing": list(metadata.preprocessing),
        "caveats": list_caveats(metadata, selection, schema, recipe),
        "pictures": write_captions(segments, selection),
    }


def summarize_input(
    metadata: RunMetadata, schema: Schema, recipe: Recipe, spell: Spelling = spell_parameter
) -> InputSummary:
    """What was read, how, and with which options, as one plain dict.

    Examples
    --------
    >>> metadata = RunMetadata("mall.csv", RowCounts(200, 200, 200), "ilk fit mall.csv", 0, "")
    >>> summarize_input(metadata, Schema(()), Recipe(k=5))["reproduce"]["recipe"]["k"]
    5
    """
    return InputSummary(
        created=metadata.created,
        source=SourceSummary(name=metadata.source, facts=dict(metadata.source_facts)),
        rows=asdict(metadata.rows),
        columns=[_to_plain(column) for column in schema],
        notices=[
            NoticeSummary(code=notice.code, message=notice.render(spell), column=notice.column)
            for notice in metadata.notices
        ],
        reproduce=_summarize_reproduction(metadata, recipe),
    )


def summarize_segment(segment: Segment) -> SegmentSummary:
    """One segment as a plain dict, from which its card is made.

    Examples
    --------
    >>> everyone = Segment(1, "Everyone", "Greet.", Figures(70, 1.0, (), ()), (), 0.97, 0.1)
    >>> summarize_segment(everyone)["confidence"]
    ['Very stable: 97% overlap in repeat tests.', '10% are borderline.']
    """
    return SegmentSummary(
        number=segment.number,
        name=segment.name,
        customers=segment.figures.customers,
        share=segment.figures.share,
        worth=describe_worth(segment),
        values=[_to_plain(value) for value in segment.values],
        outcomes=[_to_plain(outcome) for outcome in segment.outcomes],
        traits=[_to_plain(trait) for trait in select_distinctive(_list_other_traits(segment))],
        name_reasons=[_to_plain(reason) for reason in segment.name_reasons],
        goal=segment.goal,
        action=segment.action,
        stability=segment.stability,
        borderline_share=segment.borderline_share,
        confidence=describe_confidence(segment),
    )


def _list_other_traits(segment: Segment) -> list[Trait]:
    """Traits other than those that the sentences on value and outcomes already say."""
    said = {value.column for value in segment.values}
    said |= {outcome.column for outcome in segment.outcomes}
    return [trait for trait in segment.traits if trait.column not in said]


def find_missing_fields(summary: Any) -> list[str]:
    """What a summary that was read from ``run.json`` lacks; nothing if the report can be made.

    A run of another version of ilk may have left other fields.

    Examples
    --------
    >>> find_missing_fields({"title": "Customer segments", "verdict": "Two segments."})[-3:]
    ['preprocessing', 'caveats', 'pictures']
    """
    if missing := _list_missing(summary, RunSummary.__annotations__):
        return missing
    parts = [
        (summary["source"], SourceSummary.__annotations__),
        (summary["rows"], RowCounts.__annotations__),
        (summary["choice"], SelectionSummary.__annotations__),
        (summary["profile"], ProfileSummary.__annotations__),
        (summary["reproduce"], ReproduceSummary.__annotations__),
        *((outcome, OutcomeSummary.__annotations__) for outcome in summary["outcomes"]),
        *((rank, RankSummary.__annotations__) for rank in summary["ranking"]),
        *((segment, SegmentSummary.__annotations__) for segment in summary["segments"]),
        *((column, ColumnSummary.__annotations__) for column in summary["columns"]),
        *((notice, NoticeSummary.__annotations__) for notice in summary["notices"]),
        *((caption, PlotCaption.__annotations__) for caption in summary["pictures"]),
    ]
    missing = [name for part, names in parts for name in _list_missing(part, names)]
    if not missing:
        candidates = summary["choice"]["candidates"]
        missing = [n for part in candidates for n in _list_missing(part, Candidate.__annotations__)]
    return list(dict.fromkeys(missing))


def describe_ranking(n_left_out: int) -> str:
    """What the ranking of the columns shows.

    Examples
    --------
    >>> describe_ranking(2)[-43:]
    'The other 2 columns vary less between them.'
    """
    others = (
        f" The other {format_count(n_left_out, 'column')} vary less between them."
        if n_left_out > 0
        else ""
    )
    return (
        "How much of the variation of a column is between the segments rather than within them: "
        "100% if all customers of a segment are alike in it, 0% if the segments do not differ. "
        "Columns that only describe had no part in forming the segments." + others
    )


def _list_missing(part: Any, names: Iterable[str]) -> list[str]:
    return [name for name in names if not isinstance(part, dict) or name not in part]


def _summarize_selection(selection: Selection) -> SelectionSummary:
    return SelectionSummary(
        k=selection.k,
        structure=selection.structure,
        badge=get_badge(selection),
        meaning=explain_structure(selection),
        verdict=selection.verdict,
        reasons=list(selection.reasons),
        candidates=[_to_plain(candidate) for candidate in selection.candidates],
    )


def _summarize_profile(profile_rows: Sequence[ProfileRow]) -> ProfileSummary:
    shown = select_most_distinctive(profile_rows, MAX_PROFILE_ROWS)
    return ProfileSummary(
        columns=[_to_plain(row) for row in shown], left_out=len(profile_rows) - len(shown)
    )


def _summarize_ranking(ranking: OutcomeRanking) -> OutcomeSummary:
    return OutcomeSummary(
        label=ranking.label,
        overall=ranking.overall,
        segments=[
            {
                "number": ranked.number,
                "name": ranked.name,
                **_to_plain(ranked.outcome),
                "rate": ranked.outcome.rate,
                "position": ranked.outcome.position,
            }
            for ranked in ranking.segments
        ],
    )


def _summarize_reproduction(metadata: RunMetadata, recipe: Recipe) -> ReproduceSummary:
    return ReproduceSummary(
        command=metadata.command,
        seed=metadata.seed,
        data_hash=metadata.data_hash,
        versions=dict(metadata.versions),
        recipe=recipe.to_dict(),
    )


def _to_plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists, and ``None`` for what JSON cannot say."""
    if is_dataclass(value) and not isinstance(value, type):
        return _to_plain({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, Mapping):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_to_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
