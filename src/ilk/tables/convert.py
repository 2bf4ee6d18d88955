"""Tables of other libraries as Polars frames: pandas, PyArrow, DuckDB, NumPy, lists of dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from ilk.errors import UsageError
from ilk.tables.header import build_duplicate_error, check_unique

if TYPE_CHECKING:
    import narwhals as nw


@dataclass(frozen=True)
class ConvertedTable:
    """A Polars frame, what it was, in words, and the column that names its rows, if one does."""

    frame: pl.DataFrame | pl.LazyFrame
    kind: str
    index: str | None = None


def convert_table(table: object) -> ConvertedTable:
    """A table in memory as a Polars frame.

    Parameters
    ----------
    table : object
        A frame that narwhals knows (pandas, PyArrow, Modin, cuDF …), anything that exports an Arrow
        stream (record batches and their readers, DuckDB relations), a NumPy array of shape (n,) or
        (n, d) (named ``x0``, ``x1``, … unless it is structured), or a list of dicts or of record
        batches.

    Raises
    ------
    UsageError
        ``E_SOURCE_TYPE`` for something that is no table.
    InputError
        ``E_DUPLICATE_COLUMN``.

    Examples
    --------
    >>> convert_table([{"id": "a", "spend": 5}, {"id": "b"}]).frame.rows()
    [('a', 5), ('b', None)]
    >>> convert_table(np.array([[1.5, 2.0], [3.0, 4.0]])).frame.columns
    ['x0', 'x1']
    """
    if isinstance(table, np.ndarray):
        return ConvertedTable(_convert_array(table), "a NumPy array")
    if _is_list_of_dicts(table):
        return ConvertedTable(_convert_rows(table), "a list of dicts")
    if isinstance(table, list | tuple) and table and _has_arrow_stream(table[0]):
        frame = pl.concat(pl.DataFrame(part) for part in table)
        return ConvertedTable(frame, "Arrow record batches")
    return _convert_frame(table)


def _is_list_of_dicts(table: object) -> TypeGuard[list[Mapping[str, Any]]]:
    return (
        isinstance(table, list | tuple)
        and len(table) > 0
        and all(isinstance(row, Mapping) for row in table)
    )


def _has_arrow_stream(table: object) -> bool:
    """Whether something exports Arrow data by the PyCapsule interface."""
    return hasattr(table, "__arrow_c_stream__") or hasattr(table, "__arrow_c_array__")


def _convert_array(array: np.ndarray[Any, Any]) -> pl.DataFrame:
    if array.dtype.names is not None:
        return pl.DataFrame(
            [_build_series(name, array[name].tolist()) for name in array.dtype.names]
        )
    if array.ndim not in (1, 2):
        raise _build_type_error(f"an array of {array.ndim} dimensions")
    columns = array.reshape(len(array), -1).T
    return pl.DataFrame(
        [_build_series(f"x{i}", column.tolist()) for i, column in enumerate(columns)]
    )


def _convert_rows(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame(
        [_build_series(str(name), [row.get(name) for row in rows]) for name in names]
    )


def _convert_frame(table: object) -> ConvertedTable:
    import narwhals as nw
    from narwhals.exceptions import DuplicateError

    try:
        wrapped: nw.DataFrame[Any] = nw.from_native(cast("Any", table), eager_only=True)
    except DuplicateError as error:
        raise build_duplicate_error(
            [str(name) for name in cast("Any", table).columns], "table"
        ) from error
    except TypeError as error:
        return ConvertedTable(_convert_stream(table, error), f"a {type(table).__name__}")
    index = _find_index(wrapped)
    if index is not None:
        wrapped = nw.from_native(cast("Any", table).reset_index(), eager_only=True)
    names = [str(name) for name in wrapped.columns]
    check_unique(names, place="table")
    kind = f"a {wrapped.implementation.name.lower()} frame"
    return ConvertedTable(_convert_to_polars(wrapped, names), kind, index)


def _find_index(table: nw.DataFrame[Any]) -> str | None:
    """The name of the index of a pandas frame, if it has a single one that is no column."""
    if not table.implementation.is_pandas():
        return None
    index: Any = table.to_native().index
    name = index.name if index.nlevels == 1 else None
    return None if name is None or str(name) in map(str, table.columns) else str(name)


def _convert_stream(table: object, reason: TypeError) -> pl.DataFrame:
    """What exports an Arrow stream; a single column does so too, but is no table."""
    if _has_arrow_stream(table):
        with suppress(PolarsError):
            return pl.DataFrame(cast("Any", table))
    raise _build_type_error(f"a {type(table).__name__}") from reason


def _build_type_error(what: str) -> UsageError:
    return UsageError(
        "E_SOURCE_TYPE",
        f"{what} is no table that can be read",
        way_out="Give the path of a file, a pandas, Polars or PyArrow table, a NumPy array, or a "
        "list of dicts.",
    )


def _convert_to_polars(table: nw.DataFrame[Any], names: list[str]) -> pl.DataFrame:
    """Convert to Polars; from pandas column by column, because its own way needs PyArrow."""
    if not table.implementation.is_pandas_like():
        return table.to_polars()
    columns = zip(names, table.iter_columns(), strict=True)
    # A list of series would give a nameless one the name of another place.
    return pl.DataFrame({name: _convert_column(name, column) for name, column in columns})


def _convert_column(name: str, column: nw.Series[Any]) -> pl.Series:
    import narwhals as nw

    absent = column.is_null().to_list()
    if not any(absent) and (column.dtype.is_numeric() or column.dtype == nw.Boolean):
        return pl.Series(name, column.to_numpy())
    cells = [None if gone else cell for cell, gone in zip(column.to_list(), absent, strict=True)]
    return _build_series(name, cells)


def _build_series(name: str, cells: list[Any]) -> pl.Series:
    return pl.Series(name, _unify_types(cells), strict=False)


def _unify_types(cells: list[Any]) -> list[Any]:
    """Cells of one type as they are; a mixture as text, in which whole floats lose their ".0"."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) < 2 or kinds == {int, float}:
        return cells
    return [None if cell is None else _format_cell(cell) for cell in cells]


def _format_cell(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
