"""Plots: the pictures of a run, each on the axes given or on new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ilk.choice.silhouette import silhouette_rows
from ilk.errors import InputError, did_you_mean, shorten
from ilk.report import charts
from ilk.report.pictures import KEYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ilk.cluster.partition import Floats
    from ilk.run import Run


class Plots:
    """The plots of one run.

    Examples
    --------
    >>> import ilk
    >>> ilk.fit(ilk.demo.load("mall")).plot.elbow().get_xlabel()
    'Number of segments (K)'
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def elbow(self, ax: Axes | None = None) -> Axes:
        """Inertia against K, the chosen K marked."""
        return charts.elbow(self._run.choice.candidates, ax)

    def silhouette(self, ax: Axes | None = None) -> Axes:
        """Silhouette of every customer, or of a sample of them, segment by segment."""
        view = self._run.view
        values, labels = silhouette_rows(view.values, view.labels)
        return charts.silhouette(values, labels + 1, self._names, float(values.mean()), ax)

    def scatter(
        self,
        ax: Axes | None = None,
        *,
        by: Literal["columns", "components"] = "columns",
        x: str | None = None,
        y: str | None = None,
    ) -> Axes:
        """Customers and centres in two columns, or in two principal components.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on.
        by : {"columns", "components"}
            Draw numeric columns, or the components of the encoded features.
        x, y : str, optional
            The columns; the most telling ones unless given.

        Raises
        ------
        InputError
            If there is no such numeric column.
        """
        names = [] if by == "components" else self._telling(x, y)
        if not names:
            return self._dots(*self._components(), ax)
        points = self._run.view.frame.select(names).to_numpy()
        return self._dots(*_two(points, names), ax)

    def profile(self, ax: Axes | None = None) -> Axes:
        """What every segment is like, column by column, in original units."""
        model = self._run.model
        return charts.profile(model.segments, model.everyone, model.schema.described, ax)

    def sizes(self, ax: Axes | None = None) -> Axes:
        """Customers per segment."""
        return charts.sizes(self._run.segments, ax)

    def images(self, *, scatter: Literal["columns", "components"] = "columns") -> dict[str, bytes]:
        """Every plot as a PNG, by name."""
        axes = {name: getattr(self, name)() for name in KEYS if name != "scatter"}
        axes["scatter"] = self.scatter(by=scatter)
        return {name: charts.png(axes[name]) for name in KEYS}

    @property
    def _names(self) -> list[str]:
        return [segment.name for segment in self._run.segments]

    def _dots(self, points: Floats, names: list[str], ax: Axes | None) -> Axes:
        x_label, y_label = names
        view = self._run.view
        shown = ~np.isnan(points).any(axis=1)
        points, labels = points[shown], view.labels[shown]
        centers = np.array(
            [points[labels == label].mean(axis=0) for label in range(len(self._run.segments))]
        )
        x, y = points.T
        return charts.scatter(x, y, labels + 1, centers, self._names, x_label, y_label, ax)

    def _components(self) -> tuple[Floats, list[str]]:
        """The encoded features turned onto their two directions of largest spread."""
        values = self._run.view.values
        centered = values - values.mean(axis=0)
        _, spreads, directions = np.linalg.svd(centered, full_matrices=False)
        shares = spreads**2 / (spreads**2).sum()
        names = [
            f"principal component {number} ({share:.0%})"
            for number, share in enumerate(shares[:2], start=1)
        ]
        return _two(centered @ directions[:2].T, names)

    def _telling(self, x: str | None, y: str | None) -> list[str]:
        """The two numeric columns to draw: those given, then those that tell segments apart."""
        numbers = [
            column.name for column in self._run.model.schema.described if column.kind == "number"
        ]
        for name in (x, y):
            if name is not None and name not in numbers:
                raise InputError(
                    "E_UNKNOWN_COLUMN",
                    f"there is no numeric column {shorten(name)}",
                    place="scatter",
                    way_out=did_you_mean(name, numbers),
                )
        rest = [name for name in sorted(numbers, key=self._rank) if name not in (x, y)]
        found = iter(sorted(rest[: (x is None) + (y is None)], key=numbers.index))
        return [name for name in (x or next(found, None), y or next(found, None)) if name]

    def _rank(self, name: str) -> tuple[bool, float]:
        """Features first; then by the share of a column's spread that lies between segments."""
        between = sum(
            segment.figures.share * trait.effect**2
            for segment in self._run.segments
            for trait in segment.traits
            if trait.column == name
        )
        features = {column.name for column in self._run.model.schema.features}
        return name not in features, -between


def _two(points: Floats, names: list[str]) -> tuple[Floats, list[str]]:
    """Two columns to draw; where there is only one, the other is a line."""
    if len(names) == 2:
        return points, names
    return np.column_stack([points, np.zeros(len(points))]), [*names, ""]
