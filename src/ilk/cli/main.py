"""The command line: one command is one call of the workflow.

Nothing heavy is imported before a command runs, so that ``ilk --help`` answers at once.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from ilk.cli import options
from ilk.errors import IlkError, UsageError, describe_bug
from ilk.recipe import READING, SEGMENTS, read_recipe, resolve_recipe
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


def command(name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command, the groups of its options expanded."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name=name, cls=options.GroupedCommand)(options.expand_groups(function))
        return function

    return register


@command()
def fit(
    source: options.Source,
    *,
    choices: Annotated[dict[str, Any], options.RecipeOptions()],
    exclude_ids: options.ExcludeIds = None,
    recipe: options.RecipeFile = None,
    engine: options.EngineOptions,
    playbook: options.Playbook = None,
    output: options.FitOutput,
) -> None:
    """Segment the customers of SOURCE and write everything to a folder."""
    from ilk.cli.commands import run_fit

    run_fit(
        source,
        resolve_recipe(choices, read_recipe(recipe) if recipe else None),
        output,
        playbook=playbook,
        exclude_ids=exclude_ids,
        recipe_file=recipe,
        spark=_make_spark_engine(engine),
    )


@command()
def compare(
    source: options.Source,
    *,
    choices: Annotated[dict[str, Any], options.RecipeOptions(without={"algorithm", "polish"})],
    exclude_ids: options.ExcludeIds = None,
    recipe: options.RecipeFile = None,
    output: options.CompareOutput,
) -> None:
    """Compare all algorithms on SOURCE, and say which one to use."""
    from ilk.cli.commands import run_compare

    # All algorithms have their turn, whichever one a recipe names for `fit`.
    run_compare(
        source,
        resolve_recipe({**choices, "algorithm": "kmeans"}, read_recipe(recipe) if recipe else None),
        output,
        exclude_ids=exclude_ids,
        recipe_file=recipe,
    )


@command()
def predict(
    model: options.ModelFile,
    source: Annotated[
        str | None, typer.Argument(help="New customers, in a file; - is standard input.")
    ] = None,
    *,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="One customer, column by column: --set 'Age=31' --set 'Income=50'."
        ),
    ] = None,
    reading: Annotated[
        dict[str, Any],
        options.RecipeOptions(
            groups=(READING,),
            without={"max_bad_rows"},
            unset={"as_of": "the day to which the model counts"},
        ),
    ],
    engine: options.EngineOptions,
    output: options.PredictOutput,
) -> None:
    """Assign new customers to the segments of a saved model."""
    from ilk.cli.commands import predict_file, predict_one

    if (source is None) == (not set_):
        raise UsageError(
            "E_WHAT_TO_PREDICT",
            "predict takes either a file of customers or one customer with --set",
            place="ilk predict",
            way_out="For one customer: ilk predict model.json --set 'Age=31' --set 'Income=50'.",
        )
    output.check(of_one=source is None)
    if source is None:
        cells = _parse_customer(set_ or [])
        predict_one(model, cells, output, as_of=reading.get("as_of"))
        return
    predict_file(model, source, output, reading, spark=_make_spark_engine(engine))


@command()
def demo(
    *,
    choices: Annotated[
        dict[str, Any], options.RecipeOptions(groups=(SEGMENTS,), without={"k", "k_max"})
    ],
    name: Annotated[str, typer.Argument(help="mall, shoppers, customers or orders.")] = "mall",
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", help="Only write the data to this file, and fit nothing."),
    ] = None,
    output: options.DemoOutput,
) -> None:
    """Segment one of the bundled data sets."""
    from ilk.cli.commands import run_demo, write_demo

    if csv_file is not None:
        write_demo(name, csv_file, overwrite=output.overwrite, quiet=output.quiet)
        return
    run_demo(name, choices, output)


@command()
def report(
    directory: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
) -> None:
    """Render the report of a finished run again."""
    from ilk.cli.commands import render_report

    render_report(directory)


@command()
def export(
    model: options.ModelFile,
    to: Annotated[
        Literal["joblib", "recipe"],
        typer.Option("--to", help="A scikit-learn pipeline, or the recipe of the run."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    overwrite: options.OverwriteFile = False,
) -> None:
    """Turn a model into something other programs read."""
    from ilk.cli.commands import export_model

    export_model(model, to, output, overwrite=overwrite)


@command("app")
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
        message = message[:1].lower() + message[1:]
        # The command in which it went wrong, if it got so far.
        path = getattr(getattr(error, "ctx", None), "command_path", "ilk")
        refusal = UsageError("E_USAGE", message, way_out=f"See `{path} --help`.")
        typer.echo(f"ilk: {refusal}", err=True)
        return refusal.exit_code
    except IlkError as error:
        typer.echo(f"ilk: {error.render(options.spell_flag)}", err=True)
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


def _make_spark_engine(engine: options.EngineOptions) -> SparkEngine | None:
    from ilk.cli.commands import SparkEngine

    if engine.engine == "spark":
        return SparkEngine(engine.spark_master)
    if engine.spark_master is not None:
        raise UsageError(
            "E_CONFLICT",
            "a Spark master is named, but the work is to be done on this machine",
            place="--spark-master",
            way_out="Add --engine spark.",
        )
    return None


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
