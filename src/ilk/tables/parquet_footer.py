"""Footer: how many rows the row groups of a Parquet file say they have.

A reader takes a row group at a time, and makes room for what the group says it holds before it
looks at what is there. A few hundred bytes can say that they hold more than any memory does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

MARK = b"PAR1"

_LARGEST = 1 << 20  # so many bytes of a footer are looked through in about a second
_ROW_GROUPS, _ROWS_OF_GROUP = 4, 3  # numbers of fields in the format's definition
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE = frozenset({4, 5, 6})


def largest_group(path: Path) -> int | None:
    """Rows of the largest row group of a file, by its own word; unknown where that is too long.

    Examples
    --------
    >>> import tempfile
    >>> import polars as pl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.parquet"
    ...     pl.DataFrame({"x": range(10)}).write_parquet(file, row_group_size=4)
    ...     largest_group(file)
    4
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - 8))
        tail = file.read()
        size = int.from_bytes(tail[:4], "little")
        if tail[4:] != MARK or size > min(_LARGEST, end - 8):
            return None
        file.seek(end - 8 - size)
        footer = file.read(size)
    try:
        groups = _Compact(footer).struct()[_ROW_GROUPS]
        return max((group[_ROWS_OF_GROUP] for group in groups), default=0)
    # Whatever else such bytes may be, they are no footer: the reader will say so.
    except (IndexError, KeyError, RecursionError, TypeError):
        return None


class _Compact:
    """Reader of Apache Thrift's compact protocol, of as much as a footer needs."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def struct(self) -> dict[int, Any]:
        """Fields by their numbers."""
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._whole()
            fields[number] = self._value(head & 15)
        return fields

    def _value(self, kind: int) -> Any:
        if kind in _WHOLE:
            return self._whole()
        if kind == _STRUCT:
            return self.struct()
        if kind in (_LIST, _SET):
            return self._list()
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        return self._skip({_BYTE: 1, _DOUBLE: 8}.get(kind) or self._length(kind))

    def _list(self) -> list[Any]:
        head = self._byte()
        size = self._varint() if head >> 4 == 15 else head >> 4
        kind = head & 15
        # A truth value takes a byte of its own in a list.
        read = self._byte if kind in (_TRUE, _FALSE) else lambda: self._value(kind)
        return [read() for _ in range(size)]

    def _length(self, kind: int) -> int:
        if kind != _BINARY:
            raise KeyError(kind)  # maps and later inventions: a footer has none
        return self._varint()

    def _skip(self, size: int) -> None:
        self._place += size

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    def _whole(self) -> int:
        folded = self._varint()
        return (folded >> 1) ^ -(folded & 1)
