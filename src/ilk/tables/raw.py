"""The bytes of a file: opened, unpacked when gzipped, hashed, and known by their first few."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ilk.errors import InputError, did_you_mean

CHUNK = 1 << 20

GZIP = b"\x1f\x8b"
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or another Office file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"ARROW1": "an Arrow file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}


def check_file(path: Path) -> None:
    """Refuse a path that is no readable file with something in it.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN`` or ``E_EMPTY_FILE``.
    """
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except OSError as error:
        raise _cannot_open(path, error) from error
    if not first:
        raise empty(path)


def empty(path: Path) -> InputError:
    """Build the error for a file that holds nothing, or nothing but blank lines."""
    return InputError(
        "E_EMPTY_FILE",
        "the file is empty",
        place=str(path),
        way_out="Give a file with a header line and one row for each customer.",
    )


def no_rows(path: Path | str) -> InputError:
    """Build the error for a table with column names and not one customer."""
    return InputError(
        "E_NO_ROWS",
        "there are no data rows, only column names",
        place=str(path),
        way_out="Give a table with one row for each customer.",
    )


def damaged(path: Path, what: str, why: object = "") -> InputError:
    """Build the error for a file that breaks off or does not hold together."""
    detail = f": {str(why).splitlines()[0][:120]}" if str(why) else ""
    return InputError(
        "E_INPUT_DAMAGED",
        f"the {what} is damaged or cut short{detail}",
        place=str(path),
        way_out="Copy or download it again, or export it anew.",
    )


def too_large_workbook(path: Path, found: str) -> InputError:
    """Build the error for a workbook that would take too much memory."""
    return InputError(
        "E_WORKBOOK_SIZE",
        found,
        place=str(path),
        way_out="Delete what stands far below or beside the table, or save its sheet as CSV.",
    )


def chunks(path: Path) -> Iterator[bytes]:
    """Bytes of a file in chunks, unpacked when the file is gzipped, whatever its name says.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN``, or ``E_INPUT_DAMAGED`` when the archive breaks off.
    """
    try:
        with _open(path) as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path, "gzip archive", error) from error
    except OSError as error:
        raise _cannot_open(path, error) from error


def is_gzip(path: Path) -> bool:
    """Whether the file is gzipped, by its first two bytes."""
    with path.open("rb") as file:
        return file.read(2) == GZIP


def content(first: bytes) -> str | None:
    """What a binary file is, by its first bytes; ``None`` when it may be text.

    Examples
    --------
    >>> content(b"PAR1...")
    'a Parquet file'
    >>> content(b"id,age") is None
    True
    """
    return next((what for magic, what in _MAGIC.items() if first.startswith(magic)), None)


def sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file as it lies on disk, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(path, "rb") if is_gzip(path) else path.open("rb")


def _cannot_open(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(
            "E_INPUT_OPEN", "there is no such file", place=str(path), way_out=_near(path)
        )
    if isinstance(error, IsADirectoryError):
        found, way_out = "this is a folder, not a file", "Name one file inside it."
    elif isinstance(error, PermissionError):
        found, way_out = "you are not allowed to read it", "Ask its owner for read permission."
    else:
        found, way_out = f"it cannot be read: {error.strerror or error}", "Check the disk."
    return InputError("E_INPUT_OPEN", found, place=str(path), way_out=way_out)


def _near(path: Path) -> str:
    """Advice naming a file of nearly the same name, if the folder has one."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return "Its folder does not exist either; check the spelling."
    near = did_you_mean(path.name, names)
    return near if near.startswith("Did") else "Check the spelling and the folder."
