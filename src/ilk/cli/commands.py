"""What the commands do: call the workflow, print what it found, write the results."""

from __future__ import annotations

import json as json_module
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from ilk.cli.console import Console
from ilk.cli.options import CompareOutput, DemoOutput, FitOutput, PredictOutput, spell_flag
from ilk.errors import InputError, Notice
from ilk.model import serialization

if TYPE_CHECKING:
    import polars as pl

    from ilk.model.predict import BatchPredictor
    from ilk.progress import AdvanceCallback
    from ilk.recipe import Reading, Recipe
    from ilk.report.summary_types import RunSummary
    from ilk.tables.output_dir import OutputDir
    from ilk.tables.spark.source import SparkSource


@dataclass(frozen=True)
class SparkEngine:
    """Spark does the work; without a ``master``, on all cores of this machine."""

    master: str | None

    def open_source(self, source: object, reading: Reading) -> SparkSource:
        """The table on Spark, to be closed after use."""
        from ilk.tables.spark.source import open_spark

        return open_spark(source, self.master, reading)


def run_fit(
    source: object,
    recipe: Recipe,
    output: FitOutput,
    *,
    playbook: Path | None = None,
    exclude_ids: Path | None = None,
    recipe_file: Path | None = None,
    spark: SparkEngine | None = None,
) -> None:
    """``ilk fit``: segment the customers and write everything to a folder."""
    from ilk.tables.source import check_source
    from ilk.tables.targets import list_input_files
    from ilk.workflow.fit import fit
    from ilk.workflow.run import open_run_dir

    console = Console(quiet=output.quiet or output.json)
    if spark is None:  # Spark knows names that are no files.
        check_source(source)
    inputs = list_input_files(source, playbook, exclude_ids, recipe_file)
    open_run_dir(output.directory, overwrite=output.overwrite, inputs=inputs).check()
    if spark is not None:
        with spark.open_source(source, recipe.reading) as customers:
            run_fit(
                customers,
                recipe,
                output,
                playbook=playbook,
                exclude_ids=exclude_ids,
                recipe_file=recipe_file,
            )
        return
    progress = console.make_progress()
    run = fit(source, recipe, playbook=playbook, exclude=exclude_ids or (), progress=progress)
    summary = run.build_summary(
        command=_get_command(), created=date.today().isoformat(), spell=spell_flag
    )
    report = run.write(
        output.directory,
        overwrite=output.overwrite,
        table_format=output.table_format,
        scatter=output.scatter,
        summary=summary,
        progress=progress,
    )
    console.show_columns(summary)
    console.warn(run.notices)
    if output.json:
        _print_json(summary)
    else:
        console.show_result(summary, report)


def run_compare(
    source: str,
    recipe: Recipe,
    output: CompareOutput,
    *,
    exclude_ids: Path | None = None,
    recipe_file: Path | None = None,
) -> None:
    """``ilk compare``: every algorithm side by side, in a folder too if one is named."""
    from ilk.tables.source import check_source
    from ilk.tables.targets import list_input_files
    from ilk.workflow.compare import compare, open_comparison_dir

    console = Console(quiet=output.quiet or output.json)
    check_source(source)
    if output.directory is not None:
        inputs = list_input_files(source, exclude_ids, recipe_file)
        open_comparison_dir(output.directory, overwrite=output.overwrite, inputs=inputs).check()
    progress = console.make_progress()
    compared = compare(source, recipe, exclude=exclude_ids or (), progress=progress)
    summary = compared.build_summary(
        command=_get_command(), created=date.today().isoformat(), spell=spell_flag
    )
    picture = None
    if output.directory is not None:
        picture = compared.write(
            output.directory, overwrite=output.overwrite, summary=summary, progress=progress
        )
    console.warn(compared.notices)
    if output.json:
        _print_json(summary)
    else:
        console.show_comparison(compared, picture)


