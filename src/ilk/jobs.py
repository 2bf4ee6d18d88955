"""What the commands do: call the workflow, say what was found, write what it made."""

from __future__ import annotations

import io
import json as json_module
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ilk import artifact
from ilk.console import Console
from ilk.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from ilk.recipe import Recipe
    from ilk.report.summary import Summary


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


def run_fit(
    source: object,
    recipe: Recipe,
    output: Output,
    *,
    playbook: Path | None = None,
    exclude_ids: Path | None = None,
) -> None:
    """``ilk fit``: the main job, with everything written to a folder."""
    from ilk.run import folder
    from ilk.workflow import fit

    console = Console(quiet=output.quiet or output.json)
    folder(output.directory, overwrite=output.overwrite).check()
    watch = console.watch()
    run = fit(source, recipe, playbook=playbook, exclude=exclude_ids or (), watch=watch)
    command = shlex.join(["ilk", *sys.argv[1:]])
    summary = run.summary(command=command, created=date.today().isoformat())
    report = run.write(
        output.directory,
        overwrite=output.overwrite,
        table_format=output.table_format,
        scatter=output.scatter,
        summary=summary,
        watch=watch,
    )
    console.understood(summary)
    console.warn(run.notices)
    if output.json:
        _print(summary)
    else:
        console.result(summary, report)


def run_compare(
    source: str,
    recipe: Recipe,
    output: CompareOutput,
    *,
    exclude_ids: Path | None = None,
) -> None:
    """``ilk compare``: every algorithm side by side; a folder for them where one is named."""
    from ilk.compared import compare, folder

    console = Console(quiet=output.quiet or output.json)
    if output.directory is not None:
        folder(output.directory, overwrite=output.overwrite).check()
    compared = compare(source, recipe, exclude=exclude_ids or (), watch=console.watch())
    picture = None
    if output.directory is not None:
        picture = compared.write(output.directory, overwrite=output.overwrite)
    console.warn(compared.notices)
    if output.json:
        _print(compared.summary())
    else:
        console.compared(compared, picture)


def run_demo(name: str, choices: Mapping[str, Any], output: Output) -> None:
    """``ilk demo``: the main job on bundled data; ``choices`` go before the recipe of the data."""
    from ilk import demo
    from ilk.recipe import resolve
    from ilk.tables.frames import frame_source

    dataset = demo.get(name)
    recipe = resolve(choices, dataset.recipe.model_dump())
    run_fit(frame_source(demo.customers(name), name=dataset.title), recipe, output)


def write_demo(name: str, file: Path, *, overwrite: bool, quiet: bool) -> None:
    """``ilk demo --csv``: only write the data."""
    from ilk import demo
    from ilk.tables.cells import csv_frame
    from ilk.tables.sink import write_whole

    frame = demo.load(name)
    write_whole(file, csv_frame(frame), overwrite=overwrite)
    Console(quiet=quiet).say(f"{frame.height:,} rows of the bundled data '{name}' are in {file}.")


def predict_file(
    model_path: Path,
    source: str,
    output: str,
    reading: Mapping[str, str | None],
    *,
    overwrite: bool,
    json: bool,
    quiet: bool,
) -> None:
    """``ilk predict MODEL SOURCE``: label a file of customers.

    It is read as the training data was, but for what ``reading`` says.
    """
    from ilk.recipe import resolve
    from ilk.tables.cells import csv_frame
    from ilk.tables.sink import write_whole
    from ilk.workflow import predict

    console = Console(quiet=quiet or json)
    model = artifact.load(model_path)
    with console.watch().step("Labelling the customers"):
        prediction = predict(model, source, resolve(reading, model.recipe.model_dump()).reading)
    console.warn(prediction.notices)
    if json:
        _print(prediction.customers.to_dicts())
    elif output == "-":
        sys.stdout.buffer.write(csv_frame(prediction.labels))
    else:
        file = Path(output)
        write_whole(file, _table_bytes(prediction.labels, file), overwrite=overwrite)
        console.say(f"{prediction.customers.height:,} customers are labelled in {file}.")


def predict_one(model_path: Path, cells: dict[str, str], *, json: bool) -> None:
    """``ilk predict MODEL --set …``: one customer."""
    from ilk.segments.wording import FITS_NOWHERE, clearness, how_clear
    from ilk.workflow import predict

    model = artifact.load(model_path)
    prediction = predict(model, cells)
    Console(quiet=json).warn(prediction.notices)
    answer = prediction.customers.row(0, named=True)
    answer["call"] = clearness(answer["clarity"]) if answer["segment"] else FITS_NOWHERE
    if json:
        _print(answer)
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
    from ilk.tables.sink import write_whole

    summary = _summary_of(directory)
    images = {file.stem: file.read_bytes() for file in sorted(directory.glob("plots/*.png"))}
    page = directory / "report.html"
    write_whole(page, render_html(summary, images).encode(), overwrite=True)
    Console(quiet=False).say(f"Report: {page}")


def export_model(model_path: Path, target: str, file: Path, *, overwrite: bool) -> None:
    """``ilk export``: the model as a scikit-learn pipeline, or its recipe."""
    from ilk.tables.sink import write_whole

    model = artifact.load(model_path)
    if target == "recipe":
        data = model.recipe.to_toml().encode()
    else:
        from ilk.export import to_joblib

        data = to_joblib(model)
    write_whole(file, data, overwrite=overwrite)
    Console(quiet=False).say(f"{target} written to {file}.")


def _summary_of(directory: Path) -> Summary:
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


def _table_bytes(frame: pl.DataFrame, file: Path) -> bytes:
    """The table in the format that the file's name asks for."""
    from ilk.tables.cells import csv_frame

    if file.suffix != ".parquet":
        return csv_frame(frame)
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _print(value: Any) -> None:
    sys.stdout.write(json_module.dumps(value, ensure_ascii=False) + "\n")
