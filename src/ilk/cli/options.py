"""The options of commands: those of a recipe, made from their declarations, and those of results.

A command takes groups of options as one parameter each. :func:`expand_groups` puts the options of
the groups in their places before typer looks at the command, and the groups together again when it
runs. The options of a recipe are not named here: see :mod:`ilk.recipe`.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial, wraps
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import typer
from typer.core import TyperCommand

from ilk.errors import UsageError
from ilk.options import Option
from ilk.recipe import GROUPS, OPTIONS, READING, RUNNING


class GroupedCommand(TyperCommand):
    """A command whose help shows its options group by group."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section for each group, in the order in which they begin."""
        sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for param in self.get_params(ctx):
            usual = f"{param.param_type_name}s".capitalize()
            if (record := param.get_help_record(ctx)) is not None:
                sections[getattr(param, "rich_help_panel", None) or usual].append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


@dataclass(frozen=True, eq=False)
class RecipeOptions:
    """Marks a parameter that takes the options of a recipe, as a mapping of those that were given.

    Parameters
    ----------
    groups : tuple of str
        The groups to offer, in this order.
    without : collection of str
        Options that the command does not have.
    unset : mapping of str to str
        What happens in this command unless an option is chosen, where it is something else.
    """

    groups: tuple[str, ...] = GROUPS
    without: Collection[str] = frozenset()
    unset: Mapping[str, str] = field(default_factory=dict)

    def select(self, options: Iterable[Option] = OPTIONS.values()) -> list[Option]:
        """The options that the command has, group by group."""
        offered = [
            replace(option, unset=self.unset[option.name]) if option.name in self.unset else option
            for option in options
            if option.on_command_line
            and option.group in self.groups
            and option.name not in self.without
        ]
        return sorted(offered, key=lambda option: self.groups.index(option.group))


_run = partial(typer.Option, rich_help_panel=RUNNING)
_result = partial(typer.Option, rich_help_panel="Results")

