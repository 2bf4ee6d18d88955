"""The command line: one command is one call of the workflow.

Nothing heavy is imported before a command runs, so that ``ilk --help`` answers at once.
"""

from __future__ import annotations

import csv
import gc
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ilk.cli import options as say
from ilk.errors import IlkError, UsageError, describe_bug
from ilk.version import __version__

if TYPE_CHECKING:
    from ilk.cli.commands import SparkEngine

INTERRUPTED = 130

app = typer.Typer(
    name="ilk",
    help="Find the segments of your customers, name them, and label everyone.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
command = partial(app.command, cls=say.GroupedCommand)


# The options of a command are its parameters. Most of them are choices of a recipe, and are taken
# together from the context (`_collect_options`).


@command()
def fit(  # noqa: PLR0913
    context: typer.Context,
    source: say.Source,
    k: say.K = None,
    k_max: say.KMax = None,
    algorithm: say.Algorithm = None,
    min_share: say.MinShare = None,
    max_share: say.MaxShare = None,
    require_structure: say.RequireStructure = None,
    fast: say.Fast = None,
    features: say.Features = None,
    describe: say.Describe = None,
    ignore: say.Ignore = None,
    id: say.IdColumn = None,
    numeric: say.Numeric = None,
    categorical: say.Categorical = None,
    scale: say.Scale = None,
    missing: say.Missing = None,
    skew: say.Skew = None,
    outliers: say.Outliers = None,
    onehot: say.Onehot = None,
    pca: say.Pca = None,
    delimiter: say.Delimiter = None,
    decimal: say.Decimal = None,
    thousands: say.Thousands = None,
    quote: say.Quote = None,
    encoding: say.Encoding = None,
    sheet: say.Sheet = None,
    max_bad_rows: say.MaxBadRows = None,
    exclude_ids: say.ExcludeIds = None,
    recipe: say.RecipeFile = None,
    seed: say.Seed = None,
    sample: say.Sample = None,
    polish: say.Polish = None,
    engine: say.EngineOption = say.Engine.local,
    spark_master: say.SparkMaster = None,
    out: say.Out = Path("assets"),
    playbook: say.Playbook = None,
    format: say.Format = say.TableFormat.csv,
    scatter: say.Scatter = say.ScatterAxes.columns,
    overwrite: say.Overwrite = False,
    json: say.Json = False,
    quiet: say.Quiet = False,
) -> None:
    """Segment the customers of SOURCE and write everything to a folder."""
    from ilk.cli.commands import FitOutput, run_fit
    from ilk.recipe import read_recipe, resolve_recipe

    run_fit(
        source,
        resolve_recipe(_collect_options(context), read_recipe(recipe) if recipe else None),
        FitOutput(out, overwrite, format.value, scatter.value, json, quiet),
        playbook=playbook,
        exclude_ids=exclude_ids,
        recipe_file=recipe,
        spark=_make_spark_engine(engine, spark_master),
    )


@command()
def compare(  # noqa: PLR0913
    context: typer.Context,
    source: say.Source,
    k: say.K = None,
    k_max: say.KMax = None,
    min_share: say.MinShare = None,
    max_share: say.MaxShare = None,
    require_structure: say.RequireStructure = None,
    fast: say.Fast = None,
    features: say.Features = None,
    describe: say.Describe = None,
    ignore: say.Ignore = None,
    id: say.IdColumn = None,
    numeric: say.Numeric = None,
    categorical: say.Categorical = None,
    scale: say.Scale = None,
    missing: say.Missing = None,
    skew: say.Skew = None,
    outliers: say.Outliers = None,
    onehot: say.Onehot = None,
    pca: say.Pca = None,
    delimiter: say.Delimiter = None,
    decimal: say.Decimal = None,
    thousands: say.Thousands = None,
    quote: say.Quote = None,
    encoding: say.Encoding = None,
    sheet: say.Sheet = None,
    max_bad_rows: say.MaxBadRows = None,
    exclude_ids: say.ExcludeIds = None,
    recipe: say.RecipeFile = None,
    seed: say.Seed = None,
    sample: say.Sample = None,
    out: say.CompareOut = None,
    overwrite: say.Overwrite = False,
    json: say.Json = False,
    quiet: say.Quiet = False,
) -> None:
    """Put every algorithm side by side on SOURCE, and say which one to use."""
    from ilk.cli.commands import CompareOutput, run_compare
    from ilk.recipe import read_recipe, resolve_recipe

    # All algorithms have their turn, whichever one a recipe names for `fit`.
    choices = {**_collect_options(context), "algorithm": "kmeans"}
    run_compare(
        source,
        resolve_recipe(choices, read_recipe(recipe) if recipe else None),
        CompareOutput(out, overwrite, json, quiet),
        exclude_ids=exclude_ids,
        recipe_file=recipe,
    )


@command()
def predict(  # noqa: PLR0913
    context: typer.Context,
    model: say.ModelFile,
    source: Annotated[str | None, typer.Argument(help="New customers, in a file.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="One customer: --set 'Age=31', repeated.")
    ] = None,
    delimiter: say.Delimiter = None,
    decimal: say.Decimal = None,
    thousands: say.Thousands = None,
    quote: say.Quote = None,
    encoding: say.Encoding = None,
    sheet: say.Sheet = None,
    engine: say.EngineOption = say.Engine.local,
    spark_master: say.SparkMaster = None,
    output: say.Output = "-",
    overwrite: say.Overwrite = False,
    json: say.Json = False,
    quiet: say.Quiet = False,
) -> None:
    """Give new customers their segments with a saved model."""
    from ilk.cli.commands import predict_file, predict_one

    if (source is None) == (not set_):
        raise UsageError(
            "E_WHAT_TO_PREDICT",
            "predict takes either a file of customers or one customer with --set",
            place="ilk predict",
            way_out="For one customer: ilk predict model.json --set 'Age=31' --set 'Income=50'.",
        )
    if source is None:
        predict_one(model, _parse_customer(set_ or []), json=json)
        return
    predict_file(
        model,
        source,
        output,
        _collect_options(context),
        overwrite=overwrite,
        json=json,
        quiet=quiet,
        spark=_make_spark_engine(engine, spark_master),
    )


@command()
def demo(  # noqa: PLR0913
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="mall, shoppers, customers or orders.")] = "mall",
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", help="Only write the data to this file, and fit nothing."),
    ] = None,
    algorithm: say.Algorithm = None,
    min_share: say.MinShare = None,
    max_share: say.MaxShare = None,
    require_structure: say.RequireStructure = None,
    fast: say.Fast = None,
    out: say.Out = Path("assets"),
    overwrite: say.Overwrite = False,
    json: say.Json = False,
    quiet: say.Quiet = False,
) -> None:
    """Run the main job on bundled data."""
    from ilk.cli.commands import FitOutput, run_demo, write_demo

    if csv_file is not None:
        write_demo(name, csv_file, overwrite=overwrite, quiet=quiet)
        return
    run_demo(
        name, _collect_options(context), FitOutput(out, overwrite, "csv", "columns", json, quiet)
    )


