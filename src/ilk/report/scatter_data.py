"""Customers in two columns, or in two principal components, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ilk.formatting.numbers import format_percent
from ilk.report.sample_view import PlotSample, project_to_plane, subsample_rows

if TYPE_CHECKING:
    from ilk.cluster.partition import Floats


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
