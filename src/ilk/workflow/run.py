"""Run: the result of a fit, and the folder of files that it writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from ilk.column_labels import LABELS_FILE, is_unfilled, render_labels
from ilk.columns.coded import find_coded_columns, make_label_template
from ilk.errors import Notice, Spelling, spell_parameter
from ilk.features.describe import describe_preprocessing
from ilk.formatting.text import format_literal
from ilk.model import serialization
from ilk.progress import ProgressReporter
from ilk.report import code
from ilk.report.captions import PLOT_KEYS
from ilk.report.facts import Inertia, RowCounts
from ilk.report.notebook.views import register_views, render_run
from ilk.report.summary import summarize_run
from ilk.report.summary_types import RunSummary
from ilk.segments.edits import Edits, find_edits
from ilk.segments.segment import tabulate_segments
from ilk.tables.output_dir import OutputDir, write_atomically
from ilk.tables.safe_csv import write_csv
from ilk.tables.targets import check_targets
from ilk.workflow.record import (
    RECORD_FILE,
    RUN_FORMAT,
    list_recorded_files,
    make_metadata,
    make_record,
    write_record,
)

if TYPE_CHECKING:
    from ilk.model.labels import LabeledBatches
    from ilk.model.model import SegmentModel
    from ilk.report.plots import Plots
    from ilk.report.sample_view import PlotSample
    from ilk.segments.segment import Segments
    from ilk.selection.candidates import Selection
    from ilk.tables.base import Source

CUSTOMER_FILES = ("customers.csv", "customers.parquet")
"""Everyone's segment: a file, or a folder of files that Spark wrote."""

TABLE_FILES = ("model.json", *CUSTOMER_FILES, "segments.csv", "k.csv")
PLOT_FILES = tuple(f"plots/{key}.png" for key in PLOT_KEYS)
RUN_FILES = (*TABLE_FILES, *PLOT_FILES, "report.html", "rejects.csv", RECORD_FILE)
"""Every file that a finished run may write to its folder."""

register_views()