@command()
def report(
    directory: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
) -> None:
    """Render the report of a finished run again."""
    from ilk.cli.commands import render_report

    render_report(directory)


@command()
def export(
    model: say.ModelFile,
    to: Annotated[
        say.Target, typer.Option("--to", help="A scikit-learn pipeline, or the recipe of the run.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    overwrite: say.Overwrite = False,
) -> None:
    """Turn a model into something other programs read."""
    from ilk.cli.commands import export_model

    export_model(model, to.value, output, overwrite=overwrite)


@command(name="app")
def serve_app(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on: 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="Host name to answer to, besides localhost and IP addresses; may be given again. "
            "Also: the variable ILK_ALLOW_HOST.",
            metavar="NAME",
        ),
    ] = None,
    allow_paths: Annotated[
        bool,
        typer.Option(
            "--allow-paths",
            help="Let people on other machines open files by their path, in the folder in which "
            "the app is started. Also: ILK_ALLOW_PATHS=1.",
        ),
    ] = False,
) -> None:
    """Open the web app in a browser."""
    from ilk.app.server import serve

    serve(port=port, address=address, allowed_hosts=allow_host or (), allow_paths=allow_paths)


def _show_version(requested: bool) -> None:
    if requested:
        typer.echo(f"ilk {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _print_help(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Find the segments of your customers, name them, and label everyone."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Examples
    --------
    >>> main(["--version"])
    ilk 0.1.0
    0
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        code: int = app(args=arguments, prog_name="ilk", standalone_mode=False) or 0
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)().rstrip(".")
        refusal = UsageError("E_USAGE", message, way_out="See `ilk --help`.")
        typer.echo(f"ilk: {refusal}", err=True)
        return refusal.exit_code
    except IlkError as error:
        typer.echo(f"ilk: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has had enough, which is not an error.
        sys.stderr.close()
        return 0
    except Exception as error:
        typer.echo(describe_bug(error), err=True)
        return 1
    if code == INTERRUPTED:
        typer.echo("ilk: interrupted; no file was left half-written.", err=True)
    return code


def run() -> NoReturn:
    """The command ``ilk``."""
    # A command makes few cycles and soon ends: looking for them costs a tenth of its time.
    gc.set_threshold(200_000, 20, 100)
    sys.exit(main())


def _make_spark_engine(engine: say.Engine, master: str | None) -> SparkEngine | None:
    from ilk.cli.commands import SparkEngine

    if engine is say.Engine.spark:
        return SparkEngine(master)
    if master is not None:
        raise UsageError(
            "E_CONFLICT",
            "a Spark master is named, and the work is to be done on this machine",
            place="--spark-master",
            way_out="Add --engine spark.",
        )
    return None


def _collect_options(context: typer.Context) -> dict[str, Any]:
    """What a recipe may choose, of the options of a command; ``None`` where nothing was said."""
    from ilk.recipe import Reading, Recipe

    known = Recipe.model_fields.keys() | Reading.model_fields.keys()
    given = {name: value for name, value in context.params.items() if name in known}
    return {
        name: _PARSERS[name](value) if name in _PARSERS and value is not None else value
        for name, value in given.items()
    }


def _parse_number(text: str) -> str | int | float:
    """A number where the text is one: whole without a decimal point."""
    if text.isdecimal():
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


def _parse_names(text: str) -> list[str]:
    """Column names from ``a,b,"c, with a comma"``."""
    row = next(csv.reader([text], skipinitialspace=True), [])
    return [name.strip() for name in row if name.strip()]


def _unescape_delimiter(delimiter: str) -> str:
    r"""``\t`` and ``tab`` are what people can type for a tab."""
    return "\t" if delimiter in ("\\t", "tab") else delimiter


_PARSERS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "k": _parse_number,
        "pca": _parse_number,
        "delimiter": _unescape_delimiter,
        **dict.fromkeys(("features", "describe", "ignore", "numeric", "categorical"), _parse_names),
    }
)
"""Choices that a command line spells otherwise than a recipe."""


def _parse_customer(pairs: list[str]) -> dict[str, str]:
    """One customer from ``column=value`` pairs."""
    cells = {}
    for pair in pairs:
        column, sign, value = pair.rpartition("=")
        if not sign or not column:
            raise UsageError(
                "E_SET",
                f"{pair!r} is not of the form column=value",
                place="--set",
                way_out="Write for example --set 'Age=31'.",
            )
        cells[column.strip()] = value.strip()
    return cells
