"""The places that results are written to, which are never files that the run reads."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from ilk.errors import InputError, OutputError
from ilk.tables.parquet_dataset import find_part_files, is_dataset

_STANDARD_STREAM = re.compile(r"/dev/(stdin|stdout|stderr)|(/dev|/proc/\d+(/task/\d+)?)/fd/\d+")

_FileId = tuple[int, int]


def list_input_files(*inputs: object) -> tuple[Path, ...]:
    """List the files on this machine that inputs are read from, as absolute paths.

    Parameters
    ----------
    *inputs : str, Path, Source or other
        A name is that of a file, a folder or a pattern of Parquet files. A source lists its files
        itself. Everything else, such as a data frame or ``None``, has none.

    Examples
    --------
    >>> [path.name for path in list_input_files("customers.csv", None, Path("model.json"))]
    ['customers.csv', 'model.json']
    """
    return tuple(path.absolute() for value in inputs for path in _list_files(value))


def check_targets(targets: Iterable[Path], inputs: Collection[Path]) -> None:
    """Refuse targets that are inputs, folders of inputs, or neither files nor folders.

    Files are compared by their identity in the file system, so that a link or another spelling of
    a path does not hide an input. A target that does not exist yet is accepted.

    Parameters
    ----------
    targets : iterable of Path
        Places to be written, replaced or removed.
    inputs : collection of Path
        Files that are read: see :func:`list_input_files`.

    Raises
    ------
    OutputError
        ``E_OUTPUT_INPUT`` for an input; ``E_OUTPUT_KIND`` for a device, a pipe or a socket.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "customers.csv"
    ...     _ = path.write_text("id")
    ...     check_targets([path], [path])
    Traceback (most recent call last):
    ilk.errors.OutputError: the results would replace an input file ...
    """
    existing = {target: status for target in targets if (status := _check_kind(target))}
    if not existing:
        return
    known = {file_id: path for path in inputs if (file_id := _get_file_id(path))}
    if any(stat.S_ISDIR(status.st_mode) for status in existing.values()):
        folders = {folder: path for path in inputs for folder in path.resolve().parents}
        known |= {
            file_id: path for folder, path in folders.items() if (file_id := _get_file_id(folder))
        }
    for target, status in existing.items():
        if (path := known.get((status.st_dev, status.st_ino))) is not None:
            raise _build_input_error(target, path)


def _list_files(value: object) -> Collection[Path]:
    if not isinstance(value, str | Path):
        paths: Collection[Path] = getattr(value, "paths", ())
        return paths
    if not is_dataset(path := Path(value)):
        return (path,)
    # Opening the table reports what is wrong with its files.
    with suppress(InputError):
        return find_part_files(path)
    return ()


def _check_kind(target: Path) -> os.stat_result | None:
    """The status of an existing target; a link counts as its destination."""
    place = str(target.parent.resolve() / target.name)
    # Standard output may be a regular file, and would still not get the results.
    if _STANDARD_STREAM.fullmatch(place):
        raise _build_kind_error(target, "a standard stream")
    try:
        status = target.stat()
    except (OSError, ValueError):
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise _build_kind_error(target, "a device, a pipe or a socket")
    return status


def _get_file_id(path: Path) -> _FileId | None:
    """The identity of a file in the file system; ``None`` if there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _build_input_error(target: Path, path: Path) -> OutputError:
    same = "" if target.absolute() == path else f", {path}"
    return OutputError(
        "E_OUTPUT_INPUT",
        f"the results would replace an input file{same}",
        place=str(target),
        way_out="Choose another name or folder for the results.",
    )


def _build_kind_error(target: Path, kind: str) -> OutputError:
    return OutputError(
        "E_OUTPUT_KIND",
        f"results are written to regular files, but this is {kind}",
        place=str(target),
        way_out="Choose a file; `ilk predict … -o -` prints the labels on standard output.",
    )