@dataclass(frozen=True)
class Run:
    """A finished fit: the model, a segment for every customer, and what happened on the way.

    Attributes
    ----------
    model : SegmentModel
        Labels new customers.
    labels : LabeledBatches
        Everyone's segment, batch by batch; ``customers`` is all of them in one table.
    plot_sample : PlotSample
        The rows on which K was chosen, without those that have no segment.
    n_sampled : int, optional
        How many rows K was chosen on, with those.
    inertia : float, optional
        The exact sum, over all customers, of the squared distance to the center of their segment
        in the encoded space.
    missing : mapping
        Cells of each feature without a value.
    inputs : tuple of Path
        Files that were read. Results never replace them.

    Examples
    --------
    >>> import ilk
    >>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
    >>> run.selection.k, run.customers.columns
    (5, ['CustomerID', 'segment', 'segment_name'])
    """

    model: SegmentModel
    labels: LabeledBatches
    plot_sample: PlotSample
    source: Source
    notices: tuple[Notice, ...] = ()
    missing: Mapping[str, int] = field(default_factory=dict)
    edits: Edits = field(default_factory=Edits)
    n_sampled: int | None = None
    inertia: float | None = None
    inputs: tuple[Path, ...] = ()

    @cached_property
    def customers(self) -> pl.DataFrame:
        """Id (or row number), segment and its name of every customer, in the order read.

        All of them in memory; :meth:`write` and ``run.labels.iter_tables(run.model)`` take one
        batch at a time.
        """
        return pl.concat(self.labels.iter_tables(self.model))

    @property
    def segments(self) -> Segments:
        """The segments, largest first."""
        return self.model.segments

    @property
    def selection(self) -> Selection:
        """The candidates for K and the reasons for the one chosen."""
        return self.model.selection

    @property
    def plot(self) -> Plots:
        """The plots of this run; each takes an ``ax`` and returns one."""
        from ilk.report.plots import Plots

        return Plots(self.model, self.plot_sample)

    def predict(self, customers: object) -> pl.DataFrame:
        """Give new customers their segments: see :meth:`ilk.SegmentModel.predict`."""
        return self.model.predict(customers)

    def edit_segments(
        self,
        names: Mapping[int, str] | None = None,
        actions: Mapping[int, str] | None = None,
    ) -> Run:
        """The same run with other names or actions; see :meth:`ilk.SegmentModel.edit_segments`.

        Examples
        --------
        >>> import ilk
        >>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
        >>> edited = run.edit_segments(names={2: "Big spenders"}, actions={2: "Invite them."})
        >>> edited.segments[1].name, edited.customers["segment_name"].value_counts().height
        ('Big spenders', 5)
        """
        model = self.model.edit_segments(names, actions)
        return replace(
            self,
            model=model,
            edits=self.edits.merge(find_edits(self.segments, model.segments)),
        )

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write only the model: see :func:`ilk.save`. A file that was read is never replaced."""
        check_targets([Path(path)], self.inputs)
        return serialization.save(self.model, path, overwrite=overwrite)

    @cached_property
    def row_counts(self) -> RowCounts:
        """Rows read, labeled, rejected, left out, and sampled to find the segments."""
        labeled, rejected = self.labels.n_rows, len(self.source.rejects)
        excluded = self.source.n_excluded
        return RowCounts(
            read=labeled + rejected + excluded,
            labeled=labeled,
            sampled=self.n_sampled or self.plot_sample.frame.height,
            rejected=rejected,
            unassigned=self.labels.n_unassigned,
            excluded=excluded,
        )

    def build_summary(
        self,
        *,
        command: str | None = None,
        created: str | None = None,
        spell: Spelling = spell_parameter,
    ) -> RunSummary:
        """Build one plain dict of the run, from which the report is made.

        Parameters
        ----------
        command : str, optional
            A command that makes the same run again; a call of :func:`ilk.fit` unless given.
        created : str, optional
            The date to show in the report.
        spell : callable
            Spells the options that warnings name; as parameters in Python unless given.
        """
        model, source = self.model, format_literal(self.source.name)
        again = code.format_call(source, model.recipe, self.edits)
        metadata = replace(
            make_metadata(
                self.source, model.recipe, self.row_counts, self.notices, command or again, created
            ),
            preprocessing=describe_preprocessing(model.encoder, model.recipe),
            variance_shares=_get_variance_shares(model),
            inertia=_get_inertia(self),
        )
        return summarize_run(
            metadata,
            self.segments,
            model.everyone,
            self.selection,
            model.schema,
            model.recipe,
            spell,
        )

    def to_code(self, source: str | None = None) -> str:
        """A Python script that makes this run again, edits included, and writes its results.

        A custom playbook is not included, nor are the ids of customers who were left out.

        Parameters
        ----------
        source : str, optional
            A Python expression for the customers, used as it is; by default the name of the
            source, as a string.

        Examples
        --------
        >>> import ilk
        >>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
        >>> print(run.to_code('ilk.demo.load("mall")').splitlines()[2])
        run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
        """
        expression = format_literal(self.source.name) if source is None else source
        return code.format_script(
            expression, self.model.recipe, self.edits, excluded=self.source.n_excluded
        )

    def write(
        self,
        directory: str | Path,
        *,
        overwrite: bool = False,
        table_format: Literal["csv", "parquet"] = "csv",
        scatter: Literal["columns", "components"] = "columns",
        summary: RunSummary | None = None,
        progress: ProgressReporter | None = None,
    ) -> Path:
        """Write every result into a folder, each file whole or not at all.

        Parameters
        ----------
        directory : path
            Created if it does not exist.
        overwrite : bool
            Whether the files of an earlier run may be replaced.
        table_format : {"csv", "parquet"}
            Format of the table of customers.
        scatter : {"columns", "components"}
            What the scatter plot draws: see :meth:`ilk.report.plots.Plots.scatter`.
        summary : RunSummary, optional
            The content of the report, from :meth:`build_summary`, if it was built already.
        progress : ProgressReporter, optional
            Told about the steps.

        Returns
        -------
        Path
            The report.

        Raises
        ------
        OutputError
            If the folder has an earlier run and ``overwrite`` is false, if it cannot be written,
            or if a file that was read would be replaced.
        """
        from ilk.report.html import render_html

        sink = open_run_dir(Path(directory), overwrite=overwrite, inputs=self.inputs)
        sink.check()
        progress = progress or ProgressReporter()
        summary = summary or self.build_summary()
        with sink:
            with progress.step("Writing the tables"):
                self._write_tables(sink, table_format)
            with progress.step("Drawing the plots"):
                images = self.plot.render_images(scatter=scatter)
                for name, image in images.items():
                    sink.stage_path(f"plots/{name}.png").write_bytes(image)
                _write_text(sink, "report.html", render_html(summary, images))
            write_record(sink, _make_record(self, summary, progress), summary)
        self._offer_labels(Path(directory) / LABELS_FILE)
        return Path(directory) / "report.html"

    def _offer_labels(self, file: Path) -> None:
        """Write the file of labels, ready to be filled in, where codes have no names.

        It is no result of the run: one that a user has filled in stays as it is.
        """
        schema = self.model.schema
        if find_coded_columns(schema) and is_unfilled(file):
            text = render_labels(make_label_template(schema, self.model.recipe.labels))
            write_atomically(file, text.encode(), overwrite=True)

    def __repr__(self) -> str:
        return f"Run: {self.model.headline}"

    def _repr_html_(self) -> str:
        """What a notebook shows: the headline, a card for each segment, and what to do next."""
        return render_run(self.model)

    def _write_tables(self, output_dir: OutputDir, table_format: Literal["csv", "parquet"]) -> None:
        _write_text(output_dir, "model.json", serialization.dumps(self.model))
        self.labels.write(
            self.model, output_dir.stage_path(f"customers.{table_format}"), table_format
        )
        write_csv(tabulate_segments(self.segments), output_dir.stage_path("segments.csv"))
        write_csv(make_k_table(self.selection), output_dir.stage_path("k.csv"))
        if self.source.rejects:
            write_csv(_make_rejects_table(self.source), output_dir.stage_path("rejects.csv"))


def open_run_dir(directory: Path, *, overwrite: bool, inputs: Collection[Path] = ()) -> OutputDir:
    """The folder of results, written whole or not at all, ``run.json`` last."""
    return OutputDir(
        directory,
        overwrite=overwrite,
        names=RUN_FILES,
        folder_names=CUSTOMER_FILES,
        inputs=inputs,
        list_written=lambda folder: list_recorded_files(folder, RUN_FORMAT, RUN_FILES),
    )


def _write_text(output_dir: OutputDir, name: str, text: str) -> None:
    output_dir.stage_path(name).write_text(text, encoding="utf-8")


def make_k_table(selection: Selection) -> pl.DataFrame:
    """One row per candidate, as ``k.csv`` holds them."""
    return pl.DataFrame([asdict(candidate) for candidate in selection.candidates])


def _make_rejects_table(source: Source) -> pl.DataFrame:
    return pl.DataFrame([asdict(reject) for reject in source.rejects])


def _get_variance_shares(model: SegmentModel) -> tuple[float, ...]:
    """The share of the variance of each principal component used; empty without components."""
    components = model.encoder.components
    return () if components is None else components.shares


def _get_inertia(run: Run) -> Inertia | None:
    if run.inertia is None:
        return None
    return Inertia(run.inertia, run.model.partition.inertia)


def _summarize_components(variance_shares: tuple[float, ...]) -> dict[str, Any] | None:
    return (
        {"count": len(variance_shares), "shares": list(variance_shares)}
        if variance_shares
        else None
    )


def _summarize_confidence(run: Run) -> dict[str, Any]:
    """Whether there are natural groups, and how stable; ``None`` where nothing was tested."""
    chosen = run.selection.chosen_candidate
    return {
        "algorithm": chosen.algorithm,
        "structure": run.selection.structure,
        "seed_agreement": chosen.seed_agreement,
        "relabeled_share": chosen.relabeled_share,
        "segments": [
            {
                "segment": segment.number,
                "stability": segment.stability,
                "borderline_share": segment.borderline_share,
            }
            for segment in run.segments
        ],
    }


def _make_record(run: Run, summary: RunSummary, progress: ProgressReporter) -> dict[str, Any]:
    """The content of ``run.json``, without the summary that the report is made of."""
    inertia = _get_inertia(run)
    return {
        **make_record(RUN_FORMAT, summary, run.notices, progress),
        "missing_filled": dict(run.missing),
        "components": _summarize_components(_get_variance_shares(run.model)),
        "k": summary["choice"]["k"],
        **_summarize_confidence(run),
        "inertia": None if inertia is None else asdict(inertia),
    }
