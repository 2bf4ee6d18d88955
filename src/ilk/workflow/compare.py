"""Compared: every algorithm on the customers of a table, and what that leaves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilk.columns.infer import Understood
from ilk.errors import GateError, Notice
from ilk.features.encoder import fit_encoder
from ilk.features.pca import fit_components
from ilk.formatting.numbers import format_percent
from ilk.progress import Watch
from ilk.recipe import Recipe
from ilk.report.algorithm_table import entries_table, like, looked_at, panel_title
from ilk.report.notebook.views import comparison_view
from ilk.selection.algorithm_choice import finds_segments
from ilk.selection.algorithm_result import Entry
from ilk.selection.compare import Contest, contest
from ilk.tables.output_dir import Sink
from ilk.tables.safe_csv import write_csv
from ilk.tables.source import open_source
from ilk.tables.targets import input_files
from ilk.workflow.fit import terms_of, understand

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from ilk.cluster.partition import Floats
    from ilk.report.charts.panels import Panel

NAMES = ("compare.csv", "compare.png")
"""The files that a comparison leaves in its folder."""


@dataclass(frozen=True)
class Compared:
    """Every algorithm on the customers of a table, and which one to use.

    ``explained`` is the share of the variance of the encoded features that was clustered on;
    ``inputs`` are the files that were read, which results never replace.

    Examples
    --------
    >>> import ilk
    >>> compared = ilk.compare(ilk.demo.load("mall"), describe=["Age"])
    >>> compared.preferred.title, compared.preferred.k
    ('k-means', 5)
    """

    contest: Contest
    name: str
    explained: float = 1.0
    notices: tuple[Notice, ...] = ()
    inputs: tuple[Path, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What every algorithm found, k-means first."""
        return self.contest.entries

    @property
    def preferred(self) -> Entry:
        """The entry of the algorithm to use."""
        return self.contest.preferred

    @property
    def reason(self) -> str:
        """Why that one."""
        return self.contest.preference.reason

    @property
    def table(self) -> pl.DataFrame:
        """One row per algorithm, as ``compare.csv`` holds them."""
        return entries_table(self.contest)

    @cached_property
    def points(self) -> tuple[Floats, str]:
        """The customers to be drawn in two principal components, and a caption."""
        import numpy as np

        values = self.contest.values
        components = fit_components(values).first(2)
        points = np.zeros((len(values), 2))
        points[:, : len(components.directions)] = components.encode(values)
        share = format_percent(sum(components.shares) * self.explained)
        drawn = f"The first two principal components ({share} of the variance). "
        return points, f"{drawn}{looked_at(self.contest)}"

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """What is drawn of every algorithm; like segments have the colours of the first's."""
        from ilk.report.charts.panels import Panel

        drawn: list[Panel] = []
        first = None
        for each in self.entries:
            marked = each.algorithm == self.preferred.algorithm
            labels = each.labels if each.found else None
            if labels is not None:
                first = labels if first is None else first
                labels = like(first, labels)
            drawn.append(Panel(panel_title(each, recommended=marked), labels, marked))
        return tuple(drawn)

    def plot(self) -> Axes:
        """The customers in two principal components, once for every algorithm, on new axes."""
        from ilk.report.charts.panels import panels

        points, caption = self.points
        return panels(points, self.panels, caption)

    def summary(self) -> dict[str, Any]:
        """The comparison as one plain dict."""
        return {
            "format": "ilk comparison",
            "source": self.name,
            "preferred": self.preferred.algorithm,
            "reason": self.reason,
            "customers": self.contest.customers,
            "linked": self.contest.linked,
            "algorithms": self.table.to_dicts(),
            "notices": [
                {"code": each.code, "message": each.message, "column": each.column}
                for each in self.notices
            ],
        }

    def write(self, directory: str | Path, *, overwrite: bool = False) -> Path:
        """Write ``compare.csv`` and ``compare.png``, both whole or none at all.

        Returns
        -------
        Path
            The picture.

        Raises
        ------
        OutputError
            If the folder holds an earlier comparison and ``overwrite`` is false, or cannot be
            written, or if a file that was read would be replaced.
        """
        from ilk.report.charts import png

        with folder(Path(directory), overwrite=overwrite, inputs=self.inputs) as sink:
            write_csv(self.table, sink.path("compare.csv"))
            sink.path("compare.png").write_bytes(png(self.plot()))
        return Path(directory) / "compare.png"

    def __repr__(self) -> str:
        return f"Compared: {self.reason}"

    def _repr_html_(self) -> str:
        """Which one to use and why, and the table, in a notebook."""
        return comparison_view(self.contest)


def folder(directory: Path, *, overwrite: bool, inputs: Collection[Path] = ()) -> Sink:
    """The folder of a comparison: whole or not at all, the picture last; ``inputs`` stay."""
    return Sink(
        directory, overwrite=overwrite, names=NAMES, final_name="compare.png", inputs=inputs
    )


def compare(
    source: object,
    recipe: Recipe,
    *,
    exclude: Path | Collection[str] = (),
    progress: Watch | None = None,
) -> Compared:
    """Read the customers, encode them once, and let every algorithm try.

    Parameters
    ----------
    source : path, data frame or Source
        The customers, one row each.
    recipe : Recipe
        Every choice but the algorithm; ``k`` is for those that have to be told.
    exclude : Path or collection of str
        Ids of customers who must not be used at all, or a file of them.
    progress : Watch, optional
        Told about the steps, one per algorithm.

    Raises
    ------
    InputError
        If the customers cannot be read or segmented as they are.
    GateError
        ``E_NO_STRUCTURE`` if segments are required and none of the algorithms finds any.

    Examples
    --------
    >>> import ilk
    >>> compare(ilk.demo.load("mall"), Recipe(describe=("Age",))).preferred.algorithm
    'kmeans'
    """
    progress = progress or Watch()
    with progress.step("Reading the customers"):
        understood = understand(open_source(source, recipe.reading), recipe, exclude)
    compared = hold(understood, recipe, progress)
    return replace(compared, inputs=input_files(understood.source, exclude))


def hold(inferred: Understood, recipe: Recipe, progress: Watch) -> Compared:
    """Everything after the first scan."""
    encoder = fit_encoder(inferred.sample, inferred.schema, recipe)
    encoded = encoder.encode(inferred.sample)
    found = contest(encoded.values[encoded.usable], terms_of(recipe, encoder), progress)
    if recipe.require_structure and not finds_segments(found.preferred):
        raise GateError(
            "E_NO_STRUCTURE",
            found.preference.reason.removesuffix("."),
            place="--require-structure",
            way_out="Leave the option out for segments by convention, or use other columns.",
        )
    return Compared(found, inferred.source.name, encoder.explained, inferred.notices)
