"""The options that commands share, in the groups that ``--help`` shows them in."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


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


class TableFormat(StrEnum):
    """Format of the table of labelled customers."""

    csv = "csv"
    parquet = "parquet"


class Target(StrEnum):
    """What a model can be exported to."""

    joblib = "joblib"
    recipe = "recipe"


class ScatterAxes(StrEnum):
    """What the scatter plot draws."""

    columns = "columns"
    components = "components"


class Engine(StrEnum):
    """Where the rows are worked on."""

    local = "local"
    spark = "spark"


_choice = partial(typer.Option, rich_help_panel="Segments")
_column = partial(typer.Option, rich_help_panel="Columns (several as a,b,c)")
_encoding = partial(typer.Option, rich_help_panel="Preparing the columns")
_reading = partial(typer.Option, rich_help_panel="Reading the file")
_running = partial(typer.Option, rich_help_panel="The run")
_result = partial(typer.Option, rich_help_panel="Results")

Source = Annotated[str, typer.Argument(help="CSV, Parquet, Excel or JSON lines file.")]
ModelFile = Annotated[Path, typer.Argument(help="A model.json that ilk wrote.")]

K = Annotated[str | None, _choice("--k", help="Number of segments, or auto. [default: auto]")]
KMax = Annotated[int | None, _choice(help="Largest number tried. [grows from 12 where it pays]")]
Algorithm = Annotated[
    str | None,
    _choice(help="kmeans, bisecting, mixture, ward, dbscan or hdbscan. [default: kmeans]"),
]
MinShare = Annotated[
    float | None,
    _choice(help="Least share of customers in a segment: 0.05 is 5%. [default: 0.0]"),
]
MaxShare = Annotated[
    float | None,
    _choice(help="Largest share of customers in a segment: 0.5 is 50%. [default: 1.0]"),
]
RequireStructure = Annotated[
    bool | None, _choice("--require-structure", help="Exit with 4 if there are no segments.")
]
Fast = Annotated[
    bool | None,
    _choice("--fast", help="Leave out the tests of segments against chance and other draws."),
]

Features = Annotated[str | None, _column(help="The only columns that shape segments.")]
Describe = Annotated[str | None, _column(help="Columns that only describe segments.")]
Ignore = Annotated[str | None, _column(help="Columns to leave out.")]
IdColumn = Annotated[str | None, _column("--id", help="The column of customer ids.")]
Numeric = Annotated[str | None, _column(help="Columns to treat as numbers.")]
Categorical = Annotated[str | None, _column(help="Columns to treat as categories.")]

Scale = Annotated[
    str | None, _encoding(help="standard, robust, minmax or none. [default: standard]")
]
Missing = Annotated[str | None, _encoding(help="median, mean, zero or drop. [default: median]")]
Skew = Annotated[str | None, _encoding(help="auto, none or log1p. [default: auto]")]
Outliers = Annotated[str | None, _encoding(help="none or clip. [default: none]")]
Onehot = Annotated[str | None, _encoding(help="unit or raw. [default: unit]")]
Pca = Annotated[
    str | None,
    _encoding(help="Cluster on principal components: how many, or 0.9 of the variance. [none]"),
]

Delimiter = Annotated[str | None, _reading(help="Column separator. [detected]")]
Decimal = Annotated[str | None, _reading(help="Decimal mark. [detected]")]
Thousands = Annotated[str | None, _reading(help="Thousands mark. [detected]")]
Quote = Annotated[str | None, _reading(help="Quote character. [detected]")]
Encoding = Annotated[str | None, _reading(help="Text encoding. [detected]")]
Sheet = Annotated[str | None, _reading(help="Excel sheet. [the first]")]
MaxBadRows = Annotated[int | None, _reading(help="Unreadable rows to put up with. [default: 0]")]
ExcludeIds = Annotated[
    Path | None, _reading(help="A file of customer ids to leave out altogether.")
]

RecipeFile = Annotated[Path | None, _running(help="A TOML file of choices.")]
Seed = Annotated[int | None, _running(help="Seed of every random choice. [default: 0]")]
Sample = Annotated[int | None, _running(help="Rows on which K is chosen. [default: 200000]")]
Polish = Annotated[
    int | None,
    _running(help="Further passes over all rows to move the centres. [default: 0]"),
]
EngineOption = Annotated[Engine, _running("--engine", help="This machine, or Spark's.")]
SparkMaster = Annotated[
    str | None, _running(help="Such as spark://host:7077 or local[4]. [local[*]]")
]

Out = Annotated[Path, _result("--out", help="Folder for the results.")]
Playbook = Annotated[Path | None, _result(help="A TOML file of actions.")]
Format = Annotated[TableFormat, _result("--format", help="Format of the customers table.")]
Scatter = Annotated[
    ScatterAxes, _result(help="Draw the two most telling columns or two principal components.")
]
Overwrite = Annotated[bool, _result("--overwrite", help="Replace an earlier run's files.")]
Json = Annotated[bool, _result("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, _result("--quiet", "-q", help="Print errors and warnings only.")]
CompareOut = Annotated[
    Path | None, _result("--out", help="Folder for the table and a picture. [none]")
]
Output = Annotated[
    str, _result("--output", "-o", help="CSV or Parquet file; - is standard output.")
]
