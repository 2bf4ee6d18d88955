"""Summary: a finished run as one plain dict, from which page, terminal and JSON are made.

Figures stay numbers here and sentences are complete: what comes after only lays out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypedDict

from ilk.recipe import Recipe
from ilk.report.captions import PlotCaption, write_captions
from ilk.report.caveats import list_caveats
from ilk.report.facts import RunMetadata
from ilk.report.headline import STRUCTURE_BADGES, describe_input, explain_structure, write_headline
from ilk.report.profile_table import ProfileRow, build_profile_rows, select_most_distinctive
from ilk.schema import Schema
from ilk.segments.segment import Figures, Segment
from ilk.segments.traits import select_distinctive
from ilk.segments.wording import describe_confidence
from ilk.selection.candidates import Selection

MAX_PROFILE_ROWS = 60
"""The most columns that a summary compares; ``segments.csv`` holds all of them."""


class SourceSummary(TypedDict):
    """The source and how it was read."""

    name: str
    facts: dict[str, str]


class SegmentSummary(TypedDict):
    """One segment; every trait is a dict of column, level, effect, text and top.

    ``describe_confidence`` says in sentences what is known of ``stability`` and ``close_calls``.
    """

    number: int
    name: str
    customers: int
    share: float
    traits: list[dict[str, Any]]
    action: str
    stability: float | None
    borderline_share: float | None
    confidence: list[str]


class SelectionSummary(TypedDict):
    """Why this K; every candidate is a dict of the fields of ``Candidate``.

    ``structure`` tells whether there are segments at all: ``badge`` in a few words, ``meaning`` in
    a sentence.
    """

    k: int
    structure: str
    badge: str
    meaning: str
    verdict: str
    reasons: list[str]
    candidates: list[dict[str, Any]]


class ProfileSummary(TypedDict):
    """Comparisons in original units, and how many more columns there are."""

    columns: list[dict[str, Any]]
    left_out: int


class ColumnSummary(TypedDict):
    """One column of the source and what it was used for."""

    name: str
    kind: str
    role: str
    reason: str
    missing: int


class NoticeSummary(TypedDict):
    """One warning."""

    code: str
    message: str
    column: str | None


class ReproduceSummary(TypedDict):
    """What is needed to make the same run again."""

    command: str
    seed: int
    data_hash: str
    versions: dict[str, str]
    recipe: dict[str, Any]


class RunSummary(TypedDict):
    """A finished run. Everything in it can be written as JSON."""

    title: str
    verdict: str
    headline: str
    loaded: str
    created: str | None
    source: SourceSummary
    rows: dict[str, int]
    segments: list[SegmentSummary]
    choice: SelectionSummary
    profile: ProfileSummary
    columns: list[ColumnSummary]
    preprocessing: list[str]
    notices: list[NoticeSummary]
    caveats: list[str]
    pictures: list[PlotCaption]
    reproduce: ReproduceSummary


def summarize_run(
    metadata: RunMetadata,
    segments: tuple[Segment, ...],
    everyone: Figures,
    selection: Selection,
    schema: Schema,
    recipe: Recipe,
) -> RunSummary:
    """Put a finished run into one plain dict.

    Parameters
    ----------
    metadata : RunFacts
        Rows counted, warnings, versions and how to make the run again.
    segments : tuple of Segment
        In the order of their numbers.
    everyone : Figures
        Figures of all customers with a segment.
    selection : Choice
    schema : Schema
    recipe : Recipe
        As resolved for the run.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> from ilk.report.facts import RowCounts
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
    return RunSummary(
        title=f"Customer segments: {metadata.source}",
        verdict=selection.verdict,
        headline=write_headline(segments),
        loaded=describe_input(metadata, schema, recipe),
        created=metadata.created,
        source=SourceSummary(name=metadata.source, facts=dict(metadata.source_facts)),
        rows=asdict(metadata.rows),
        segments=[_summarize_segment(each) for each in segments],
        choice=_summarize_selection(selection),
        profile=_summarize_profile(build_profile_rows(segments, everyone, schema.profile_columns)),
        columns=[_to_plain(each) for each in schema],
        preprocessing=list(metadata.preprocessing),
        notices=[_to_plain(each) for each in metadata.notices],
        caveats=list_caveats(metadata, selection, schema, recipe),
        pictures=write_captions(segments, selection),
        reproduce=_summarize_reproduction(metadata, recipe),
    )


def _summarize_segment(segment: Segment) -> SegmentSummary:
    return SegmentSummary(
        number=segment.number,
        name=segment.name,
        customers=segment.figures.customers,
        share=segment.figures.share,
        traits=[_to_plain(each) for each in select_distinctive(segment.traits)],
        action=segment.action,
        stability=segment.stability,
        borderline_share=segment.borderline_share,
        confidence=describe_confidence(segment),
    )


def _summarize_selection(selection: Selection) -> SelectionSummary:
    return SelectionSummary(
        k=selection.k,
        structure=selection.structure,
        badge=STRUCTURE_BADGES[selection.structure],
        meaning=explain_structure(selection),
        verdict=selection.verdict,
        reasons=list(selection.reasons),
        candidates=[_to_plain(each) for each in selection.candidates],
    )


def _summarize_profile(profile_rows: Sequence[ProfileRow]) -> ProfileSummary:
    shown = select_most_distinctive(profile_rows, MAX_PROFILE_ROWS)
    return ProfileSummary(
        columns=[_to_plain(each) for each in shown], left_out=len(profile_rows) - len(shown)
    )


def _summarize_reproduction(metadata: RunMetadata, recipe: Recipe) -> ReproduceSummary:
    return ReproduceSummary(
        command=metadata.command,
        seed=metadata.seed,
        data_hash=metadata.data_hash,
        versions=dict(metadata.versions),
        recipe=recipe.model_dump(mode="json"),
    )


def _to_plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists, and ``None`` for what JSON cannot say."""
    if is_dataclass(value) and not isinstance(value, type):
        return _to_plain({each.name: getattr(value, each.name) for each in fields(value)})
    if isinstance(value, Mapping):
        return {key: _to_plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_to_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
