"""Doubts: what the user is warned of once the number of segments is settled."""

from __future__ import annotations

from collections.abc import Iterator

from ilk.choice.choice import Choice
from ilk.choice.verdict import CONVENTIONS
from ilk.cluster.algorithms import ALGORITHMS
from ilk.digits import format_percent
from ilk.errors import Notice

_CHANGED = 0.05
"""Share of the customers whom an algorithm would place otherwise, above which one is told."""


def doubts(choice: Choice) -> Iterator[Notice]:
    """Why the segments chosen are to be taken with care.

    Examples
    --------
    >>> from ilk.choice.choice import Candidate
    >>> two = Candidate("ward", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, changed=0.08, chosen=True)
    >>> for notice in doubts(Choice((two,), "No segments.", (), structure="none")):
    ...     print(notice.code, notice.message[:45])
    W_NO_STRUCTURE no segments stand out: the borders are conven
    W_RELABELLED Ward's method itself put 8 % of these custome
    """
    if choice.structure == "none":
        yield Notice("W_NO_STRUCTURE", f"no segments stand out: {CONVENTIONS}")
    changed = choice.chosen.changed or 0.0
    if changed > _CHANGED:
        title = ALGORITHMS[choice.chosen.algorithm].title
        message = (
            f"{title} itself put {format_percent(changed)} of these customers into another segment "
            "than the model, which places them as it places new ones"
        )
        yield Notice("W_RELABELLED", message)
