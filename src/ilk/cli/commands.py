"""What the commands do: call the workflow, say what was found, write what it made."""

from __future__ import annotations

import json as json_module
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from ilk.cli.console import Console
from ilk.errors import InputError
from ilk.model import serialization

if TYPE_CHECKING:
    import polars as pl

    from ilk.model.predict import Labelling
    from ilk.progress import Advance
    from ilk.recipe import Reading, Recipe
    from ilk.report.summary import Summary
    from ilk.tables.output_dir import Sink
    from ilk.tables.spark.source import SparkSource

_Format = Literal["csv", "parquet", "json"]


@dataclass(frozen=True)
class Output:
    """Where the results of a fit go, and how much is said about them."""

    directory: Path
    overwrite: bool
    table_format: Literal["csv", "parquet"]
    scatter: Literal["columns", "components"]
    json: bool
    quiet: bool


@dataclass(frozen=True)
class CompareOutput:
    """Where a comparison goes, if anywhere, and how much is said about it."""

    directory: Path | None
    overwrite: bool
    json: bool
    quiet: bool


@dataclass(frozen=True)
class Spark:
    """Work that is done on Spark; without a ``master``, on all cores of this machine."""

    master: str | None

    def open(self, source: object, reading: Reading) -> SparkSource:
        """The table on Spark, to be closed after use."""
        from ilk.tables.spark.source import open_spark

        return open_spark(source, self.master, reading)


def run_fit(
    source: object,
    recipe: Recipe,
    output: Output,
    *,
    playbook: Path | None = None,
    exclude_ids: Path | None = None,
    recipe_file: Path | None = None,
    spark: Spark | None = None,
) -> None:
    """``ilk fit``: the main job, with everything written to a folder."""
    from ilk.tables.targets import input_files
    from ilk.workflow.fit import fit
    from ilk.workflow.run import folder

    console = Console(quiet=output.quiet or output.json)
    inputs = input_files(source, playbook, exclude_ids, recipe_file)
    folder(output.directory, overwrite=output.overwrite, inputs=inputs).check()
    if spark is not None:
        with spark.open(source, recipe.reading) as customers:
            run_fit(
                customers,
                recipe,
                output,
                playbook=playbook,
                exclude_ids=exclude_ids,
                recipe_file=recipe_file,
            )
        return
    watch = console.watch()
    run = fit(source, recipe, playbook=playbook, exclude=exclude_ids or (), progress=watch)
    command = shlex.join(["ilk", *sys.argv[1:]])
    summary = run.summary(command=command, created=date.today().isoformat())
    report = run.write(
        output.directory,
        overwrite=output.overwrite,
        table_format=output.table_format,
        scatter=output.scatter,
        summary=summary,
        progress=watch,
    )
    console.understood(summary)
    console.warn(run.notices)
    if output.json:
        _print_json(summary)
    else:
        console.result(summary, report)


def run_compare(
    source: str,
    recipe: Recipe,
    output: CompareOutput,
    *,
    exclude_ids: Path | None = None,
    recipe_file: Path | None = None,
) -> None:
    """``ilk compare``: every algorithm side by side; a folder for them where one is named."""
    from ilk.tables.targets import input_files
    from ilk.workflow.compare import compare, folder

    console = Console(quiet=output.quiet or output.json)
    if output.directory is not None:
        inputs = input_files(source, exclude_ids, recipe_file)
        folder(output.directory, overwrite=output.overwrite, inputs=inputs).check()
    compared = compare(source, recipe, exclude=exclude_ids or (), progress=console.watch())
    picture = None
    if output.directory is not None:
        picture = compared.write(output.directory, overwrite=output.overwrite)
    console.warn(compared.notices)
    if output.json:
        _print_json(compared.summary())
    else:
        console.compared(compared, picture)


def run_demo(name: str, options: Mapping[str, Any], output: Output) -> None:
    """``ilk demo``: the main job on bundled data; ``options`` go before the recipe of the data."""
    from ilk import demo
    from ilk.recipe import resolve
    from ilk.tables.frames import frame_source

    dataset = demo.get(name)
    recipe = resolve(options, dataset.recipe.model_dump())
    run_fit(frame_source(demo.customers(name), name=dataset.title), recipe, output)


def write_demo(name: str, file: Path, *, overwrite: bool, quiet: bool) -> None:
    """``ilk demo --csv``: only write the data."""
    from ilk import demo
    from ilk.tables.output_dir import file_sink, write_whole
    from ilk.tables.safe_csv import csv_frame

    file_sink(file, overwrite=overwrite).check()
    frame = demo.load(name)
    write_whole(file, csv_frame(frame), overwrite=overwrite)
    Console(quiet=quiet).say(f"{frame.height:,} rows of the bundled data '{name}' are in {file}.")


