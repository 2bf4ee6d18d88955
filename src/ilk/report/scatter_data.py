"""Dots: customers in two columns, or in two principal components, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ilk.formatting.numbers import format_percent
from ilk.report.sample_view import PlotSample, subsample_rows

if TYPE_CHECKING:
    from ilk.cluster.partition import Floats


@dataclass(frozen=True)
class ScatterData:
    """Customers in two directions, and the centres of their segments there.

    ``points`` has shape (n, 2) and is NaN where a customer has no value; ``titles`` name the two
    directions, the second is empty where there is only one. ``view`` holds what else is known of
    the same n customers. ``centers``, shape (k, 2), are the means of all customers with both
    values, NaN for a segment without any. Where components are drawn, ``shares`` are the parts of
    the variance of the encoded features that lie along each.
    """

    points: Floats
    titles: tuple[str, str]
    sample: PlotSample
    centers: Floats
    shares: tuple[float, ...] = ()

    def subsample(self, limit: int) -> ScatterData:
        """At most ``limit`` of the customers, as :meth:`.sample_view.View.few` picks them."""
        rows = subsample_rows(self.sample.labels, limit)
        return replace(self, points=self.points[rows], sample=self.sample.take(rows))


def make_scatter_data(sample: PlotSample, column_names: Sequence[str] = ()) -> ScatterData:
    """The customers of a view in up to two of its numeric columns, or in principal components.

    Parameters
    ----------
    sample : View
    column_names : sequence of str
        One or two numeric columns; none for the two principal components of the encoded features.

    Examples
    --------
    >>> import ilk
    >>> view = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot_sample
    >>> make_scatter_data(view, ["Age", "Annual Income (k$)"]).centers.shape
    (5, 2)
    >>> make_scatter_data(view).titles
    ('principal component 1 (52%)', 'principal component 2 (48%)')
    """
    shares: tuple[float, ...] = ()
    if column_names:
        columns = [sample.frame[name].cast(float).to_numpy() for name in column_names[:2]]
        titles = list(column_names[:2])
    else:
        points, shares = sample.project_components()
        columns = list(points.T)
        told = map(format_percent, shares)
        titles = [f"principal component {number} ({each})" for number, each in enumerate(told, 1)]
    # Where there is only one direction, the other is a line.
    columns = [*columns, np.zeros(len(sample.labels))][:2]
    points = np.column_stack(columns)
    first, second = [*titles, ""][:2]
    return ScatterData(points, (first, second), sample, _compute_centers(points, sample), shares)


def _compute_centers(points: Floats, sample: PlotSample) -> Floats:
    k = int(sample.labels.max(initial=-1)) + 1
    centers = np.full((k, 2), np.nan)
    whole = ~np.isnan(points).any(axis=1)
    for label in np.unique(sample.labels[whole]):
        centers[label] = points[whole & (sample.labels == label)].mean(axis=0)
    return centers
