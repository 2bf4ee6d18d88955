"""The bytes of a file: opened, unpacked if gzipped, hashed, and recognized by the first few."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ilk.errors import InputError, suggest_name

CHUNK_BYTES = 1 << 20
"""Bytes of a file that are read at once."""

GZIP_MAGIC = b"\x1f\x8b"
_CONTENT_BY_MAGIC = {
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
    """Refuse a path that is not a readable file, or an empty file.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN`` or ``E_EMPTY_FILE``.
    """
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except OSError as error:
        raise _build_open_error(path, error) from error
    if not first:
        raise build_empty_file_error(path)


def build_empty_file_error(path: Path) -> InputError:
    """Build the error for a file without any text but blank lines."""
    return InputError(
        "E_EMPTY_FILE",
        "the file is empty",
        place=str(path),
        way_out="Use a file with a header and one row per customer.",
    )


def build_no_rows_error(path: Path | str) -> InputError:
    """Build the error for a table with column names but no rows."""
    return InputError(
        "E_NO_ROWS",
        "there are column names but no rows",
        place=str(path),
        way_out="Use a table with one row per customer.",
    )


def build_damaged_error(path: Path, what: str, why: object = "") -> InputError:
    """Build the error for a file that is cut short or inconsistent."""
    detail = f": {str(why).splitlines()[0][:120]}" if str(why) else ""
    return InputError(
        "E_INPUT_DAMAGED",
        f"the {what} is damaged or cut short{detail}",
        place=str(path),
        way_out="Copy, download or export it again.",
    )


def read_chunks(path: Path, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Read the bytes of a file in chunks, unpacked if it is gzipped, whatever its name.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN``, or ``E_INPUT_DAMAGED`` when the archive is cut short.
    """
    try:
        with _open_unpacked(path) as file:
            while chunk := file.read(chunk_bytes):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise build_damaged_error(path, "gzip archive", error) from error
    except OSError as error:
        raise _build_open_error(path, error) from error


def is_gzip(path: Path) -> bool:
    """Whether the file is gzipped, by its first two bytes."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


def detect_content(first: bytes) -> str | None:
    """Recognize a binary file by its first bytes; ``None`` if it may be text.

    Examples
    --------
    >>> detect_content(b"PAR1...")
    'a Parquet file'
    >>> detect_content(b"id,age") is None
    True
    """
    return next(
        (what for magic, what in _CONTENT_BY_MAGIC.items() if first.startswith(magic)), None
    )


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes of a file as it lies on disk, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_unpacked(path: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(path, "rb") if is_gzip(path) else path.open("rb")


def _build_open_error(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(
            "E_INPUT_OPEN", "there is no such file", place=str(path), way_out=_suggest_file(path)
        )
    if isinstance(error, IsADirectoryError):
        message, way_out = "this is a folder, not a file", "Choose a file inside it."
    elif isinstance(error, PermissionError):
        message, way_out = "you have no permission to read it", "Ask its owner for permission."
    else:
        message, way_out = f"it cannot be read: {error.strerror or error}", "Check the disk."
    return InputError("E_INPUT_OPEN", message, place=str(path), way_out=way_out)


def _suggest_file(path: Path) -> str:
    """A suggestion of a file with a similar name, if the folder has one."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return "Its folder does not exist either: check the spelling."
    near = suggest_name(path.name, names)
    return near if near.startswith("Did") else "Check the spelling and the folder."
