"""The parts of a summary as typed dicts. Everything in them can be written as JSON."""

from __future__ import annotations

from typing import Any, TypedDict

from ilk.report.captions import PlotCaption
from ilk.schema import Role


class SourceSummary(TypedDict):
    """The source and how it was read."""

    name: str
    facts: dict[str, str]


class SegmentSummary(TypedDict):
    """One segment; every trait is a dict of column, level, effect, text and top.

    ``worth`` says in sentences what ``values`` and ``outcomes`` mean, ``confidence`` what
    ``stability`` and ``borderline_share`` mean.
    """

    number: int
    name: str
    customers: int
    share: float
    worth: list[str]
    values: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    traits: list[dict[str, Any]]
    name_reasons: list[dict[str, Any]]
    goal: str
    action: str
    stability: float | None
    borderline_share: float | None
    confidence: list[str]


class SelectionSummary(TypedDict):
    """Why this K; every candidate is a dict of the fields of ``Candidate``.

    ``structure`` tells whether there are natural groups: ``badge`` in a few words, ``meaning`` in
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
    """One row per column in original units, and how many columns are not shown."""

    columns: list[dict[str, Any]]
    left_out: int


class RankSummary(TypedDict):
    """One column and the share of its variation that is between the segments."""

    column: str
    role: Role
    explained: float


class ColumnSummary(TypedDict):
    """One column of the source and what it was used for."""

    name: str
    kind: str
    role: Role
    reason: str
    missing: int


class NoticeSummary(TypedDict):
    """One warning; ``message`` spells options as the surface does that made the run."""

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


class OutcomeSummary(TypedDict):
    """One outcome: the segments by their rate, the highest first, each a dict of a table's row."""

    label: str
    overall: float
    segments: list[dict[str, Any]]


class InputSummary(TypedDict):
    """What was read, how, and with which options. Everything in it can be written as JSON."""

    created: str | None
    source: SourceSummary
    rows: dict[str, int]
    columns: list[ColumnSummary]
    notices: list[NoticeSummary]
    reproduce: ReproduceSummary


class RunSummary(InputSummary):
    """A finished run. Everything in it can be written as JSON.

    ``advice`` goes for all segments; their own ``action`` does not repeat it.
    """

    title: str
    verdict: str
    headline: str
    loaded: str
    segments: list[SegmentSummary]
    advice: list[str]
    choice: SelectionSummary
    profile: ProfileSummary
    ranking: list[RankSummary]
    ranking_note: str
    outcomes: list[OutcomeSummary]
    preprocessing: list[str]
    caveats: list[str]
    pictures: list[PlotCaption]
