"""The numbers of segments that were tried, as a table that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ilk.formatting.numbers import NO_VALUE, format_fixed, format_percent

CandidateFields = Mapping[str, Any]
"""The fields of a ``Candidate``, by name."""

_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def format_candidates(candidates: Sequence[CandidateFields]) -> list[list[str]]:
    """The figures that decide, as texts: a row of column heads, then one row per candidate.

    A figure that no candidate has gets no column; ``k.csv`` holds everything. The last column says
    which candidate was chosen, and why others were ruled out.

    Parameters
    ----------
    candidates : sequence of mapping
        The fields of every ``Candidate``, as :func:`dataclasses.asdict` or JSON gives them.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> from ilk.selection.candidates import Candidate
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, 0.61, None, None, 40.0, 0.5, chosen=True)
    >>> format_candidates([asdict(one)])
    [['K', 'Silhouette', 'Result'], ['2', '0.610', 'chosen']]
    """
    columns = [
        [head, *map(_COLUMNS[head][0], candidates)] for head in _list_known_columns(candidates)
    ]
    results = ["Result", *map(_format_result, candidates)]
    return [list(row) for row in zip(*columns, results, strict=True)]


def explain_columns(candidates: Sequence[CandidateFields]) -> list[tuple[str, str]]:
    """What the columns of :func:`format_candidates` mean.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> from ilk.selection.candidates import Candidate
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> explain_columns([asdict(one)])
    [('K', 'Number of segments.')]
    """
    return [(head, _COLUMNS[head][1]) for head in _list_known_columns(candidates)]


def _list_known_columns(candidates: Sequence[CandidateFields]) -> list[str]:
    """Heads of the columns in which there is a figure."""
    return [
        head
        for head, (format_cell, _) in _COLUMNS.items()
        if any(format_cell(candidate) != NO_VALUE for candidate in candidates)
    ]


def _make_formatter(
    field: str, decimals: int, *, defined_for_one: bool = True
) -> Callable[[CandidateFields], str]:
    """Cells of one field; a figure that says nothing about one segment is left out for K = 1."""

    def format_cell(candidate: CandidateFields) -> str:
        defined = defined_for_one or candidate["k"] > 1
        return format_fixed(candidate[field] if defined else None, decimals)

    return format_cell


def _format_gap(candidate: CandidateFields) -> str:
    gap, error = candidate["gap"], candidate["gap_error"]
    if gap is None or error is None:
        return format_fixed(gap, 2)
    return f"{format_fixed(gap, 2)}{_NO_BREAK_SPACE}±{_NO_BREAK_SPACE}{format_fixed(error, 2)}"


def _format_stability(candidate: CandidateFields) -> str:
    mean, lowest = candidate["stability"], candidate["stability_min"]
    return NO_VALUE if mean is None else f"{format_fixed(mean, 2)}, {format_fixed(lowest, 2)}"


def _format_shares(candidate: CandidateFields) -> str:
    smallest, largest = candidate["smallest_share"], candidate["largest_share"]
    if candidate["k"] == 1 or smallest is None:
        return NO_VALUE
    return f"{format_percent(smallest)}, {format_percent(largest)}"


def _format_result(candidate: CandidateFields) -> str:
    return "chosen" if candidate["chosen"] else candidate["rejection_reason"] or ""


_COLUMNS: Mapping[str, tuple[Callable[[CandidateFields], str], str]] = {
    "K": (lambda candidate: str(candidate["k"]), "Number of segments."),
    "Silhouette": (
        _make_formatter("silhouette", 3),
        (
            "How much closer customers are to their own segment than to the nearest other one; "
            "1 is best, 0 means the segments touch."
        ),
    ),
    "Gain over random data": (
        _make_formatter("silhouette_gain", 2, defined_for_one=False),
        (
            "Silhouette (of squared distances) minus that of random data without groups; 0 means "
            "no better than random."
        ),
    ),
    "Gap statistic": (
        _format_gap,
        (
            "Gap statistic ± its standard error. Segments are supported where it is at least two "
            "errors above that of K = 1."
        ),
    ),
    "Separate groups": (
        _make_formatter("n_separated_groups", 0, defined_for_one=False),
        "Groups of segments with visible gaps between them.",
    ),
    "Stability: mean, lowest": (
        _format_stability,
        (
            "Overlap of the segments with those found in repeat tests (Jaccard coefficient); 1 is "
            "best, below 0.60 is not stable."
        ),
    ),
    "Other random starts": (
        _make_formatter("seed_agreement", 2),
        (
            "Agreement with the segments found from other random starts (adjusted Rand index); "
            "1 is identical, 0 is chance."
        ),
    ),
    "Smallest, largest": (_format_shares, "Shares of the smallest and the largest segment."),
}
