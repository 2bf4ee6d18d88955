"""Evidence: everything that is known of every K."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS, Fitted
from ilk.cluster.parallel import side_by_side
from ilk.cluster.partition import NOWHERE, Labels
from ilk.cluster.weighted_rows import Rows, total
from ilk.selection.candidates import Candidate
from ilk.selection.connectivity import Links
from ilk.selection.gap import Chance, chance
from ilk.selection.indices import calinski_harabasz, davies_bouldin, elbows
from ilk.selection.settings import Terms, limited
from ilk.selection.silhouette import Silhouette, silhouette_squared, silhouettes
from ilk.selection.stability import Stability, confirmed, stability
from ilk.selection.valley_test import Landscape

_SHORT_ROWS = 10_000
"""Up to here measuring is so short that in threads it would only wait."""


def evidence(
    rows: Rows,
    ks: Sequence[int],
    fitted: Mapping[int, Fitted],
    terms: Terms,
    known: Mapping[int, float] = MappingProxyType({}),
) -> tuple[tuple[Candidate, ...], dict[int, Stability]]:
    """The candidates for K = 1 and for every K of ``ks``, and how sure these are.

    Parameters
    ----------
    rows : Rows
        n distinct rows with weights.
    ks : sequence of int
    fitted : mapping of int to Fitted
        What was found for these, and for their neighbours.
    terms : Terms
    known : mapping of int to float
        The squared silhouette that tables without segments give, by K: it need not be found again
        for another algorithm. Where it is known, there is no gap.

    Examples
    --------
    >>> from ilk.cluster.weighted_rows import distinct
    >>> rows = distinct(np.repeat([[0.0], [9.0]], 9, axis=0) + np.arange(18)[:, None] / 17)
    >>> two = ALGORITHMS["kmeans"].fit(rows, 2, 0)
    >>> (one, best), sure = evidence(rows, [2], {2: two}, Terms())
    >>> one.k, best.groups, best.smallest, sure[2].jaccard.tolist()
    (1, 2, 0.5, [1.0, 1.0])
    """
    spread = _spread(rows)
    inertias = {k: each.partition.inertia for k, each in fitted.items()} | {1: spread}
    bends = elbows(inertias)
    usual = _silhouettes(rows, {k: fitted[k].labels for k in ks if k > 1}, terms.seed)
    chances, sure, groups = ({}, {}, {}) if terms.fast else _tests(rows, ks, fitted, terms, known)
    one = Candidate(
        terms.algorithm, 1, spread, *(None,) * 6, smallest=1.0, largest=1.0, chosen=False
    )
    found = [_tested(one, chances.get(1), None, None if terms.fast else 1)] if 1 not in ks else []
    threads = None if len(rows) > _SHORT_ROWS else 1
    measured = side_by_side(
        lambda k: _candidate(rows, spread, fitted[k], terms.algorithm), ks, at_most=threads
    )
    for k, bare in zip(ks, measured, strict=True):
        alone = _beside_others(bare, usual.get(k), bends.get(k))
        if not (terms.fast or ALGORITHMS[terms.algorithm].takes_k):
            # Balls and rings alike: how tight clusters are says nothing here.
            alone = replace(alone, cut=Links(rows, terms.seed).cut(fitted[k].labels))
        found.append(limited(_tested(alone, chances.get(k), sure.get(k), groups.get(k)), terms))
    if terms.fast or terms.algorithm == "kmeans":
        return tuple(found), sure
    return confirmed(found, fitted, rows, terms)


def _tests(
    rows: Rows,
    ks: Sequence[int],
    fitted: Mapping[int, Fitted],
    terms: Terms,
    known: Mapping[int, float],
) -> tuple[dict[int, Chance], dict[int, Stability], dict[int, int]]:
    several = [k for k in ks if k > 1]
    land = Landscape(rows, terms.blocks, terms.seed)
    threads = None if len(rows) > _SHORT_ROWS else 1
    parted = side_by_side(lambda k: land.groups(fitted[k].partition), ks, at_most=threads)
    groups = dict(zip(ks, parted, strict=True))
    chances = {k: Chance(None, None, known[k]) for k in (1, *ks) if k in known}
    if unknown := [k for k in ks if k not in known]:
        chances |= chance(rows, unknown, blocks=terms.blocks, seed=terms.seed)
    if terms.algorithm == "kmeans":
        centers = {k: fitted[k].partition.centers for k in several}
        return chances, stability(rows, centers, seed=terms.seed), groups
    # What the gap compares is k-means with k-means.
    return {k: replace(each, gap=None, error=None) for k, each in chances.items()}, {}, groups


def _beside_others(candidate: Candidate, usual: Silhouette | None, bend: float | None) -> Candidate:
    """The candidate with what is measured of all K together."""
    candidate = replace(candidate, elbow=bend)
    if usual is None:
        return candidate
    return replace(candidate, silhouette=usual.mean, silhouette_spread=usual.spread)


def _candidate(rows: Rows, spread: float, fitted: Fitted, algorithm: str) -> Candidate:
    """What there is to measure of one K alone; ``spread`` is that of all rows."""
    inside, labels = _inside(rows, fitted.labels)
    partition = fitted.partition
    around = spread if inside is rows else _spread(inside)
    shares = np.bincount(labels, inside.weights, minlength=partition.k) / rows.weights.sum()
    return Candidate(
        algorithm=algorithm,
        k=partition.k,
        inertia=partition.inertia,
        elbow=None,
        silhouette=None,
        silhouette_spread=None,
        silhouette_squared=silhouette_squared(inside, labels) if partition.k > 1 else None,
        calinski_harabasz=calinski_harabasz(
            partition.inertia, around, partition.k, float(inside.weights.sum())
        ),
        davies_bouldin=davies_bouldin(inside, partition.centers, labels),
        smallest=float(shares.min()),
        largest=float(shares.max()),
        changed=fitted.changed,
        chosen=False,
    )


def _tested(
    candidate: Candidate, found: Chance | None, sure: Stability | None, groups: int | None
) -> Candidate:
    """The candidate with what the tests say of it."""
    if found is not None:
        lead = (candidate.silhouette_squared or 0.0) - found.silhouette
        candidate = replace(candidate, gap=found.gap, gap_error=found.error, excess=lead)
    if sure is not None:
        candidate = replace(
            candidate,
            stability=sure.mean,
            stability_least=sure.least,
            seed_agreement=sure.seeds,
        )
    return replace(candidate, groups=groups)


def _silhouettes(rows: Rows, labelings: Mapping[int, Labels], seed: int) -> dict[int, Silhouette]:
    """The usual silhouettes; those of labellings with rows that fit nowhere are of the others."""
    whole = {k: labels for k, labels in labelings.items() if (labels != NOWHERE).all()}
    found = (
        dict(zip(whole, silhouettes(rows, list(whole.values()), seed=seed), strict=True))
        if whole
        else {}
    )
    for k in labelings.keys() - whole.keys():
        inside, labels = _inside(rows, labelings[k])
        [found[k]] = silhouettes(inside, [labels], seed=seed)
    return found


def _inside(rows: Rows, labels: Labels) -> tuple[Rows, Labels]:
    """The rows that fit somewhere, and their labels."""
    inside = labels != NOWHERE
    if inside.all():
        return rows, labels
    return Rows(rows.values[inside], rows.weights[inside]), labels[inside]


def _spread(rows: Rows) -> float:
    """Sum of squared distances to the mean of all rows."""
    apart = rows.values - np.average(rows.values, axis=0, weights=rows.weights)
    return total((apart**2).sum(axis=1) * rows.weights)
