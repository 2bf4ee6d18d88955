"""The rows on which K and the centers were found, for plots and forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ilk.features.pca import fit_pca
from ilk.formatting.numbers import format_percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ilk.cluster.partition import Floats, Labels


_MIN_SEGMENT_ROWS = 20
"""Rows that a segment keeps in a smaller sample, as far as it has them and the limit allows."""


@dataclass(frozen=True)
class PlotSample:
    """The rows on which K and the centers were found, for plots.

    ``frame`` holds the profile columns in original units, (n, columns); ``values`` the encoded
    features, (n, d); ``labels`` the 0-based segments, (n,). ``explained_variance`` is the share of
    the variance of the encoded features that ``values`` hold: less than 1 where the run was
    clustered on some of their principal components.

    Examples
    --------
    >>> import ilk
    >>> sample = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot_sample
    >>> sample.frame.shape, sample.values.shape, sample.labels.shape
    ((200, 4), (200, 2), (200,))
    """

    frame: pl.DataFrame
    values: Floats
    labels: Labels
    explained_variance: float = 1.0

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """Names of the numeric columns."""
        return tuple(name for name, dtype in self.frame.schema.items() if dtype.is_numeric())

    def subsample(self, limit: int) -> PlotSample:
        """At most ``limit`` rows in their order, some of every segment.

        A segment keeps 20 rows, or all that it has, and more in proportion to its size. Where
        ``limit`` is too small for 20 of every segment, all keep the same number. Within a segment
        the rows are evenly spaced: the same sample gives the same rows.

        Examples
        --------
        >>> import ilk
        >>> sample = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot_sample.subsample(120)
        >>> sample.frame.height, np.bincount(sample.labels).tolist()
        (117, [32, 23, 22, 20, 20])
        """
        return self if len(self.labels) <= limit else self.take(subsample_rows(self.labels, limit))

    def take(self, positions: NDArray[np.int64]) -> PlotSample:
        """The rows at these positions."""
        return replace(
            self,
            frame=self.frame[positions],
            values=self.values[positions],
            labels=self.labels[positions],
        )


def project_to_plane(
    values: Floats, explained_variance: float = 1.0
) -> tuple[Floats, tuple[float, ...]]:
    """Encoded features on their first two principal components.

    Parameters
    ----------
    values : ndarray, shape (n, d)
        Encoded features.
    explained_variance : float
        Share of the whole variance that ``values`` hold: less than 1 where some components were
        left out before clustering.

    Returns
    -------
    points : ndarray, shape (n, 2)
        Where there is only one direction, the second column is 0.
    shares : tuple of float
        The share of the whole variance along each direction; one or two.

    Examples
    --------
    >>> values = np.array([[3.0, 1.0], [3.0, -1.0], [-3.0, 1.0], [-3.0, -1.0]])
    >>> points, shares = project_to_plane(values)
    >>> points.tolist(), [round(share, 3) for share in shares]
    ([[3.0, 1.0], [3.0, -1.0], [-3.0, 1.0], [-3.0, -1.0]], [0.9, 0.1])
    """
    components = fit_pca(values).keep_first(2)
    points = np.zeros((len(values), 2))
    points[:, : len(components.directions)] = components.encode(values)
    return points, tuple(share * explained_variance for share in components.shares or (0.0,))


def subsample_rows(labels: Labels, limit: int) -> NDArray[np.int64]:
    """Positions of at most ``limit`` rows, chosen as :meth:`PlotSample.subsample` says.

    Examples
    --------
    >>> subsample_rows(np.array([0, 0, 0, 0, 1, 1], dtype=np.int32), 4).tolist()
    [0, 2, 4, 5]
    """
    if len(labels) <= limit:
        return np.arange(len(labels))
    sizes = np.bincount(labels)
    quotas = _allocate_quotas(sizes, limit)
    kept = [
        _pick_evenly(np.flatnonzero(labels == label), quota) for label, quota in enumerate(quotas)
    ]
    return np.sort(np.concatenate(kept))


def _allocate_quotas(sizes: NDArray[np.int64], limit: int) -> list[int]:
    """How many rows every segment keeps; ``limit`` is below the number of rows."""
    floor = min(_MIN_SEGMENT_ROWS, limit // int(np.count_nonzero(sizes)))
    minimum = np.minimum(sizes, floor)
    available, remaining = limit - minimum.sum(), sizes - minimum
    quotas: list[int] = (minimum + remaining * available // remaining.sum()).tolist()
    return quotas


def _pick_evenly(rows: NDArray[np.int64], quota: int) -> NDArray[np.int64]:
    """``quota`` of the rows, evenly spaced."""
    return rows[np.arange(quota) * len(rows) // max(quota, 1)]


@dataclass(frozen=True)
class ScatterData:
    """Customers in two dimensions, and the centers of their segments there.

    ``points`` has shape (n, 2) and is NaN where a customer has no value; ``titles`` name the two
    dimensions, the second is empty where there is only one. ``sample`` holds what else is known of
    the same n customers. ``centers``, shape (k, 2), are the means of all customers with both
    values, NaN for a segment without any. Where components are drawn, ``shares`` are their shares
    of the variance of the encoded features.
    """

    points: Floats
    titles: tuple[str, str]
    sample: PlotSample
    centers: Floats
    shares: tuple[float, ...] = ()

    def subsample(self, limit: int) -> ScatterData:
        """At most ``limit`` of the customers, chosen as :meth:`.PlotSample.subsample` says."""
        rows = subsample_rows(self.sample.labels, limit)
        return replace(self, points=self.points[rows], sample=self.sample.take(rows))


def make_scatter_data(sample: PlotSample, column_names: Sequence[str] = ()) -> ScatterData:
    """The customers of a sample in up to two numeric columns, or in principal components.

    Parameters
    ----------
    sample : PlotSample
    column_names : sequence of str
        One or two numeric columns; none for the two principal components of the encoded features.

    Examples
    --------
    >>> import ilk
    >>> sample = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot_sample
    >>> make_scatter_data(sample, ["Age", "Annual Income (k$)"]).centers.shape
    (5, 2)
    >>> make_scatter_data(sample).titles
    ('Principal component 1 (52% of the variance)', 'Principal component 2 (48% of the variance)')
    """
    shares: tuple[float, ...] = ()
    if column_names:
        columns = [sample.frame[name].cast(float).to_numpy() for name in column_names[:2]]
        titles = list(column_names[:2])
    else:
        points, shares = project_to_plane(sample.values, sample.explained_variance)
        columns = list(points.T)
        titles = [
            f"Principal component {number} ({format_percent(share)} of the variance)"
            for number, share in enumerate(shares, 1)
        ]
    # Where there is only one dimension, the customers stand on a line.
    columns = [*columns, np.zeros(len(sample.labels))][:2]
    points = np.column_stack(columns)
    first, second = [*titles, ""][:2]
    return ScatterData(points, (first, second), sample, _compute_centers(points, sample), shares)


def _compute_centers(points: Floats, sample: PlotSample) -> Floats:
    k = int(sample.labels.max(initial=-1)) + 1
    centers = np.full((k, 2), np.nan)
    complete = ~np.isnan(points).any(axis=1)
    for label in np.unique(sample.labels[complete]):
        centers[label] = points[complete & (sample.labels == label)].mean(axis=0)
    return centers
