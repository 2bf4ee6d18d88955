"""View: the rows on which K and the centres were found, for pictures and forms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ilk.features.pca import fit_pca

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ilk.cluster.partition import Floats, Labels

_MIN_SEGMENT_ROWS = 20
"""Rows that a segment keeps in a smaller view, if it has so many and there is room for them."""


@dataclass(frozen=True)
class PlotSample:
    """The rows on which K and the centres were found, for plots.

    ``frame`` holds the described columns in original units, (n, columns); ``values`` the encoded
    features, (n, d); ``labels`` the 0-based segments, (n,). ``explained`` is the share of the
    variance of the encoded features that ``values`` hold: less than 1 where the run was clustered
    on some of their principal components.

    Examples
    --------
    >>> import ilk
    >>> view = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot_sample
    >>> view.frame.shape, view.values.shape, view.labels.shape
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

    def project_components(self) -> tuple[Floats, tuple[float, ...]]:
        """The encoded features turned onto their two directions of largest spread.

        Returns
        -------
        points : ndarray, shape (n, 2)
            Where there is only one direction, the second column is 0.
        shares : tuple of float
            The share of the whole variance that lies along each direction; one or two. What was
            left out before clustering belongs to the whole.

        Examples
        --------
        >>> frame = pl.DataFrame({"x": [3.0, 3.0, -3.0, -3.0], "y": [1.0, -1.0, 1.0, -1.0]})
        >>> view = PlotSample(frame, frame.to_numpy(), np.zeros(4, dtype=np.int32))
        >>> points, shares = view.project_components()
        >>> points.tolist(), [round(share, 3) for share in shares]
        ([[3.0, 1.0], [3.0, -1.0], [-3.0, 1.0], [-3.0, -1.0]], [0.9, 0.1])
        """
        components = fit_pca(self.values).keep_first(2)
        points = np.zeros((len(self.values), 2))
        points[:, : len(components.directions)] = components.encode(self.values)
        return points, tuple(
            share * self.explained_variance for share in components.shares or (0.0,)
        )

    def subsample(self, limit: int) -> PlotSample:
        """At most ``limit`` of the rows, in their order, every segment among them.

        A segment keeps 20 rows, or all that it has, and further ones in proportion to its size.
        Where ``limit`` leaves no room for 20 of every segment, each keeps an equal part of it.
        Within a segment the rows are taken at equal distances: the same view gives the same rows.

        Examples
        --------
        >>> import ilk
        >>> view = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot_sample.subsample(120)
        >>> view.frame.height, np.bincount(view.labels).tolist()
        (117, [32, 23, 22, 20, 20])
        """
        return self if len(self.labels) <= limit else self.take(subsample_rows(self.labels, limit))

    def take(self, positions: NDArray[np.int64]) -> PlotSample:
        """The rows at these places."""
        return replace(
            self,
            frame=self.frame[positions],
            values=self.values[positions],
            labels=self.labels[positions],
        )


def subsample_rows(labels: Labels, limit: int) -> NDArray[np.int64]:
    """Places of at most ``limit`` rows, as :meth:`View.few` describes them.

    Examples
    --------
    >>> subsample_rows(np.array([0, 0, 0, 0, 1, 1], dtype=np.int32), 4).tolist()
    [0, 2, 4, 5]
    """
    if len(labels) <= limit:
        return np.arange(len(labels))
    sizes = np.bincount(labels)
    own = [np.flatnonzero(labels == label) for label in range(len(sizes))]
    kept = [_pick_evenly(*each) for each in zip(own, _allocate_quotas(sizes, limit), strict=True)]
    return np.sort(np.concatenate(kept))


def _allocate_quotas(sizes: NDArray[np.int64], limit: int) -> list[int]:
    """How many rows every segment keeps; ``limit`` is less than all of them."""
    floor = min(_MIN_SEGMENT_ROWS, limit // int(np.count_nonzero(sizes)))
    least = np.minimum(sizes, floor)
    room, rest = limit - least.sum(), sizes - least
    quotas: list[int] = (least + rest * room // rest.sum()).tolist()
    return quotas


def _pick_evenly(rows: NDArray[np.int64], quota: int) -> NDArray[np.int64]:
    """So many of the rows, at equal distances."""
    return rows[np.arange(quota) * len(rows) // max(quota, 1)]
