"""The files of a Parquet table in several files: a folder or a pattern of names."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import polars as pl

from ilk.errors import InputError, format_place
from ilk.formatting.numbers import format_count

PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".gz"})


def is_dataset(path: Path) -> bool:
    """Whether a path is a folder, or a pattern such as ``sales/*.parquet``.

    A file whose name has the characters of a pattern is that file.

    Examples
    --------
    >>> is_dataset(Path("sales/*.parquet")), is_dataset(Path("sales.parquet"))
    (True, False)
    """
    return path.is_dir() or (not path.exists() and glob.has_magic(str(path)))


def find_part_files(path: Path) -> tuple[Path, ...]:
    """Find the Parquet files of a folder, or those that match a pattern, by name.

    Subfolders are included if their names hold the value of a column, such as ``region=north``.
    Names that begin with a dot or an underscore are skipped: they are temporary files and marks of
    other programs.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN`` when there are none; ``E_MANY_FILES`` when there are text files instead.
    """
    if path.is_dir():
        files = list(_walk_data_files(path))
    else:
        root, files = find_root(path), []
        for match in root.glob(str(path.relative_to(root))):
            files += _walk_data_files(match) if match.is_dir() else [match]
        files = [file for file in files if all(map(_is_data_name, file.relative_to(root).parts))]
    parquet_files = {file for file in files if file.suffix.lower() in PARQUET_SUFFIXES}
    if not parquet_files:
        raise _build_no_files_error(path, files)
    return tuple(sorted(parquet_files, key=lambda file: file.parts))


def find_partition_keys(files: Iterable[Path], root: Path) -> tuple[str, ...]:
    """Find the columns in the names of subfolders, such as ``region=north``.

    Raises
    ------
    InputError
        ``E_PARTS_DIFFER`` when they differ between files.
    """
    all_keys = {file: _parse_partition_keys(file, root) for file in files}
    first, keys = next(iter(all_keys.items()))
    for file, other in all_keys.items():
        if other != keys:
            column = next((key for key in (*keys, *other) if (key in keys) != (key in other)), "")
            ours, theirs = _format_keys(other), _format_keys(keys)
            difference = f"its folders have {ours}, those of {first} have {theirs}"
            raise _build_parts_differ_error(file, column or other[0], difference)
    return keys


def check_same_schema(schemas: Mapping[Path, Mapping[str, pl.DataType]]) -> None:
    """Refuse files that differ in their columns or types.

    Raises
    ------
    InputError
        ``E_PARTS_DIFFER``, with the file and the column.
    """
    first, columns = next(iter(schemas.items()))
    for file, others in schemas.items():
        for column, dtype in columns.items():
            if column not in others:
                raise _build_parts_differ_error(
                    file, column, f"it is missing here but not in {first}"
                )
            if others[column] != dtype:
                difference = f"it is {others[column]} here and {dtype} in {first}"
                raise _build_parts_differ_error(file, column, difference)
        for column in others:
            if column not in columns:
                raise _build_parts_differ_error(file, column, f"it is here but missing in {first}")


def find_root(path: Path) -> Path:
    """Find the folder below which the names of folders hold columns.

    Examples
    --------
    >>> find_root(Path("sales/region=*/*.parquet")).as_posix()
    'sales'
    """
    if path.is_dir():
        return path
    return Path(*takewhile(lambda part: not glob.has_magic(part), path.parts))


def _walk_data_files(folder: Path) -> Iterable[Path]:
    for place, folders, names in os.walk(folder):
        # Only subfolders with the value of a column belong to the table.
        folders[:] = [name for name in filter(_is_data_name, folders) if "=" in name]
        yield from (Path(place) / name for name in filter(_is_data_name, names))


def _is_data_name(name: str) -> bool:
    return not name.startswith((".", "_"))


def _parse_partition_keys(file: Path, root: Path) -> tuple[str, ...]:
    folders = file.relative_to(root).parts[:-1]
    return tuple(folder.partition("=")[0] for folder in folders if "=" in folder)


def _format_keys(keys: tuple[str, ...]) -> str:
    return ", ".join(f"'{key}'" for key in keys) or "no column"


def _build_no_files_error(path: Path, files: list[Path]) -> InputError:
    suffixes = Counter(file.suffix.lower() for file in files)
    n_text = sum(suffixes[suffix] for suffix in _TEXT_SUFFIXES)
    if n_text:
        return InputError(
            "E_MANY_FILES",
            f"{format_count(n_text, 'text file')} cannot be read as one table; only Parquet "
            "files can",
            place=str(path),
            way_out=f"Use {files[0].name} alone, join the files under one header, or save them as "
            "Parquet.",
        )
    what = "this folder has no Parquet file" if path.is_dir() else "no file matches this pattern"
    return InputError(
        "E_INPUT_OPEN",
        what,
        place=str(path),
        way_out="Choose a file, or a folder or pattern of Parquet files.",
    )


def _build_parts_differ_error(file: Path, column: str, difference: str) -> InputError:
    return InputError(
        "E_PARTS_DIFFER",
        f"the files are not parts of one table: column '{column}': {difference}",
        place=format_place(file, column=column),
        way_out="Save that file again with the columns and types of the others, or leave it out.",
    )


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
        number = shift = 0
        while True:
            byte = self._read_byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7

    def _read_integer(self) -> int:
        folded = self._read_varint()
        return (folded >> 1) ^ -(folded & 1)
