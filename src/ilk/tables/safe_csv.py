"""Tables as CSV in which a spreadsheet runs no formula."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import polars as pl

from ilk.tables.prefetch import prefetch

_FORMULA_PATTERN = r"^\s*[=+\-@\t\r\n\x00＝＋－＠]"
# What a spreadsheet reads as a number, in any country: more than :func:`is_number` allows.
_NUMBER_PATTERN = r"^\s*[-+]?[0-9]+([.,][0-9]+)*([eE][-+]?[0-9]+)?\s*$"


def escape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text, names included, that a spreadsheet takes as a formula.

    Such text begins, after spaces, with = + - @, their full-width forms, a tab, a line end or NUL,
    and is not a number. The rule applies to IDs too: only such IDs are not written byte for byte.
    Numbers and dates stay as they are.

    Examples
    --------
    >>> escape_formulas(pl.DataFrame({"id": ["007", "=1+1", "-5"]}))["id"].to_list()
    ['007', "'=1+1", '-5']
    """
    texts = [
        column.name for column in frame if _is_text(column.dtype) and _may_hold_formula(column)
    ]
    cells = frame.with_columns(
        _escape_formula(pl.col(name).cast(pl.String)).alias(name) for name in texts
    )
    names = pl.DataFrame({"name": cells.columns}).select(_escape_formula(pl.col("name")))
    cells.columns = names.to_series().to_list()
    return cells


def render_csv(frame: pl.DataFrame, *, header: bool = True) -> bytes:
    r"""Render a table as CSV in UTF-8, with commas, LF, quotes where needed and escaped formulas.

    Examples
    --------
    >>> render_csv(pl.DataFrame({"id": ["007"], "name": ["@Ann, Bo"]}))
    b'id,name\n007,"\'@Ann, Bo"\n'
    """
    buffer = io.BytesIO()
    escape_formulas(frame).write_csv(buffer, include_header=header)
    return buffer.getvalue()


def write_csv(frames: pl.DataFrame | Iterable[pl.DataFrame], path: Path) -> None:
    r"""Write a table, or its batches, as CSV; see :func:`render_csv`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(pl.DataFrame({"id": ["007"]}), Path(folder) / "a.csv")
    ...     (Path(folder) / "a.csv").read_text()
    'id\n007\n'
    """
    batches = [frames] if isinstance(frames, pl.DataFrame) else frames
    texts = (partial(render_csv, frame, header=not number) for number, frame in enumerate(batches))
    with path.open("wb") as file:
        for text in prefetch(texts):
            file.write(text)


def _may_hold_formula(column: pl.Series) -> bool:
    """Whether a column may hold a formula.

    Formulas begin with a character before ``.``, from ``=`` to ``@``, or beyond ASCII. Comparing
    takes a tenth of the time of searching, and is enough for most columns.
    """
    if column.dtype != pl.String:
        return True
    cell = pl.col(column.name)
    is_possible = (cell < ".") | ((cell >= "=") & (cell < "A")) | (cell >= "\x80")
    return bool(column.to_frame().select(is_possible.any()).item())


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def _escape_formula(text: pl.Expr) -> pl.Expr:
    is_formula = text.str.contains(_FORMULA_PATTERN) & ~text.str.contains(_NUMBER_PATTERN)
    return pl.when(is_formula).then("'" + text).otherwise(text)
