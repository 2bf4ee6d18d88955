"""Table: the choice of K as a piece of HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ilk.digits import format_number
from ilk.markup import bullets, element, paragraph, table, words

if TYPE_CHECKING:
    from ilk.choice.choice import Candidate, Choice

_HEAD = ("K", "Inertia", "Silhouette", "Davies–Bouldin", "Calinski–Harabasz", "")


def choice_table(choice: Choice) -> str:
    """The verdict, the reasons, and every number of segments tried with its figures.

    Examples
    --------
    >>> from ilk.choice.choice import Candidate, Choice
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> shown = choice_table(Choice((one,), verdict="Two segments.", reasons=()))
    >>> "Two segments." in shown, shown.count("–</td>"), shown.count("chosen")
    (True, 1, 1)
    """
    return element(
        "div",
        paragraph(element("strong", words(choice.verdict))),
        bullets(words(reason) for reason in choice.reasons),
        candidates_table(choice.candidates),
    )


def candidates_table(candidates: Sequence[Candidate]) -> str:
    """Every number of segments tried, with its figures.

    Examples
    --------
    >>> from ilk.choice.choice import Candidate
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, None, None, None, 40.0, 0.5, chosen=True)
    >>> candidates_table([one]).count("<tr")
    2
    """
    chosen = next((i for i, each in enumerate(candidates) if each.chosen), None)
    return table(_HEAD, map(_cells, candidates), marked=chosen)


def _cells(candidate: Candidate) -> list[str]:
    return [
        str(candidate.k),
        format_number(candidate.inertia),
        _index(candidate.silhouette, 3),
        _index(candidate.davies_bouldin, 3),
        _index(candidate.calinski_harabasz, 1),
        "chosen" if candidate.chosen else "",
    ]


def _index(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:z,.{decimals}f}"
