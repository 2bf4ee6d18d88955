"""Streams: pipes, standard input and open files, which can be read only once, kept on disk."""

from __future__ import annotations

import gzip
import shutil
import stat
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from ilk.errors import InputError
from ilk.tables import file_bytes
from ilk.tables.base import Source, SourceWrapper
from ilk.tables.spill import build_no_space_error

STANDARD_INPUT = "-"
"""The name by which commands take a table from standard input."""

_SUFFIX_BY_MAGIC = {b"PAR1": ".parquet", b"PK\x03\x04": ".xlsx", b"\xd0\xcf\x11\xe0": ".xls"}


def is_stream(source: object) -> bool:
    """Whether something can be read only once: standard input, a pipe or an open file.

    Examples
    --------
    >>> import io
    >>> is_stream("-"), is_stream(io.StringIO("id,spend")), is_stream("customers.csv")
    (True, True, False)
    """
    if isinstance(source, str | Path):
        return str(source) == STANDARD_INPUT or _is_pipe(Path(source))
    return callable(getattr(source, "read", None))


class StreamFile:
    """The bytes of a stream in a temporary file, which goes when it is no longer used.

    Its ending is that of what it holds; a name of its own says what messages call it.

    Raises
    ------
    InputError
        ``E_EMPTY_FILE`` if nothing comes.
    OutputError
        ``E_OUTPUT_WRITE`` if the disk is full.

    Examples
    --------
    >>> import io
    >>> file = StreamFile(io.StringIO("id,spend"))
    >>> file.name, file.path.suffix, file.path.read_text()
    ('table', '.csv', 'id,spend')
    """

    def __init__(self, stream: object) -> None:
        self.name = _name_stream(stream)
        folder = Path(tempfile.mkdtemp(prefix="ilk-"))
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        kept = folder / "stream"
        try:
            with _open_stream(stream) as source, kept.open("wb") as file:
                shutil.copyfileobj(source, file, file_bytes.CHUNK_BYTES)
        except OSError as error:
            raise build_no_space_error(f"{self.name} cannot be kept in", folder, error) from error
        if not kept.stat().st_size:
            raise file_bytes.build_empty_file_error(Path(self.name))
        self.path = kept.rename(folder / f"stream{_find_suffix(kept, self.name)}")

    @contextmanager
    def name_places(self) -> Iterator[None]:
        """Errors inside name the stream instead of the temporary file."""
        try:
            yield
        except InputError as error:
            error.rename_place(str(self.path), self.name)
            raise


class StreamSource(SourceWrapper):
    """The table in the copy of a stream, under the name of its stream."""

    def __init__(self, source: Source, file: StreamFile) -> None:
        super().__init__(source)
        self._file = file

    @property
    def name(self) -> str:
        """Name of the stream."""
        return self._file.name

    @property
    def paths(self) -> tuple[Path, ...]:
        """None: the file is nobody's but ours."""
        return ()

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order."""
        with self._file.name_places():
            yield from self._source.iter_frames()


def _is_pipe(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _name_stream(stream: object) -> str:
    if isinstance(stream, str | Path):
        return "standard input" if str(stream) == STANDARD_INPUT else str(stream)
    name = getattr(stream, "name", None)
    return Path(name).name if isinstance(name, str) and name and name[0] != "<" else "table"


@contextmanager
def _open_stream(stream: object) -> Iterator[BinaryIO]:
    """The bytes of a stream; one that the caller opened stays open."""
    if isinstance(stream, str | Path):
        if str(stream) == STANDARD_INPUT:
            yield sys.stdin.buffer
        else:
            with Path(stream).open("rb") as file:
                yield file
    else:
        yield _BytesReader(stream)  # type: ignore[misc]


class _BytesReader:
    """An open file whose text comes as UTF-8."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        return chunk.encode() if isinstance(chunk, str) else bytes(chunk)


def _find_suffix(path: Path, name: str) -> str:
    """The ending that says what a file holds, by its first bytes; text may be JSON Lines."""
    with path.open("rb") as file:
        first = file.read(4)
    for magic, suffix in _SUFFIX_BY_MAGIC.items():
        if first.startswith(magic):
            return Path(name).suffix or suffix if suffix != ".parquet" else suffix
    return ".jsonl" if _read_first_text(path)[:1] == b"{" else ".csv"


def _read_first_text(path: Path) -> bytes:
    try:
        with gzip.open(path) if file_bytes.is_gzip(path) else path.open("rb") as file:
            return file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
    except (OSError, EOFError):
        return b""
