"""Compared: every algorithm on the customers of a table, and what that leaves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilk.columns.infer import InferredSchema
from ilk.errors import GateError, Notice, Spelling, spell_parameter
from ilk.features.describe import join_cell_notices
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import format_literal
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.report import code
from ilk.report.algorithm_table import (
    describe_sample,
    format_panel_title,
    make_results_table,
    match_labels,
)
from ilk.report.facts import RowCounts
from ilk.report.notebook.views import render_comparison
from ilk.report.sample_view import project_to_plane
from ilk.report.summary import summarize_input
from ilk.report.summary_types import InputSummary
from ilk.schema import Schema
from ilk.selection.algorithm_choice import has_structure
from ilk.selection.candidates import AlgorithmResult
from ilk.selection.compare import AlgorithmComparison, compare_algorithms
from ilk.tables.base import Source
from ilk.tables.output_dir import OutputDir
from ilk.tables.safe_csv import write_csv
from ilk.tables.source import open_source
from ilk.tables.targets import list_input_files
from ilk.workflow.encode_sample import encode_sample
from ilk.workflow.fit import inspect_source, make_settings
from ilk.workflow.record import (
    COMPARISON_FORMAT,
    RECORD_FILE,
    list_recorded_files,
    make_metadata,
    make_record,
    write_record,
)

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from ilk.cluster.partition import Floats
    from ilk.report.charts.panels import Panel

COMPARISON_FILES = ("compare.csv", "compare.png", RECORD_FILE)
"""The files that a comparison leaves in its folder."""


class ComparisonSummary(InputSummary):
    """A finished comparison. Everything in it can be written as JSON.

    ``algorithms`` has the rows of ``compare.csv``; ``customers`` were clustered, and the nearest
    neighbors of ``linked`` of them looked up.
    """

    preferred: str
    reason: str
    customers: int
    linked: int
    algorithms: list[dict[str, Any]]


@dataclass(frozen=True)
class ComparisonRun:
    """Every algorithm on the customers of a table, and which one to use.

    ``n_rows`` of the source were read and used; ``explained_variance`` is the share of the variance
    of the encoded features that was clustered on; ``inputs`` are the files that were read, which
    results never replace.

    Examples
    --------
    >>> import ilk
    >>> compared = ilk.compare(ilk.demo.load("mall"), describe=["Age"])
    >>> compared.recommended_result.title, compared.recommended_result.k
    ('k-means', 5)
    """

    comparison: AlgorithmComparison
    source: Source
    n_rows: int
    schema: Schema
    recipe: Recipe
    explained_variance: float = 1.0
    notices: tuple[Notice, ...] = ()
    inputs: tuple[Path, ...] = ()

    @property
    def results(self) -> tuple[AlgorithmResult, ...]:
        """What every algorithm found, k-means first."""
        return self.comparison.results

    @property
    def recommended_result(self) -> AlgorithmResult:
        """The entry of the algorithm to use."""
        return self.comparison.recommended_result

    @property
    def reason(self) -> str:
        """Why that one."""
        return self.comparison.recommendation.reason

    @property
    def table(self) -> pl.DataFrame:
        """One row per algorithm, as ``compare.csv`` holds them."""
        return make_results_table(self.comparison)

    @cached_property
    def projection(self) -> tuple[Floats, str]:
        """The customers to be drawn in two principal components, and a caption."""
        points, shares = project_to_plane(self.comparison.values, self.explained_variance)
        axes = f"First two principal components ({format_percent(sum(shares))} of the variance)."
        return points, f"{axes} {describe_sample(self.comparison)}"

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """What is drawn of every algorithm; like segments have the colors of the first's."""
        from ilk.report.charts.panels import Panel

        drawn: list[Panel] = []
        first = None
        for result in self.results:
            marked = self.comparison.is_marked(result)
            labels = result.labels if result.has_clusters else None
            if labels is not None:
                first = labels if first is None else first
                labels = match_labels(first, labels)
            drawn.append(Panel(format_panel_title(result, recommended=marked), labels, marked))
        return tuple(drawn)

    def plot(self) -> Axes:
        """The customers in two principal components, once for every algorithm, on new axes."""
        from ilk.report.charts.panels import draw_panels

        points, caption = self.projection
        return draw_panels(points, self.panels, caption)

    @property
    def row_counts(self) -> RowCounts:
        """Rows read, rejected, left out, and sampled to find the segments; nobody is labeled."""
        rejected, excluded = len(self.source.rejects), self.source.n_excluded
        return RowCounts(
            read=self.n_rows + rejected + excluded,
            labeled=0,
            sampled=self.comparison.customers,
            rejected=rejected,
            excluded=excluded,
        )

    def build_summary(
        self,
        *,
        command: str | None = None,
        created: str | None = None,
        spell: Spelling = spell_parameter,
    ) -> ComparisonSummary:
        """Build one plain dict of the comparison.

        Parameters
        ----------
        command : str, optional
            A command that makes it again; a call of :func:`ilk.compare` unless given.
        created : str, optional
            The date to record.
        spell : callable
            Spells the options that warnings name; as parameters in Python unless given.
        """
        name = self.source.name
        again = code.format_call(format_literal(name), self.recipe, function="ilk.compare")
        metadata = make_metadata(
            self.source, self.recipe, self.row_counts, self.notices, command or again, created
        )
        return {
            "preferred": self.recommended_result.algorithm,
            "reason": self.reason,
            **summarize_input(metadata, self.schema, self.recipe, spell),
            "customers": self.comparison.customers,
            "linked": self.comparison.graph_rows,
            "algorithms": self.table.to_dicts(),
        }

    def write(
        self,
        directory: str | Path,
        *,
        overwrite: bool = False,
        summary: ComparisonSummary | None = None,
        progress: ProgressReporter | None = None,
    ) -> Path:
        """Write the table, the picture and ``run.json``, all whole or none at all.

        Parameters
        ----------
        directory : path
            Created if it does not exist.
        overwrite : bool
            Whether the files of an earlier comparison may be replaced.
        summary : ComparisonSummary, optional
            The content of ``run.json``, from :meth:`build_summary`, if it was built already.
        progress : ProgressReporter, optional
            Timed the steps.

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
        from ilk.report.charts import render_png

        with open_comparison_dir(Path(directory), overwrite=overwrite, inputs=self.inputs) as sink:
            write_csv(self.table, sink.stage_path("compare.csv"))
            sink.stage_path("compare.png").write_bytes(render_png(self.plot()))
            summary = summary or self.build_summary()
            record = _make_record(self, summary, progress or ProgressReporter())
            write_record(sink, record, summary)
        return Path(directory) / "compare.png"

    def __repr__(self) -> str:
        return f"Compared: {self.reason}"

    def _repr_html_(self) -> str:
        """Which one to use and why, and the table, in a notebook."""
        return render_comparison(self.comparison)


def open_comparison_dir(
    directory: Path, *, overwrite: bool, inputs: Collection[Path] = ()
) -> OutputDir:
    """The folder of a comparison, written whole or not at all, ``run.json`` last."""
    return OutputDir(
        directory,
        overwrite=overwrite,
        names=COMPARISON_FILES,
        inputs=inputs,
        list_written=lambda folder: list_recorded_files(
            folder, COMPARISON_FORMAT, COMPARISON_FILES
        ),
    )


def _make_record(
    compared: ComparisonRun, summary: ComparisonSummary, progress: ProgressReporter
) -> dict[str, Any]:
    """The content of ``run.json``, without the summary: what is recommended, and how it arose."""
    result = compared.recommended_result
    return {
        **make_record(COMPARISON_FORMAT, summary, compared.notices, progress),
        "k": result.k,
        "algorithm": result.algorithm,
        "structure": result.structure,
    }


def compare(
    source: object,
    recipe: Recipe,
    *,
    exclude: Path | Collection[str] = (),
    progress: ProgressReporter | None = None,
) -> ComparisonRun:
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
    >>> compare(ilk.demo.load("mall"), Recipe(describe=("Age",))).recommended_result.algorithm
    'kmeans'
    """
    progress = progress or ProgressReporter()
    with progress.step("Reading the customers"):
        inspection = inspect_source(open_source(source, recipe.reading), recipe, exclude)
    compared = run_comparison(inspection, recipe, progress)
    return replace(compared, inputs=list_input_files(inspection.source, exclude))


def run_comparison(
    inferred: InferredSchema, recipe: Recipe, progress: ProgressReporter
) -> ComparisonRun:
    """Everything after the first scan."""
    sample = encode_sample(inferred, recipe)
    encoder = sample.encoder
    comparison = compare_algorithms(sample.values, make_settings(recipe, encoder), progress)
    if recipe.require_structure and not has_structure(comparison.recommended_result):
        raise GateError(
            "E_NO_STRUCTURE",
            comparison.recommendation.reason.removesuffix("."),
            place="{require_structure}",
            way_out="Leave that out to get segments anyway, or use other columns.",
            options={"require_structure": True},
        )
    return ComparisonRun(
        comparison,
        inferred.source,
        inferred.n_rows,
        inferred.schema,
        recipe,
        encoder.explained_variance,
        (*join_cell_notices(inferred.notices, encoder, recipe, sample.rows.low, sample.rows.high),),
    )