def run_demo(name: str, options: Mapping[str, Any], output: DemoOutput) -> None:
    """``ilk demo``: segment bundled data; ``options`` override the recipe of the data."""
    from ilk import demo
    from ilk.recipe import resolve_recipe
    from ilk.tables.frames import open_frame

    dataset = demo.get_dataset(name)
    recipe = resolve_recipe(options, dataset.recipe.to_dict())
    customers = open_frame(demo.load_customers(name), name=f"{dataset.title} (invented)")
    run_fit(customers, recipe, FitOutput(**asdict(output)))


def write_demo(name: str, file: Path, *, overwrite: bool, quiet: bool) -> None:
    """``ilk demo --csv``: only write the data."""
    from ilk import demo
    from ilk.tables.output_dir import make_file_output, write_atomically
    from ilk.tables.safe_csv import render_csv

    make_file_output(file, overwrite=overwrite).check()
    frame = demo.load(name)
    write_atomically(file, render_csv(frame), overwrite=overwrite)
    said = f"{frame.height:,} rows of the bundled data '{name}' are in {file}; they are invented."
    Console(quiet=quiet).say(said)


def predict_file(
    model_path: Path,
    source: object,
    output: PredictOutput,
    reading: Mapping[str, Any],
    *,
    spark: SparkEngine | None = None,
) -> None:
    """``ilk predict MODEL SOURCE``: label a file of customers.

    It is read as the training data was, except for what ``reading`` says.
    """
    from ilk.model.predict import BatchPredictor
    from ilk.recipe import resolve_recipe
    from ilk.tables.map_frames import DistributedSource
    from ilk.tables.output_dir import make_file_output
    from ilk.tables.source import check_source
    from ilk.tables.targets import list_input_files

    console = Console(quiet=output.quiet or output.json)
    # What is missing is told before anything about the target.
    model = serialization.load(model_path)
    if spark is None:
        check_source(source)
    file = None if output.json or output.target == "-" else Path(output.target)
    if file is not None:
        parts = spark is not None or isinstance(source, DistributedSource)
        inputs = list_input_files(model_path, source)
        sink = make_file_output(file, overwrite=output.overwrite, inputs=inputs, parts=parts)
        sink.check()
    recipe = resolve_recipe(reading, model.recipe.to_dict())
    file_reading = recipe.reading
    if recipe.as_of is not None:
        model = model.with_as_of(recipe.as_of)
    if spark is not None:
        with spark.open_source(source, file_reading) as customers_on_spark:
            predict_file(model_path, customers_on_spark, output, reading)
        return
    customers = model.open_customers(source, file_reading)
    predictor = BatchPredictor(model, customers)
    step = console.make_progress().step("Labeling the customers", customers.estimate_rows())
    if file is None:
        # Nothing is printed before the last row: half an answer would look like a whole one.
        with TemporaryDirectory() as temporary:
            file = Path(temporary) / "labels"
            sink = make_file_output(file, overwrite=False)
            _write_labels(predictor, step, sink, file.name, output)
            _tell_notices(console, predictor.notices, strict=output.strict)
            _copy_to_stdout(file)
        return
    table_format: Literal["csv", "parquet"] = "parquet" if file.suffix == ".parquet" else "csv"
    write = predictor.write_parts if parts else predictor.write
    with sink:
        with step as advance:
            path = sink.stage_path(file.name)
            rows = write(path, table_format, advance, details=output.details)
        _tell_notices(console, predictor.notices, strict=output.strict)
    console.say(f"{rows:,} customers are labeled in {file}.")


