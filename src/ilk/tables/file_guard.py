"""The files behind a source, which must not change while it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ilk.errors import InputError
from ilk.tables import file_bytes


class FileGuard:
    """The file, or the ordered files, of one table.

    Their sizes and times are recorded; they are to be read inside :meth:`ensure_unchanged`.

    Parameters
    ----------
    place : Path
        What the user specified: a file, a folder or a pattern of names.
    paths : sequence of Path
        The files; ``place`` itself unless given.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.csv"
    ...     _ = path.write_bytes(b"id")
    ...     guard = FileGuard(path)
    ...     with guard.ensure_unchanged():
    ...         _ = path.write_bytes(b"id,age")
    Traceback (most recent call last):
    ilk.errors.InputError: the file changed while it was being read, from 2 to 6 bytes ...
    """

    def __init__(self, place: Path, paths: Sequence[Path] = ()) -> None:
        self.place = place
        self.paths = tuple(paths) or (place,)
        self._stamps = [_read_stamp(path) for path in self.paths]

    @contextmanager
    def ensure_unchanged(self) -> Iterator[None]:
        """A pass over the files, which fails if they are not what they were at first.

        Raises
        ------
        InputError
            ``E_INPUT_CHANGED``, in place of any error that the change may have caused inside.
        """
        self._check_stamps()
        try:
            yield
        except Exception as error:
            self._check_stamps(error)
            raise
        self._check_stamps()

    def fingerprint(self) -> str:
        """SHA-256 of the bytes of the file; of several files, of their names and hashes."""
        with self.ensure_unchanged():
            if len(self.paths) == 1:
                return file_bytes.hash_file(self.paths[0])
            digest = hashlib.sha256()
            for path in self.paths:
                name = path.relative_to(self.place) if self.place in path.parents else path
                digest.update(f"{name.as_posix()}\n{file_bytes.hash_file(path)}\n".encode())
            return digest.hexdigest()

    def _check_stamps(self, error: Exception | None = None) -> None:
        for path, before in zip(self.paths, self._stamps, strict=True):
            if (now := _read_stamp(path)) != before:
                raise _build_changed_error(path, before, now) from error


_Stamp = tuple[int, int]


def _read_stamp(path: Path) -> _Stamp | None:
    """Size and time of the last change; ``None`` if there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _build_changed_error(path: Path, before: _Stamp | None, now: _Stamp | None) -> InputError:
    if before is None or now is None:
        message = "the file was removed while it was being read"
    elif before[0] != now[0]:
        message = (
            f"the file changed while it was being read, from {before[0]:,} to {now[0]:,} bytes"
        )
    else:
        message = "the file changed while it was being read: it was rewritten with the same size"
    return InputError(
        "E_INPUT_CHANGED",
        message,
        place=str(path),
        way_out="Wait until it is complete, or copy it first, and run again.",
    )
