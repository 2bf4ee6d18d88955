"""Cells: tables written as CSV in which a spreadsheet runs no formula."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

_BEGINS_FORMULA = r"^\s*[=+\-@\t\r\n\x00＝＋－＠]"
_IS_NUMBER = r"^\s*[-+]?[0-9]+([.,][0-9]+)*([eE][-+]?[0-9]+)?\s*$"


def safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text, names included, that a spreadsheet takes for a formula.

    Those begin, after spaces, with = + - @, their full-width forms, a tab, a line end or NUL, and
    are no plain numbers. The rule holds for ids too: one that begins so is the only kind that is
    not written byte for byte. Numbers and dates stay as they are.

    Examples
    --------
    >>> safe(pl.DataFrame({"id": ["007", "=1+1", "-5"]}))["id"].to_list()
    ['007', "'=1+1", '-5']
    """
    texts = [name for name, dtype in frame.schema.items() if _is_text(dtype)]
    cells = frame.with_columns(_quoted(pl.col(name).cast(pl.String)).alias(name) for name in texts)
    names = pl.DataFrame({"name": cells.columns}).select(_quoted(pl.col("name")))
    cells.columns = names.to_series().to_list()
    return cells


def csv_frame(frame: pl.DataFrame, *, header: bool = True) -> bytes:
    r"""Table as CSV in UTF-8: commas, LF, quotes where needed; see :func:`safe` for formulas.

    Examples
    --------
    >>> csv_frame(pl.DataFrame({"id": ["007"], "name": ["@Ann, Bo"]}))
    b'id,name\n007,"\'@Ann, Bo"\n'
    """
    return safe(frame).write_csv(include_header=header).encode()


def write_csv(frames: pl.DataFrame | Iterable[pl.DataFrame], path: Path) -> None:
    r"""Write a table, or the batches of one, as CSV; see :func:`csv_frame`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(pl.DataFrame({"id": ["007"]}), Path(folder) / "a.csv")
    ...     (Path(folder) / "a.csv").read_text()
    'id\n007\n'
    """
    batches = [frames] if isinstance(frames, pl.DataFrame) else frames
    with path.open("wb") as file:
        for number, frame in enumerate(batches):
            file.write(csv_frame(frame, header=number == 0))


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def _quoted(text: pl.Expr) -> pl.Expr:
    formula = text.str.contains(_BEGINS_FORMULA) & ~text.str.contains(_IS_NUMBER)
    return pl.when(formula).then("'" + text).otherwise(text)