def predict_one(
    model_path: Path, cells: dict[str, str], output: PredictOutput, *, as_of: str | None = None
) -> None:
    """``ilk predict MODEL --set …``: one customer."""
    from ilk.model.predict import predict
    from ilk.segments.wording import NOISE_MESSAGE, describe_margin, explain_margin

    model = serialization.load(model_path)
    if as_of is not None:
        model = model.with_as_of(as_of)
    prediction = predict(model, cells)
    _tell_notices(Console(quiet=output.json), prediction.notices, strict=output.strict)
    answer = prediction.customers.row(0, named=True)
    answer["call"] = describe_margin(answer["margin"]) if answer["segment"] else NOISE_MESSAGE
    if output.json:
        _print_json(answer)
    elif not answer["segment"]:
        sys.stdout.write(f"{NOISE_MESSAGE}\n")
    else:
        name = f"Segment {answer['segment']}: {answer['segment_name']}"
        lines = (name, answer["action"], explain_margin(answer["margin"]))
        sys.stdout.write("".join(f"{line}\n" for line in lines if line))


def render_report(directory: Path) -> None:
    """``ilk report DIR``: the page of a finished run, from what the run left."""
    from ilk.report.html import render_html
    from ilk.tables.output_dir import write_atomically

    summary = _read_summary(directory)
    pictures = sorted(directory.glob("plots/*.png"))
    images = {file.stem: file.read_bytes() for file in pictures}
    page = directory / "report.html"
    inputs = [directory / "run.json", *pictures]
    write_atomically(page, render_html(summary, images).encode(), overwrite=True, inputs=inputs)
    Console(quiet=False).say(f"Report: {page}")


def export_model(model_path: Path, target: str, file: Path, *, overwrite: bool) -> None:
    """``ilk export``: the model as a scikit-learn pipeline, or its recipe."""
    from ilk.tables.output_dir import make_file_output, write_atomically

    # What is missing is told before anything about the target.
    model = serialization.load(model_path)
    make_file_output(file, overwrite=overwrite, inputs=[model_path]).check()
    if target == "recipe":
        data = model.recipe.to_toml().encode()
    else:
        from ilk.model.sklearn_export import to_joblib

        data = to_joblib(model)
    write_atomically(file, data, overwrite=overwrite, inputs=[model_path])
    title = "Recipe" if target == "recipe" else "scikit-learn pipeline"
    Console(quiet=False).say(f"{title}: {file}")


def _get_command() -> str:
    """The command that was given, as it is typed."""
    return shlex.join(["ilk", *sys.argv[1:]])


def _read_summary(directory: Path) -> RunSummary:
    """The summary that a finished run left in ``run.json``."""
    from ilk.report.summary import find_missing_fields
    from ilk.workflow.record import COMPARISON_FORMAT

    file = directory / "run.json"
    try:
        record = json_module.loads(file.read_text(encoding="utf-8"))
        if isinstance(record, dict) and record.get("format") == COMPARISON_FORMAT:
            raise ValueError("the folder holds a comparison, which has no report")
        summary: RunSummary = record["summary"]
        missing = find_missing_fields(summary)
    except (OSError, ValueError, KeyError, TypeError) as error:
        # The text of an error of the system repeats the path.
        problem = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            "E_RUN_FILE",
            f"there is no readable record of a finished run: {problem}",
            place=str(file),
            way_out="Name the folder that `ilk fit` wrote, or run the fit again.",
        ) from error
    if missing:
        raise InputError(
            "E_RUN_FILE",
            f"this run was written by another version of ilk: its record has no {missing[0]!r}",
            place=str(file),
            way_out="Run the fit again with this version; the file holds its command.",
        )
    return summary


def _write_labels(
    predictor: BatchPredictor,
    step: AbstractContextManager[AdvanceCallback],
    sink: OutputDir,
    name: str,
    output: PredictOutput,
) -> int:
    """Write the labels of all customers, whole or not at all; return how many there are."""
    with sink, step as advance:
        file = sink.stage_path(name)
        if output.json:
            return _write_json(predictor.iter_tables(advance), file)
        return predictor.write(file, "csv", advance, details=output.details)


def _tell_notices(console: Console, notices: Sequence[Notice], *, strict: bool) -> None:
    """Print the warnings about new customers; if strict, refuse those that put labels in doubt."""
    from ilk.model.notices import check_doubts

    console.warn(notices)
    if strict:
        check_doubts(notices)


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
