"""The number of rows in the row groups of a Parquet file, by its footer.

A reader takes a row group at a time, and allocates memory for the rows announced before it reads
them. A few hundred bytes can announce more rows than any memory can hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

MAGIC = b"PAR1"

_MAX_FOOTER_BYTES = 1 << 20  # parsed in about a second
_ROW_GROUPS, _ROWS_OF_GROUP = 4, 3  # field numbers in the definition of the format
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGER_TYPES = frozenset({4, 5, 6})


def find_largest_row_group(path: Path) -> int | None:
    """Find the rows of the largest row group of a file; unknown where the footer is too long.

    Examples
    --------
    >>> import tempfile
    >>> import polars as pl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.parquet"
    ...     pl.DataFrame({"x": range(10)}).write_parquet(file, row_group_size=4)
    ...     find_largest_row_group(file)
    4
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - 8))
        tail = file.read()
        size = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC or size > min(_MAX_FOOTER_BYTES, end - 8):
            return None
        file.seek(end - 8 - size)
        footer = file.read(size)
    try:
        groups = _CompactReader(footer).read_struct()[_ROW_GROUPS]
        return max((group[_ROWS_OF_GROUP] for group in groups), default=0)
    # These bytes are not a footer, which the reader of the file will report.
    except (IndexError, KeyError, RecursionError, TypeError):
        return None


class _CompactReader:
    """Reader of Apache Thrift's compact protocol, of as much as a footer needs."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def read_struct(self) -> dict[int, Any]:
        """Fields by their numbers."""
        fields: dict[int, Any] = {}
        number = 0
        while head := self._read_byte():
            number = number + (head >> 4) if head >> 4 else self._read_integer()
            fields[number] = self._read_value(head & 15)
        return fields

    def _read_value(self, kind: int) -> Any:
        if kind in _INTEGER_TYPES:
            return self._read_integer()
        if kind == _STRUCT:
            return self.read_struct()
        if kind in (_LIST, _SET):
            return self._read_list()
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        return self._skip_bytes({_BYTE: 1, _DOUBLE: 8}.get(kind) or self._read_length(kind))

    def _read_list(self) -> list[Any]:
        head = self._read_byte()
        size = self._read_varint() if head >> 4 == 15 else head >> 4
        kind = head & 15
        # A truth value takes a byte of its own in a list.
        read = self._read_byte if kind in (_TRUE, _FALSE) else lambda: self._read_value(kind)
        return [read() for _ in range(size)]

    def _read_length(self, kind: int) -> int:
        if kind != _BINARY:
            raise KeyError(kind)  # maps and later inventions: a footer has none
        return self._read_varint()

    def _skip_bytes(self, size: int) -> None:
        self._position += size

    def _read_byte(self) -> int:
        self._position += 1
        return self._data[self._position - 1]

    def _read_varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._read_byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    def _read_integer(self) -> int:
        folded = self._read_varint()
        return (folded >> 1) ^ -(folded & 1)
