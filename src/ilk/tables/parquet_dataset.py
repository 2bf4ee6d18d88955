"""Parts: the files that a folder or a pattern of names stands for."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path

import polars as pl

from ilk.errors import InputError

PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".gz"})


def is_dataset(path: Path) -> bool:
    """Whether a path is a folder, or a pattern such as ``sales/*.parquet``.

    A file whose name holds the signs of a pattern is that file.

    Examples
    --------
    >>> is_dataset(Path("sales/*.parquet")), is_dataset(Path("sales.parquet"))
    (True, False)
    """
    return path.is_dir() or (not path.exists() and glob.has_magic(str(path)))


def find_part_files(path: Path) -> tuple[Path, ...]:
    """The Parquet files of a folder, or those that fit a pattern, by name.

    Of its subfolders those belong to a folder that tell a column, such as ``region=north``.

    Names that begin with a dot or an underscore are those of temporary files and of marks that
    other programs leave: they are passed over.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN`` when there is none; ``E_MANY_FILES`` when there are text files instead.
    """
    if path.is_dir():
        found = list(_walk_data_files(path))
    else:
        root, found = find_root(path), []
        for match in root.glob(str(path.relative_to(root))):
            found += _walk_data_files(match) if match.is_dir() else [match]
        found = [file for file in found if all(map(_is_data_name, file.relative_to(root).parts))]
    chosen = {file for file in found if file.suffix.lower() in PARQUET_SUFFIXES}
    if not chosen:
        raise _build_no_files_error(path, found)
    return tuple(sorted(chosen, key=lambda file: file.parts))


def find_partition_keys(files: Iterable[Path], root: Path) -> tuple[str, ...]:
    """Columns that are told by the names of subfolders, such as ``region=north``.

    Raises
    ------
    InputError
        ``E_PARTS_DIFFER`` when not all files tell the same.
    """
    all_keys = {file: _parse_partition_keys(file, root) for file in files}
    first, keys = next(iter(all_keys.items()))
    for file, other in all_keys.items():
        if other != keys:
            column = next((key for key in (*keys, *other) if (key in keys) != (key in other)), "")
            found = f"its folders tell {_format_keys(other)}, those of {first} tell {_format_keys(keys)}"
            raise _build_parts_differ_error(file, column or other[0], found)
    return keys


def check_same_schema(schemas: Mapping[Path, Mapping[str, pl.DataType]]) -> None:
    """Refuse files that do not have the same columns of the same types.

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
                    file, column, f"it is missing here and stands in {first}"
                )
            if others[column] != dtype:
                found = f"it is {others[column]} here and {dtype} in {first}"
                raise _build_parts_differ_error(file, column, found)
        for column in others:
            if column not in columns:
                raise _build_parts_differ_error(
                    file, column, f"it stands here and is missing in {first}"
                )


def find_root(path: Path) -> Path:
    """The folder below which the names of folders tell columns.

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
        # Only those that tell a column belong to the table; a pattern finds the others.
        folders[:] = [name for name in filter(_is_data_name, folders) if "=" in name]
        yield from (Path(place) / name for name in filter(_is_data_name, names))


def _is_data_name(name: str) -> bool:
    return not name.startswith((".", "_"))


def _parse_partition_keys(file: Path, root: Path) -> tuple[str, ...]:
    folders = file.relative_to(root).parts[:-1]
    return tuple(folder.partition("=")[0] for folder in folders if "=" in folder)


def _format_keys(keys: tuple[str, ...]) -> str:
    return ", ".join(f"'{key}'" for key in keys) or "no column"


def _build_no_files_error(path: Path, found: list[Path]) -> InputError:
    kinds = Counter(file.suffix.lower() for file in found)
    text = sum(kinds[kind] for kind in _TEXT_SUFFIXES)
    if text:
        return InputError(
            "E_MANY_FILES",
            f"{'this is one text file' if text == 1 else f'these are {text:,} text files'}, and "
            "only Parquet files are taken together as one table",
            place=str(path),
            way_out=f"Name {found[0].name} alone, join the files below one header, or save "
            "them as Parquet.",
        )
    what = "this folder holds no Parquet file" if path.is_dir() else "no file fits this pattern"
    return InputError(
        "E_INPUT_OPEN",
        what,
        place=str(path),
        way_out="Name a file, or a folder or pattern of Parquet files.",
    )


def _build_parts_differ_error(file: Path, column: str, found: str) -> InputError:
    return InputError(
        "E_PARTS_DIFFER",
        f"the files are not parts of one table: column '{column}': {found}",
        place=f"{file}, column '{column}'",
        way_out="Save that file again with the columns and types of the others, or leave it out.",
    )
