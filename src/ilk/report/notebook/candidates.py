"""Table: the candidates for K and what is known of each, as texts and as a piece of HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

from ilk.formatting.html import build_element, build_list, build_paragraph, build_table, escape_text
from ilk.formatting.numbers import format_percent

if TYPE_CHECKING:
    from ilk.selection.candidates import Candidate, Selection

CandidateFields = Mapping[str, Any]
"""The fields of a ``Candidate``, by name."""

NO_VALUE = "–"
"""Stands where there is no figure."""

_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def render_selection(selection: Selection) -> str:
    """The verdict, the reasons, and every number of segments tried with its figures.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate, Selection
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> shown = render_selection(Selection((one,), verdict="Two segments.", reasons=()))
    >>> "Two segments." in shown, shown.count("chosen")
    (True, 1)
    """
    return build_element(
        "div",
        build_paragraph(build_element("strong", escape_text(selection.verdict))),
        build_list(escape_text(reason) for reason in selection.reasons),
        render_candidates(selection.candidates),
    )


def render_candidates(candidates: Sequence[Candidate]) -> str:
    """Every number of segments tried, with its figures.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> render_candidates([one]).count("<tr")
    2
    """
    chosen = next((i for i, each in enumerate(candidates) if each.chosen), None)
    cells = format_candidates([asdict(each) for each in candidates])
    head, *rows = [[escape(text) for text in row] for row in cells]
    return build_table(head, rows, highlighted=chosen)


def format_candidates(candidates: Sequence[CandidateFields]) -> list[list[str]]:
    """The figures that decide, as texts: a row of heads, then one for every candidate.

    What is known of no candidate has no column; ``k.csv`` holds everything. The last column says
    which one was chosen, and why others were refused.

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
    [['K', 'Silhouette', ''], ['2', '0.610', 'chosen']]
    """
    columns = [
        [head, *map(_COLUMNS[head][0], candidates)] for head in _list_known_columns(candidates)
    ]
    verdicts = ["", *map(_format_verdict, candidates)]
    return [list(row) for row in zip(*columns, verdicts, strict=True)]


def explain_columns(candidates: Sequence[CandidateFields]) -> list[tuple[str, str]]:
    """What the columns of :func:`format_candidates` mean.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> from ilk.selection.candidates import Candidate
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> explain_columns([asdict(one)])
    [('K', 'The number of segments.')]
    """
    return [(head, _COLUMNS[head][1]) for head in _list_known_columns(candidates)]


def _list_known_columns(candidates: Sequence[CandidateFields]) -> list[str]:
    """Heads of the columns in which there is a figure."""
    return [
        head
        for head, (tell, _) in _COLUMNS.items()
        if any(tell(each) != NO_VALUE for each in candidates)
    ]


def _make_formatter(field: str, decimals: int) -> Callable[[CandidateFields], str]:
    def format_value(candidate: CandidateFields) -> str:
        value = candidate[field]
        return NO_VALUE if value is None else f"{value:z,.{decimals}f}"

    return format_value


def _format_gap(candidate: CandidateFields) -> str:
    gap, error = candidate["gap"], candidate["gap_error"]
    if gap is None:
        return NO_VALUE
    return (
        f"{gap:z.2f}"
        if error is None
        else f"{gap:z.2f}{_NO_BREAK_SPACE}±{_NO_BREAK_SPACE}{error:.2f}"
    )


def _format_stability(candidate: CandidateFields) -> str:
    mean, least = candidate["stability"], candidate["stability_min"]
    return NO_VALUE if mean is None else f"{mean:.2f}, {least:.2f}"


def _format_shares(candidate: CandidateFields) -> str:
    smallest, largest = candidate["smallest_share"], candidate["largest_share"]
    if candidate["k"] == 1 or smallest is None:
        return NO_VALUE
    return f"{format_percent(smallest)}, {format_percent(largest)}"


def _hide_for_one_segment(
    formatter: Callable[[CandidateFields], str],
) -> Callable[[CandidateFields], str]:
    """A figure that says nothing of one segment."""
    return lambda candidate: NO_VALUE if candidate["k"] == 1 else formatter(candidate)


def _format_verdict(candidate: CandidateFields) -> str:
    return "chosen" if candidate["chosen"] else candidate["rejection_reason"] or ""


_COLUMNS: Mapping[str, tuple[Callable[[CandidateFields], str], str]] = {
    "K": (lambda candidate: str(candidate["k"]), "The number of segments."),
    "Silhouette": (
        _make_formatter("silhouette", 3),
        "How much nearer customers are to their own segment than to the next: at best 1.",
    ),
    "Lead over chance": (
        _hide_for_one_segment(_make_formatter("silhouette_gain", 2)),
        "The silhouette of squared distances, less what tables without segments give; 0 is chance.",
    ),
    "Gap": (
        _format_gap,
        "The gap statistic ± its error; two errors above that of K = 1 it speaks for segments.",
    ),
    "Groups parted": (
        _hide_for_one_segment(_make_formatter("n_separated_groups", 0)),
        "Groups of segments with a valley of few customers around each.",
    ),
    "Stability: mean, least": (
        _format_stability,
        "How well segments come back when customers are drawn again: below 0.60 they dissolve.",
    ),
    "Other starts": (
        _make_formatter("seed_agreement", 2),
        "How well segments found from other starts agree: 1 is the same, 0 chance.",
    ),
    "Smallest, largest": (_format_shares, "Shares of the smallest and the largest segment."),
}