def predict_file(
    model_path: Path,
    source: object,
    output: str,
    reading: Mapping[str, str | None],
    *,
    overwrite: bool,
    json: bool,
    quiet: bool,
    spark: Spark | None = None,
) -> None:
    """``ilk predict MODEL SOURCE``: label a file of customers.

    It is read as the training data was, but for what ``reading`` says.
    """
    from ilk.model.predict import Labelling
    from ilk.recipe import resolve
    from ilk.tables.map_frames import Distributed
    from ilk.tables.output_dir import file_sink
    from ilk.tables.source import expected_rows
    from ilk.tables.targets import input_files

    console = Console(quiet=quiet or json)
    file = None if json or output == "-" else Path(output)
    if file is not None:
        parts = spark is not None or isinstance(source, Distributed)
        inputs = input_files(model_path, source)
        sink = file_sink(file, overwrite=overwrite, inputs=inputs, parts=parts)
        sink.check()
    model = serialization.load(model_path)
    how = resolve(reading, model.recipe.model_dump()).reading
    if spark is not None:
        with spark.open(source, how) as there:
            predict_file(
                model_path, there, output, reading, overwrite=overwrite, json=json, quiet=quiet
            )
        return
    customers = model.open(source, how)
    labelling = Labelling(model, customers)
    step = console.watch().step("Labelling the customers", expected_rows(customers))
    if file is None:
        # What is printed waits for the last row: half an answer would look like a whole one.
        with TemporaryDirectory() as temporary:
            file = Path(temporary) / "labels"
            sink = file_sink(file, overwrite=False)
            _write_labels(labelling, step, sink, file.name, "json" if json else "csv")
            console.warn(labelling.notices)
            _copy_to_stdout(file)
        return
    table_format: Literal["csv", "parquet"] = "parquet" if file.suffix == ".parquet" else "csv"
    if isinstance(customers, Distributed):
        rows = expected_rows(customers) or 0
        with step, sink:
            labelling.write_there(customers, sink.path(file.name), table_format)
    else:
        rows = _write_labels(labelling, step, sink, file.name, table_format)
    console.warn(labelling.notices)
    console.say(f"{rows:,} customers are labelled in {file}.")


def predict_one(model_path: Path, cells: dict[str, str], *, json: bool) -> None:
    """``ilk predict MODEL --set …``: one customer."""
    from ilk.model.predict import predict
    from ilk.segments.wording import FITS_NOWHERE, clearness, how_clear

    model = serialization.load(model_path)
    prediction = predict(model, cells)
    Console(quiet=json).warn(prediction.notices)
    answer = prediction.customers.row(0, named=True)
    answer["call"] = clearness(answer["clarity"]) if answer["segment"] else FITS_NOWHERE
    if json:
        _print_json(answer)
    elif not answer["segment"]:
        sys.stdout.write(f"{FITS_NOWHERE}\n")
    else:
        sys.stdout.write(
            f"Segment {answer['segment']}: {answer['segment_name']}\n{answer['action']}\n"
            f"{how_clear(answer['clarity'])}\n"
        )


def render_again(directory: Path) -> None:
    """``ilk report DIR``: the page of a finished run, from what the run left."""
    from ilk.report.html import render_html
    from ilk.tables.output_dir import write_whole

    summary = _read_summary(directory)
    pictures = sorted(directory.glob("plots/*.png"))
    images = {file.stem: file.read_bytes() for file in pictures}
    page = directory / "report.html"
    inputs = [directory / "run.json", *pictures]
    write_whole(page, render_html(summary, images).encode(), overwrite=True, inputs=inputs)
    Console(quiet=False).say(f"Report: {page}")


def export_model(model_path: Path, target: str, file: Path, *, overwrite: bool) -> None:
    """``ilk export``: the model as a scikit-learn pipeline, or its recipe."""
    from ilk.tables.output_dir import file_sink, write_whole

    file_sink(file, overwrite=overwrite, inputs=[model_path]).check()
    model = serialization.load(model_path)
    if target == "recipe":
        data = model.recipe.to_toml().encode()
    else:
        from ilk.model.sklearn_export import to_joblib

        data = to_joblib(model)
    write_whole(file, data, overwrite=overwrite, inputs=[model_path])
    Console(quiet=False).say(f"{target} written to {file}.")


def _read_summary(directory: Path) -> Summary:
    """The summary that a finished run left in ``run.json``."""
    file = directory / "run.json"
    try:
        record = json_module.loads(file.read_text(encoding="utf-8"))
        summary: Summary = record["summary"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "E_RUN_FILE",
            f"there is no readable record of a finished run: {error}",
            place=str(file),
            way_out="Name the folder that `ilk fit` wrote, or run the fit again.",
        ) from error
    return summary


def _write_labels(
    labelling: Labelling,
    step: AbstractContextManager[Advance],
    sink: Sink,
    name: str,
    table_format: _Format,
) -> int:
    """Write the labels of all customers, whole or not at all; return how many there are."""
    from ilk.model.predict import short
    from ilk.tables.write_table import write_table

    with sink, step as advance:
        frames = labelling.frames(advance)
        if table_format == "json":
            return _write_json(frames, sink.path(name))
        return write_table(map(short, frames), sink.path(name), table_format)


def _write_json(frames: Iterator[pl.DataFrame], file: Path) -> int:
    """All rows as one JSON list of objects."""
    rows = 0
    with file.open("w", encoding="utf-8") as text:
        for frame in frames:
            objects = json_module.dumps(frame.to_dicts(), ensure_ascii=False)
            text.write((", " if rows else "[") + objects[1:-1])
            rows += frame.height
        text.write("]\n")
    return rows


def _copy_to_stdout(file: Path) -> None:
    """The bytes of a file on standard output."""
    sys.stdout.flush()
    with file.open("rb") as data:
        shutil.copyfileobj(data, sys.stdout.buffer)


def _print_json(value: Any) -> None:
    sys.stdout.write(json_module.dumps(value, ensure_ascii=False) + "\n")
