"""The plots of a run, each on the axes given or on new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ilk.errors import InputError, shorten, suggest_name
from ilk.formatting.text import spell_number
from ilk.report import charts
from ilk.report.captions import list_plot_keys
from ilk.report.headline import describe_components
from ilk.report.sample_view import ScatterData, make_scatter_data
from ilk.selection.silhouette import compute_row_silhouettes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ilk.model.model import SegmentModel
    from ilk.report.sample_view import PlotSample


MAX_POINTS = 5_000
"""The most customers drawn, of every segment in proportion; more would hide each other."""


class Plots:
    """The plots of one run.

    Examples
    --------
    >>> import ilk
    >>> ilk.fit(ilk.demo.load("mall")).plot.elbow().get_xlabel()
    'Number of segments (K)'
    """

    def __init__(self, model: SegmentModel, sample: PlotSample) -> None:
        self._model = model
        self._sample = sample

    def elbow(self, ax: Axes | None = None) -> Axes:
        """Inertia against K, the chosen K marked."""
        return charts.draw_elbow(self._model.selection.candidates, ax)

    def silhouette_gain(self, ax: Axes | None = None) -> Axes:
        """How much tighter segments are than those of random data, against K, the chosen K marked.

        Raises
        ------
        InputError
            ``E_NOT_TESTED`` if nothing was compared with random data, as in a fast run.
        """
        selection = self._model.selection
        if "silhouette_gain" not in list_plot_keys(selection):
            raise InputError(
                "E_NOT_TESTED",
                "the segments were not compared with random data",
                place="plot.silhouette_gain",
                way_out="Run again without fast.",
            )
        return charts.draw_silhouette_gain(selection.candidates, ax)

    def silhouette(self, ax: Axes | None = None) -> Axes:
        """Silhouette of every customer, or of a sample of them, segment by segment."""
        sample = self._sample
        values, labels = compute_row_silhouettes(sample.values, sample.labels)
        return charts.draw_silhouette(values, labels + 1, self._names, float(values.mean()), ax)

    def scatter(
        self,
        ax: Axes | None = None,
        *,
        by: Literal["columns", "components"] = "columns",
        x: str | None = None,
        y: str | None = None,
    ) -> Axes:
        """Customers and centers in two columns, or in two principal components.

        The title says how much of the variance the components hold. At most 5,000 customers are
        drawn; the centers are those of all.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on.
        by : {"columns", "components"}
            Draw numeric columns, or the components of the encoded features.
        x, y : str, optional
            The columns; the most distinctive ones unless given.

        Raises
        ------
        InputError
            If there is no such numeric column.
        """
        data = self.get_scatter_data(by=by, x=x, y=y).subsample(MAX_POINTS)
        complete = ~np.isnan(data.points).any(axis=1)
        horizontal, vertical = data.points[complete].T
        labels = data.sample.labels[complete] + 1
        names, titles = self._names, data.titles
        ax = charts.draw_scatter(horizontal, vertical, labels, data.centers, names, *titles, ax)
        if data.shares:
            components = describe_components(data.shares)
            charts.set_title(ax, f"{spell_number(len(names))} segments by {components}")
        return ax

    def get_scatter_data(
        self,
        *,
        by: Literal["columns", "components"] = "columns",
        x: str | None = None,
        y: str | None = None,
    ) -> ScatterData:
        """What :meth:`scatter` draws, for those who draw it in another way; same arguments."""
        return make_scatter_data(
            self._sample, [] if by == "components" else self.choose_columns(x, y)
        )

    def profile(self, ax: Axes | None = None) -> Axes:
        """What every segment is like, column by column, in original units."""
        model = self._model
        return charts.draw_profile(model.segments, model.everyone, model.schema.profile_columns, ax)

    def sizes(self, ax: Axes | None = None) -> Axes:
        """Customers per segment."""
        return charts.draw_sizes(self._model.segments, ax)

    def render_images(
        self, *, scatter: Literal["columns", "components"] = "columns"
    ) -> dict[str, bytes]:
        """Every plot that there is as a PNG, by name."""
        names = list_plot_keys(self._model.selection)
        axes = {name: getattr(self, name)() for name in names if name != "scatter"}
        axes["scatter"] = self.scatter(by=scatter)
        return {name: charts.render_png(axes[name]) for name in names}

    @property
    def _names(self) -> list[str]:
        return [segment.name for segment in self._model.segments]

    def choose_columns(self, x: str | None = None, y: str | None = None) -> list[str]:
        """The numeric columns of a scatter plot: those given, then the most distinctive ones.

        Parameters
        ----------
        x, y : str, optional
            Columns already chosen.

        Returns
        -------
        list of str
            Two columns, or as many as there are.

        Raises
        ------
        InputError
            If there is no such numeric column.

        Examples
        --------
        >>> import ilk
        >>> ilk.fit(ilk.demo.load("mall"), describe=["Age"]).plot.choose_columns(y="Age")
        ['Spending Score (1-100)', 'Age']
        """
        numbers = [
            column.name for column in self._model.schema.profile_columns if column.kind == "number"
        ]
        for name in (x, y):
            if name is not None and name not in numbers:
                raise InputError(
                    "E_UNKNOWN_COLUMN",
                    f"there is no numeric column {shorten(name)}",
                    place="scatter",
                    way_out=suggest_name(name, numbers),
                )
        others = [name for name in sorted(numbers, key=self._rank_column) if name not in (x, y)]
        chosen = iter(sorted(others[: (x is None) + (y is None)], key=numbers.index))
        return [name for name in (x or next(chosen, None), y or next(chosen, None)) if name]

    def _rank_column(self, name: str) -> tuple[bool, float]:
        """Features first; then by the share of a column's variance between segments."""
        between = sum(
            segment.figures.share * trait.effect**2
            for segment in self._model.segments
            for trait in segment.traits
            if trait.column == name
        )
        features = {column.name for column in self._model.schema.features}
        return name not in features, -between