Source = Annotated[
    str, typer.Argument(help="CSV, Parquet, Excel or JSON lines file; - is standard input.")
]
ModelFile = Annotated[Path, typer.Argument(help="A model.json that ilk wrote.")]
ExcludeIds = Annotated[
    Path | None,
    typer.Option(help="A file of customer IDs to leave out.", rich_help_panel=READING),
]
RecipeFile = Annotated[Path | None, _run(help="A TOML file with options of the run.")]
Playbook = Annotated[
    Path | None, _result(help="A TOML file of actions in place of the built-in ones.")
]
Overwrite = Annotated[bool, _result("--overwrite", help="Replace the files of an earlier run.")]
OverwriteFile = Annotated[
    bool, _result("--overwrite", help="Replace the file if there is one of this name.")
]
Json = Annotated[bool, _result("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, _result("--quiet", "-q", help="Print errors and warnings only.")]


@dataclass(frozen=True, eq=False)
class FitOutput:
    """Where the results of a fit go, and how much is said about them."""

    directory: Annotated[Path, _result("--out", help="Folder for the results.")] = Path("assets")
    table_format: Annotated[
        Literal["csv", "parquet"], _result("--format", help="Format of the table of customers.")
    ] = "csv"
    scatter: Annotated[
        Literal["columns", "components"],
        _result(help="Axes of the scatter plot: the two most distinctive columns, or components."),
    ] = "columns"
    overwrite: Overwrite = False
    json: Json = False
    quiet: Quiet = False


@dataclass(frozen=True, eq=False)
class DemoOutput:
    """Where the results of a demonstration go, and how much is said about them."""

    directory: Annotated[Path, _result("--out", help="Folder for the results.")] = Path("assets")
    overwrite: Overwrite = False
    json: Json = False
    quiet: Quiet = False


@dataclass(frozen=True, eq=False)
class CompareOutput:
    """Where a comparison goes, if anywhere, and how much is said about it."""

    directory: Annotated[
        Path | None,
        _result("--out", help="Folder for the table, a picture and a record. [none]"),
    ] = None
    overwrite: Overwrite = False
    json: Json = False
    quiet: Quiet = False


@dataclass(frozen=True, eq=False)
class PredictOutput:
    """Where labels go, and how much is said about them."""

    target: Annotated[
        str, _result("--output", "-o", help="CSV or Parquet file; - is standard output.")
    ] = "-"
    details: Annotated[
        bool, _result("--details", help="Also write the action and the margin of every customer.")
    ] = False
    strict: Annotated[
        bool,
        _result("--strict", help="Write nothing, and exit with 4, if a warning doubts labels."),
    ] = False
    overwrite: OverwriteFile = False
    json: Annotated[
        bool,
        _result(
            "--json",
            help="Print JSON and nothing else: a list of all customers with their action and "
            "margin, or one object with --set.",
        ),
    ] = False
    quiet: Quiet = False

    def check(self, *, of_one: bool) -> None:
        """Refuse a file for what is only printed: JSON, and the segment of one customer."""
        if self.target == "-" or not (self.json or of_one):
            return
        what = "the segment of one customer" if of_one else "JSON"
        raise UsageError(
            "E_CONFLICT",
            f"{what} is printed, and no file is written",
            place="ilk predict",
            way_out=f"Leave out {'--output' if of_one else 'either --output or --json'}.",
        )


@dataclass(frozen=True, eq=False)
class EngineOptions:
    """Where the rows are worked on."""

    engine: Annotated[Literal["local", "spark"], _run(help="This machine, or Spark.")] = "local"
    spark_master: Annotated[
        str | None, _run(help="Such as spark://host:7077 or local[4]. [local[*]]")
    ] = None


def spell_flag(field: str, value: object = None) -> str:
    """An option as it is typed, with a value or without.

    Examples
    --------
    >>> spell_flag("k_max"), spell_flag("ignore", ["Age"]), spell_flag("fast", True)
    ('--k-max', '--ignore "Age"', '--fast')
    """
    flag = OPTIONS[field].flag if field in OPTIONS else _OTHER_FLAGS[field]
    if value is None or value is True:
        return flag
    if isinstance(value, list | tuple):
        names = (f'"{name}"' for name in value)
        return f"{flag} {','.join(names)}"
    return f"{flag} {value}"


_OTHER_FLAGS = {"exclude": "--exclude-ids", "overwrite": "--overwrite", "strict": "--strict"}
"""Options of the library that are not part of a recipe."""


def expand_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of its groups as parameters of its own."""
    groups = {
        parameter.name: _Group.of(parameter)
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
    }

    @wraps(command)
    def run(**values: Any) -> None:
        command(**{name: group.assemble(values) for name, group in groups.items()})

    parameters = [parameter for group in groups.values() for parameter in group.parameters]
    setattr(run, "__signature__", inspect.Signature(parameters))  # noqa: B010 - mypy knows no such
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


@dataclass(frozen=True, eq=False)
class _Group:
    """Parameters of typer that make one argument of a command."""

    parameters: list[Parameter]
    assemble: Callable[[Mapping[str, Any]], Any]

    @classmethod
    def of(cls, parameter: Parameter) -> _Group:
        """The options behind a parameter of a command; most are a single one."""
        marks = [mark for mark in get_args(parameter.annotation) if isinstance(mark, RecipeOptions)]
        if marks:
            options = marks[0].select()
            return cls(list(map(make_parameter, options)), partial(_parse_options, options))
        kind = parameter.annotation
        if isinstance(kind, type) and is_dataclass(kind):
            own = list(_list_fields(kind))
            names = [field.name for field in own]
            return cls(own, lambda values: kind(**{name: values[name] for name in names}))
        return cls([parameter], lambda values: values[parameter.name])


def make_parameter(option: Option) -> Parameter:
    """An option of a recipe as a parameter that typer understands; ``None`` is "not given"."""
    declared = typer.Option(option.flag, help=option.describe(), rich_help_panel=option.group)
    annotation: Any = Annotated[option.values.python_type | None, declared]
    return Parameter(option.name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _list_fields(group: type[Any]) -> Iterator[Parameter]:
    annotations = get_type_hints(group, include_extras=True)
    for own in fields(group):
        yield Parameter(
            own.name,
            Parameter.KEYWORD_ONLY,
            default=own.default,
            annotation=annotations[own.name],
        )


def _parse_options(options: Iterable[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as a recipe has them."""
    given = {option: values[option.name] for option in options}
    return {
        option.name: option.values.parse(value)
        for option, value in given.items()
        if value is not None
    }
