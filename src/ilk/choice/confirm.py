"""Confirm: do the clusters of any algorithm come back? Asked only where it decides.

Finding clusters again on fifty halves of the customers is what costs most with algorithms other
than k-means. The rule needs to know of few K that they come back: the one that leads over chance
most, because others are held against it, and the one that it recommends. A K that fails is out, and
the rule goes on without it. What comes out is what testing all of them would give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ilk.choice.choice import Candidate
from ilk.choice.rule import promising, recommend
from ilk.choice.stability import Stability, refitted
from ilk.choice.terms import Terms
from ilk.cluster.algorithms import ALGORITHMS, Fitted
from ilk.cluster.rows import Rows
from ilk.errors import GateError


def confirmed(
    candidates: Sequence[Candidate], fitted: Mapping[int, Fitted], rows: Rows, terms: Terms
) -> tuple[tuple[Candidate, ...], dict[int, Stability]]:
    """The same candidates, those that decide with their stability; and how sure these are.

    Parameters
    ----------
    candidates : sequence of Candidate
        With every test made but stability.
    fitted : mapping of int to Fitted
        What was found for each.
    rows : Rows
        n distinct rows with weights.
    terms : Terms
    """
    table = {each.k: each for each in candidates}
    sure: dict[int, Stability] = {}
    while wanted := [k for k in _deciding(list(table.values()), terms) if k not in sure]:
        for k in wanted:
            algorithm = ALGORITHMS[terms.algorithm]
            sure[k] = refitted(rows, algorithm, fitted[k].partition, seed=terms.seed)
            table[k] = replace(table[k], stability=sure[k].mean, stability_least=sure[k].least)
    return tuple(table.values()), sure


def _deciding(candidates: Sequence[Candidate], terms: Terms) -> set[int]:
    """The K of whom the rule has to know that they come back."""
    asked = set() if terms.k == "auto" else {terms.k}
    if all(each.k == 1 for each in candidates):
        return set()
    try:
        recommended = recommend(candidates).k
    except GateError:
        return asked
    hopeful = promising(candidates)
    leading = {max(hopeful, key=lambda each: each.excess or 0.0).k} if hopeful else set()
    return leading | asked | {recommended}
