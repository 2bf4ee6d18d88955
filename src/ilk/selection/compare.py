"""Contest: every algorithm on the same customers, side by side, and which one to use."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import NOWHERE, Floats, Labels
from ilk.cluster.weighted_rows import Rows, distinct, looked_at
from ilk.errors import GateError, InputError
from ilk.progress import Watch
from ilk.selection.algorithm_choice import Preference, prefer
from ilk.selection.algorithm_result import Entry
from ilk.selection.candidates import Candidate
from ilk.selection.connectivity import Links
from ilk.selection.settings import Terms
from ilk.selection.sweep import Sweep, try_all

DRAWN = 1_000
"""Customers to be drawn; more are sampled."""


@dataclass(frozen=True)
class Contest:
    """What every algorithm found on the same customers.

    ``customers`` were clustered, and ``linked`` of them asked for their next neighbours.
    ``values``, shape (m, d), are those to be drawn; the labels of the entries are theirs.
    """

    entries: tuple[Entry, ...]
    preference: Preference
    customers: int
    linked: int
    values: Floats

    @property
    def preferred(self) -> Entry:
        """The entry to use."""
        return next(each for each in self.entries if each.algorithm == self.preference.algorithm)


def contest(values: Floats, settings: Terms, progress: Watch) -> Contest:
    """Let every algorithm come to its own number of segments, and say which one to use.

    An algorithm that finds nothing has an entry that says so.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    settings : Terms
        Of every algorithm; those that find the number themselves are not told it.
    progress : Watch
        Told about every algorithm, a step each.

    Raises
    ------
    InputError
        ``E_TOO_FEW_DISTINCT`` if fewer rows differ than ``terms.k``, or than 2.

    Examples
    --------
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> found = contest(values, Terms(), Watch())
    >>> found.preferred.title, found.preferred.k, found.preferred.cut
    ('k-means', 3, 0.0)
    """
    bench = Bench(values, settings)
    links = Links(bench.rows, settings.seed)
    drawn = looked_at(bench.rows, DRAWN, settings.seed)
    entries, labels = [], {}
    for name, algorithm in ALGORITHMS.items():
        step = f"Trying {algorithm.title}"
        with progress.step(step):
            entry, own = _run_algorithm(name, bench, settings, links)
        if own is not None:
            labels[name] = own
            entry = replace(entry, labels=own[drawn])
        entries.append(replace(entry, seconds=progress.timings.get(step)))
    return Contest(
        tuple(entries),
        prefer(entries, links, labels),
        int(bench.rows.weights.sum()),
        links.rows,
        bench.rows.values[drawn],
    )


def _run_algorithm(
    name: str, runner: Bench, settings: Terms, graph: Links
) -> tuple[Entry, Labels | None]:
    """An algorithm's entry, and the labels of all distinct rows."""
    algorithm = ALGORITHMS[name]
    try:
        sweep = runner.sweep(name)
        k = settings.k if algorithm.takes_k and settings.k != "auto" else sweep.recommended
        sweep.pick(k)
    except GateError as error:
        return Entry(name, algorithm.title, refused=error.message), None
    except InputError as error:
        if name == "kmeans":
            raise
        return Entry(name, algorithm.title, refused=error.message), None
    entry, labels = _measure_result(name, sweep, k, runner, graph)
    if k > 1:
        return entry, labels
    told = "it found a single cluster and no others"
    return Entry(name, algorithm.title, k=k, noise=entry.noise, refused=told), None


def _measure_result(
    name: str, sweep: Sweep, k: int, runner: Bench, graph: Links
) -> tuple[Entry, Labels]:
    weights = runner.rows.weights
    found = next(each for each in sweep.candidates if each.k == k)
    labels, sizes = _renumber_by_size(sweep.fitted[k].labels, weights, k)
    shares = sizes[sizes > 0] / max(sizes.sum(), 1.0)
    entry = Entry(
        name,
        ALGORITHMS[name].title,
        k=k,
        noise=float(weights[labels == NOWHERE].sum() / weights.sum()),
        silhouette=found.silhouette,
        silhouette_squared=found.silhouette_squared,
        excess=found.excess,
        calinski_harabasz=found.calinski_harabasz,
        davies_bouldin=found.davies_bouldin,
        stability=found.stability,
        stability_least=found.stability_least,
        smallest=found.smallest,
        largest=found.largest,
        groups=found.groups,
        effective=float(np.exp(-(shares * np.log(shares)).sum())),
        cut=graph.cut(labels),
        changed=sweep.fitted[k].changed,
        structure=sweep.structure,
    )
    return entry, labels


def _renumber_by_size(labels: Labels, weights: Floats, k: int) -> tuple[Labels, Floats]:
    """The labels numbered anew by size, and the sizes."""
    inside = labels != NOWHERE
    sizes = np.bincount(labels[inside], weights[inside], minlength=k).astype(np.float64)
    order = np.argsort(-sizes, kind="stable")
    # The last place of the table is where label -1 looks.
    places = np.full(k + 1, NOWHERE, dtype=np.int32)
    places[order] = np.arange(k, dtype=np.int32)
    return places[labels], sizes[order]


class Bench:
    """The same rows for one algorithm after the other.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Encoded rows, finite.
    terms : Terms
        Of every algorithm; those that find K themselves are not told ``k``.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.repeat([[0.0], [5.0], [20.0]], 20, axis=0) + np.linspace(0, 1, 60)[:, None]
    >>> bench = Bench(values, Terms())
    >>> [bench.sweep(name).recommended for name in ("kmeans", "ward")]
    [3, 3]
    """

    def __init__(self, values: Floats, settings: Terms) -> None:
        self.rows: Rows = distinct(values)
        self._values, self._settings = values, settings
        self._null_silhouettes: dict[int, float] = {}
        self._k_max: int | None = settings.k_max

    def sweep(self, algorithm: str) -> Sweep:
        """Every K of an algorithm; those that take a K try the same ones.

        Raises
        ------
        InputError
            If the algorithm finds nothing in these rows.
        """
        terms = replace(self._settings, algorithm=algorithm, k_max=self._k_max)
        if not ALGORITHMS[algorithm].takes_k:
            return try_all(self._values, replace(terms, k="auto"), self._null_silhouettes)
        found = try_all(self._values, terms, self._null_silhouettes)
        if algorithm == "kmeans":
            self._null_silhouettes |= _null_silhouettes(found.candidates)
            self._k_max = max(found.fitted)
        return found


def _null_silhouettes(candidates: tuple[Candidate, ...]) -> dict[int, float]:
    """What tables without segments give, by K."""
    return {
        each.k: (each.silhouette_squared or 0.0) - each.excess
        for each in candidates
        if each.excess is not None
    }
