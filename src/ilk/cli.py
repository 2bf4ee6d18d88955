"""The command line: one command is one call of the workflow.

Nothing heavy is imported before a command runs, so that ``ilk --help`` answers at once.
"""

from __future__ import annotations

import csv
import gc
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ilk.errors import IlkError, UsageError
from ilk.version import __version__

if TYPE_CHECKING:
    from ilk.jobs import Spark

INTERRUPTED = 130

app = typer.Typer(
    name="ilk",
    help="Find the segments of your customers, name them, and label everyone.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class TableFormat(StrEnum):
    """Format of the table of labelled customers."""

    csv = "csv"
    parquet = "parquet"


class Target(StrEnum):
    """What a model can be exported to."""

    joblib = "joblib"
    recipe = "recipe"


class Axes(StrEnum):
    """What the scatter plot draws."""

    columns = "columns"
    components = "components"


class Engine(StrEnum):
    """Where the rows are worked on."""

    local = "local"
    spark = "spark"


Out = Annotated[Path, typer.Option("--out", help="Folder for the results.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run's files.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors and warnings only.")]
Seed = Annotated[int | None, typer.Option(help="Seed of every random choice. [default: 0]")]
Delimiter = Annotated[str | None, typer.Option(help="Column separator. [detected]")]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark. [detected]")]
Thousands = Annotated[str | None, typer.Option(help="Thousands mark. [detected]")]
Quote = Annotated[str | None, typer.Option(help="Quote character. [detected]")]
Encoding = Annotated[str | None, typer.Option(help="Text encoding. [detected]")]
Sheet = Annotated[str | None, typer.Option(help="Excel sheet. [the first]")]
Columns = str | None
Algorithm = Annotated[
    str | None,
    typer.Option(help="kmeans, bisecting, mixture, ward, dbscan or hdbscan. [default: kmeans]"),
]
Features = Annotated[Columns, typer.Option(help="The only columns that shape segments: a,b,c.")]
Describe = Annotated[Columns, typer.Option(help="Columns that only describe segments.")]
Ignore = Annotated[Columns, typer.Option(help="Columns to leave out.")]
IdColumn = Annotated[str | None, typer.Option("--id", help="The column of customer ids.")]
Numeric = Annotated[Columns, typer.Option(help="Columns to treat as numbers.")]
Categorical = Annotated[Columns, typer.Option(help="Columns to treat as categories.")]
Scale = Annotated[
    str | None, typer.Option(help="standard, robust, minmax or none. [default: standard]")
]
Missing = Annotated[str | None, typer.Option(help="median, mean, zero or drop. [default: median]")]
Skew = Annotated[str | None, typer.Option(help="auto, none or log1p. [default: auto]")]
Outliers = Annotated[str | None, typer.Option(help="none or clip. [default: none]")]
Onehot = Annotated[str | None, typer.Option(help="unit or raw. [default: unit]")]
Pca = Annotated[
    str | None,
    typer.Option(help="Cluster on principal components: how many, or 0.9 of the variance. [none]"),
]
RecipeFile = Annotated[Path | None, typer.Option(help="A TOML file of choices.")]
ExcludeIds = Annotated[
    Path | None, typer.Option(help="A file of customer ids to leave out altogether.")
]
KMax = Annotated[
    int | None, typer.Option(help="Largest number tried. [grows from 12 where it pays]")
]
MaxBadRows = Annotated[
    int | None, typer.Option(help="Unreadable rows to put up with. [default: 0]")
]
WorkedOn = Annotated[Engine, typer.Option("--engine", help="This machine, or Spark's.")]
SparkMaster = Annotated[
    str | None, typer.Option(help="Such as spark://host:7077 or local[4]. [local[*]]")
]
MinShare = Annotated[
    float | None,
    typer.Option(help="Least share of customers in a segment: 0.05 is 5 %. [default: 0.0]"),
]
MaxShare = Annotated[
    float | None,
    typer.Option(help="Largest share of customers in a segment: 0.5 is 50 %. [default: 1.0]"),
]
RequireStructure = Annotated[
    bool | None,
    typer.Option("--require-structure", help="Exit with 4 if there are no segments."),
]
Fast = Annotated[
    bool | None,
    typer.Option("--fast", help="Leave out the tests of segments against chance and other draws."),
]


@app.command()
def fit(  # noqa: PLR0913 - a command's options are its parameters
    source: Annotated[str, typer.Argument(help="CSV, Parquet, Excel or JSON lines file.")],
    out: Out = Path("assets"),
    k: Annotated[
        str | None, typer.Option("--k", help="Number of segments, or auto. [default: auto]")
    ] = None,
    k_max: KMax = None,
    algorithm: Algorithm = None,
    min_share: MinShare = None,
    max_share: MaxShare = None,
    require_structure: RequireStructure = None,
    fast: Fast = None,
    features: Features = None,
    describe: Describe = None,
    ignore: Ignore = None,
    id: IdColumn = None,
    numeric: Numeric = None,
    categorical: Categorical = None,
    scale: Scale = None,
    missing: Missing = None,
    skew: Skew = None,
    outliers: Outliers = None,
    onehot: Onehot = None,
    pca: Pca = None,
    seed: Seed = None,
    sample: Annotated[
        int | None, typer.Option(help="Rows on which K is chosen. [default: 200000]")
    ] = None,
    polish: Annotated[
        int | None,
        typer.Option(help="Further passes over all rows to move the centres. [default: 0]"),
    ] = None,
    recipe: RecipeFile = None,
    playbook: Annotated[Path | None, typer.Option(help="A TOML file of actions.")] = None,
    exclude_ids: ExcludeIds = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    quote: Quote = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    max_bad_rows: MaxBadRows = None,
    format: Annotated[
        TableFormat, typer.Option(help="Format of the customers table.")
    ] = TableFormat.csv,
    scatter: Annotated[
        Axes, typer.Option(help="Draw the two most telling columns or two principal components.")
    ] = Axes.columns,
    engine: WorkedOn = Engine.local,
    spark_master: SparkMaster = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Segment the customers of SOURCE and write everything to a folder."""
    from ilk.jobs import Output, run_fit
    from ilk.recipe import read_recipe, resolve

    choices = {
        "k": _k(k),
        "k_max": k_max,
        "algorithm": algorithm,
        "min_share": min_share,
        "max_share": max_share,
        "require_structure": require_structure,
        "fast": fast,
        "features": _names(features),
        "describe": _names(describe),
        "ignore": _names(ignore),
        "id": id,
        "numeric": _names(numeric),
        "categorical": _names(categorical),
        "scale": scale,
        "missing": missing,
        "skew": skew,
        "outliers": outliers,
        "onehot": onehot,
        "pca": _number(pca),
        "seed": seed,
        "sample": sample,
        "polish": polish,
        "delimiter": _unescaped(delimiter),
        "decimal": decimal,
        "thousands": thousands,
        "quote": quote,
        "encoding": encoding,
        "sheet": sheet,
        "max_bad_rows": max_bad_rows,
    }
    run_fit(
        source,
        resolve(choices, read_recipe(recipe) if recipe else None),
        Output(out, overwrite, format.value, scatter.value, json, quiet),
        playbook=playbook,
        exclude_ids=exclude_ids,
        spark=_spark(engine, spark_master),
    )


@app.command()
def compare(  # noqa: PLR0913
    source: Annotated[str, typer.Argument(help="CSV, Parquet, Excel or JSON lines file.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the table and a picture. [none]")
    ] = None,
    k: Annotated[
        str | None,
        typer.Option("--k", help="Number of segments for algorithms that take one. [auto]"),
    ] = None,
    k_max: KMax = None,
    min_share: MinShare = None,
    max_share: MaxShare = None,
    require_structure: RequireStructure = None,
    fast: Fast = None,
    features: Features = None,
    describe: Describe = None,
    ignore: Ignore = None,
    id: IdColumn = None,
    numeric: Numeric = None,
    categorical: Categorical = None,
    scale: Scale = None,
    missing: Missing = None,
    skew: Skew = None,
    outliers: Outliers = None,
    onehot: Onehot = None,
    pca: Pca = None,
    seed: Seed = None,
    sample: Annotated[
        int | None, typer.Option(help="Rows that are clustered. [default: 200000]")
    ] = None,
    recipe: RecipeFile = None,
    exclude_ids: ExcludeIds = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    quote: Quote = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    max_bad_rows: MaxBadRows = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put every algorithm side by side on SOURCE, and say which one to use."""
    from ilk.jobs import CompareOutput, run_compare
    from ilk.recipe import read_recipe, resolve

    choices = {
        "algorithm": "kmeans",  # all have their turn, whichever a recipe names for `fit`
        "k": _k(k),
        "k_max": k_max,
        "min_share": min_share,
        "max_share": max_share,
        "require_structure": require_structure,
        "fast": fast,
        "features": _names(features),
        "describe": _names(describe),
        "ignore": _names(ignore),
        "id": id,
        "numeric": _names(numeric),
        "categorical": _names(categorical),
        "scale": scale,
        "missing": missing,
        "skew": skew,
        "outliers": outliers,
        "onehot": onehot,
        "pca": _number(pca),
        "seed": seed,
        "sample": sample,
        "delimiter": _unescaped(delimiter),
        "decimal": decimal,
        "thousands": thousands,
        "quote": quote,
        "encoding": encoding,
        "sheet": sheet,
        "max_bad_rows": max_bad_rows,
    }
    run_compare(
        source,
        resolve(choices, read_recipe(recipe) if recipe else None),
        CompareOutput(out, overwrite, json, quiet),
        exclude_ids=exclude_ids,
    )


@app.command()
def predict(  # noqa: PLR0913
    model: Annotated[Path, typer.Argument(help="A model.json that ilk wrote.")],
    source: Annotated[str | None, typer.Argument(help="New customers, in a file.")] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="CSV or Parquet file; - is standard output.")
    ] = "-",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="One customer: --set 'Age=31', repeated.")
    ] = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    quote: Quote = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    engine: WorkedOn = Engine.local,
    spark_master: SparkMaster = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Give new customers their segments with a saved model."""
    from ilk.jobs import predict_file, predict_one

    if (source is None) == (not set_):
        raise UsageError(
            "E_WHAT_TO_PREDICT",
            "predict takes either a file of customers or one customer with --set",
            place="ilk predict",
            way_out="For one customer: ilk predict model.json --set 'Age=31' --set 'Income=50'.",
        )
    if source is None:
        predict_one(model, _cells(set_ or []), json=json)
        return
    reading = {
        "delimiter": _unescaped(delimiter),
        "decimal": decimal,
        "thousands": thousands,
        "quote": quote,
        "encoding": encoding,
        "sheet": sheet,
    }
    predict_file(
        model,
        source,
        output,
        reading,
        overwrite=overwrite,
        json=json,
        quiet=quiet,
        spark=_spark(engine, spark_master),
    )


@app.command()
def demo(  # noqa: PLR0913
    name: Annotated[str, typer.Argument(help="mall, shoppers, customers or orders.")] = "mall",
    out: Out = Path("assets"),
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", help="Only write the data to this file, and fit nothing."),
    ] = None,
    algorithm: Algorithm = None,
    min_share: MinShare = None,
    max_share: MaxShare = None,
    require_structure: RequireStructure = None,
    fast: Fast = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run the main job on bundled data."""
    from ilk.jobs import Output, run_demo, write_demo

    if csv_file is not None:
        write_demo(name, csv_file, overwrite=overwrite, quiet=quiet)
        return
    choices = {
        "algorithm": algorithm,
        "min_share": min_share,
        "max_share": max_share,
        "require_structure": require_structure,
        "fast": fast,
    }
    run_demo(name, choices, Output(out, overwrite, "csv", "columns", json, quiet))


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
) -> None:
    """Render the report of a finished run again."""
    from ilk.jobs import render_again

    render_again(directory)


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A model.json that ilk wrote.")],
    to: Annotated[
        Target, typer.Option("--to", help="A scikit-learn pipeline, or the recipe of the run.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    overwrite: Overwrite = False,
) -> None:
    """Turn a model into something other programs read."""
    from ilk.jobs import export_model

    export_model(model, to.value, output, overwrite=overwrite)


@app.command(name="app")
def serve_app(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on: 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
) -> None:
    """Open the web app in a browser."""
    from ilk.app.server import serve

    serve(port=port, address=address)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ilk {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
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
        from ilk.console import bug

        typer.echo(bug(error), err=True)
        return 1
    if code == INTERRUPTED:
        typer.echo("ilk: interrupted; no file was left half-written.", err=True)
    return code


def run() -> NoReturn:
    """The command ``ilk``."""
    # A command makes few cycles and soon ends: looking for them costs a tenth of its time.
    gc.set_threshold(200_000, 20, 100)
    sys.exit(main())


def _spark(engine: Engine, master: str | None) -> Spark | None:
    from ilk.jobs import Spark

    if engine is Engine.spark:
        return Spark(master)
    if master is not None:
        raise UsageError(
            "E_CONFLICT",
            "a Spark master is named, and the work is to be done on this machine",
            place="--spark-master",
            way_out="Add --engine spark.",
        )
    return None


def _k(text: str | None) -> str | int | None:
    return int(text) if text is not None and text.isdecimal() else text


def _number(text: str | None) -> str | int | float | None:
    """A number where the text is one: whole without a decimal point."""
    if text is None or text.isdecimal():
        return None if text is None else int(text)
    try:
        return float(text)
    except ValueError:
        return text


def _names(text: str | None) -> list[str] | None:
    """Column names from ``a,b,"c, with a comma"``."""
    if text is None:
        return None
    row = next(csv.reader([text], skipinitialspace=True), [])
    return [name.strip() for name in row if name.strip()]


def _unescaped(delimiter: str | None) -> str | None:
    r"""``\t`` and ``tab`` are what people can type for a tab."""
    return "\t" if delimiter in ("\\t", "tab") else delimiter


def _cells(pairs: list[str]) -> dict[str, str]:
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
