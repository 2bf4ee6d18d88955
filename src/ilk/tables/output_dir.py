"""Sink: the files of a run, written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType

from ilk.errors import OutputError
from ilk.tables.targets import check_targets

_PART_FILE_NAME = re.compile(r"part-|_SUCCESS$|\.")

_DISK_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class OutputDir:
    """A folder into which the files of one run are moved together, when all of them are done.

    Files are staged in a hidden folder inside the target, on the same disk, so that each move is
    one atomic step: at any moment every file is the whole old one or the whole new one. Where there
    are several, the last one of an earlier run goes before any other is replaced, and that of this
    run comes when all others are in place: no mixture of two runs looks finished.

    Parameters
    ----------
    directory : Path
        Target folder; made if it does not exist.
    overwrite : bool
        Whether files of an earlier run may be replaced.
    names : collection of str
        Every file that a run of this kind may leave, relative to the folder. Those of an earlier
        run that this run does not write are removed, so that no stale file stands beside new ones.
    last : str
        File that is removed first and moved last: whoever sees it sees a finished run.
    folders : collection of str
        Those of the names that may be folders of part files, as Spark writes them.
    inputs : collection of Path
        Files that the run reads, which it must not replace or remove.

    Raises
    ------
    OutputError
        ``E_OUTPUT_EXISTS``, ``E_OUTPUT_INPUT``, ``E_OUTPUT_KIND``, ``E_OUTPUT_LINK`` or
        ``E_OUTPUT_WRITE``.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with OutputDir(Path(folder), overwrite=False, names=["run.json"]) as sink:
    ...         _ = sink.stage_path("run.json").write_text("{}")
    ...     sorted(entry.name for entry in Path(folder).iterdir())
    ['run.json']
    """

    def __init__(
        self,
        directory: Path,
        *,
        overwrite: bool,
        names: Collection[str] = (),
        final_name: str = "run.json",
        folder_names: Collection[str] = (),
        inputs: Collection[Path] = (),
    ) -> None:
        self._directory = directory
        self._overwrite = overwrite
        self._names = tuple(names)
        self._final_name = final_name
        self._folder_names = frozenset(folder_names)
        self._inputs = tuple(inputs)
        self._staged: dict[str, Path] = {}
        self._staging_dir: Path | None = None
        self._created_dirs: list[Path] = []

    def check(self) -> None:
        """Refuse before any work what could not be written after it."""
        self._check_directory()
        targets = [self._resolve_target(name) for name in self._names]
        for name in self._names:
            if self._is_foreign(name):
                raise _build_folder_error(self._directory / name)
        check_targets(targets, self._inputs)
        standing = [name for name in self._names if os.path.lexists(self._directory / name)]
        if standing and not self._overwrite:
            raise _build_exists_error(self._directory / standing[0], len(standing) - 1)

    def _check_directory(self) -> None:
        """Refuse a folder for the results that is, or lies below, something else."""
        with _translate_errors(self._directory):
            path = next(path for path in _upwards(self._directory) if path.exists())
            if not path.is_dir():
                raise build_write_error(
                    path, "this is a file, not a folder", "Choose another folder"
                )

    def stage_path(self, name: str) -> Path:
        """Where to write the file ``name`` for now; its folder exists."""
        if self._staging_dir is None:
            raise RuntimeError("a sink hands out paths only inside its with block")
        check_targets([self._resolve_target(name)], self._inputs)
        staged = self._staging_dir / name
        with _translate_errors(self._directory / name):
            staged.parent.mkdir(parents=True, exist_ok=True)
        self._staged[name] = staged
        return staged

    def __enter__(self) -> OutputDir:
        self.check()
        self._created_dirs = [path for path in _upwards(self._directory) if not path.exists()]
        try:
            with _translate_errors(self._directory):
                self._directory.mkdir(parents=True, exist_ok=True)
                self._staging_dir = Path(tempfile.mkdtemp(prefix=".ilk-", dir=self._directory))
        except OutputError:
            _remove_empty_folders(self._created_dirs)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                with _translate_errors(self._directory):
                    self._publish_all()
                self._created_dirs = []
        finally:
            if self._staging_dir is not None:
                _remove_folder(self._staging_dir)
            _remove_empty_folders(self._created_dirs)
        if isinstance(error, OSError) and self._is_write_error(error):
            raise _build_os_write_error(self._directory, error) from error

    def _is_write_error(self, error: OSError) -> bool:
        """Whether an error of the system is about writing, not about something else in the run."""
        staging = str(self._staging_dir)
        return error.errno in _DISK_ERRNOS or str(error.filename or "").startswith(staging)

    def _publish_all(self) -> None:
        """Put every staged file in its place, remove stale ones, and the last file at the end."""
        for staged in self._staged.values():
            _sync_to_disk(staged)
        names = list(dict.fromkeys((*self._staged, *self._names)))
        if names == [self._final_name]:
            self._replace(self._final_name)  # A single file goes from old to new in one step.
            return
        if self._final_name in names:
            self._clear_target(self._resolve_target(self._final_name))
            _sync_to_disk(self._directory)
        try:
            for name in sorted(names, key=lambda name: name == self._final_name):
                self._replace(name)
        except OSError as error:
            raise _partly_written(self._directory, self._final_name, error) from error

    def _replace(self, name: str) -> None:
        """Put a staged file in its place; remove what an earlier run left there if none is."""
        if name in self._staged:
            self._publish_file(name)
        else:
            self._clear_target(self._resolve_target(name))

    def _publish_file(self, name: str) -> None:
        target = self._resolve_target(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir() or self._staged[name].is_dir():
            self._clear_target(target)
        self._staged[name].replace(target)
        _sync_to_disk(target.parent)

    def _clear_target(self, target: Path) -> None:
        """Take away what stands at a place; a folder in one step, into the staging folder."""
        if target.is_dir() and not target.is_symlink():
            assert self._staging_dir is not None
            target.replace(self._staging_dir / f"old-{target.name}")
        else:
            target.unlink(missing_ok=True)

    def _is_foreign(self, name: str) -> bool:
        """Whether a folder stands at a place that no run can have left there."""
        path = self._directory / name
        if not path.is_dir():
            return False
        parts = name in self._folder_names and not path.is_symlink()
        return not (parts and all(_PART_FILE_NAME.match(entry.name) for entry in path.iterdir()))

    def _resolve_target(self, name: str) -> Path:
        """Final place of a file; refused when a link would lead out of the folder."""
        plain = PurePosixPath(name)
        target = self._directory / name
        inside = target.parent.resolve().is_relative_to(self._directory.resolve())
        if plain.is_absolute() or ".." in plain.parts or not inside:
            raise OutputError(
                "E_OUTPUT_LINK",
                "this place lies outside the folder for the results",
                place=str(target),
                way_out="Remove the link, or choose another folder.",
            )
        return target


def file_sink(
    path: Path, *, overwrite: bool, inputs: Collection[Path] = (), parts: bool = False
) -> OutputDir:
    """A sink for one file, or with ``parts`` for one folder of part files.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with file_sink(Path(folder) / "a.csv", overwrite=False) as sink:
    ...         _ = sink.stage_path("a.csv").write_text("id")
    ...     (Path(folder) / "a.csv").read_text()
    'id'
    """
    name = path.name
    return OutputDir(
        path.parent,
        overwrite=overwrite,
        names=[name],
        final_name=name,
        folder_names=[name] if parts else [],
        inputs=inputs,
    )


def write_atomically(
    path: Path, data: bytes, *, overwrite: bool, inputs: Collection[Path] = ()
) -> None:
    """Write one file whole or not at all.

    Raises
    ------
    OutputError
        ``E_OUTPUT_EXISTS`` when there is one and ``overwrite`` is false; ``E_OUTPUT_INPUT`` when it
        is one of the ``inputs``; ``E_OUTPUT_KIND`` when it is no regular file; ``E_OUTPUT_WRITE``
        when the disk or the permissions do not allow it.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "a.csv", b"id", overwrite=False)
    ...     (Path(folder) / "a.csv").read_bytes()
    b'id'
    """
    with file_sink(path, overwrite=overwrite, inputs=inputs) as sink:
        sink.stage_path(path.name).write_bytes(data)


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of the system into ours."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise _build_os_write_error(path, error) from error


def build_write_error(
    path: Path,
    why: str,
    way_out: str = "Free space or change permissions, or choose another folder",
) -> OutputError:
    """The refusal of a disk to take the results."""
    return OutputError(
        "E_OUTPUT_WRITE",
        f"the results cannot be written: {why}",
        place=str(path),
        way_out=f"{way_out}; what stood there before is untouched.",
    )


def _build_os_write_error(path: Path, error: OSError) -> OutputError:
    return build_write_error(path, error.strerror or str(error))


def _partly_written(path: Path, last: str, error: OSError) -> OutputError:
    return OutputError(
        "E_OUTPUT_WRITE",
        f"only some of the results were put in place: {error.strerror or error}",
        place=str(path),
        way_out=f"Free space or change permissions, and run again; until then {last} is missing "
        "there, as a mark that the results are not complete.",
    )


def _build_folder_error(path: Path) -> OutputError:
    return OutputError(
        "E_OUTPUT_WRITE",
        "a folder stands where a file is to be written",
        place=str(path),
        way_out="Rename that folder, or choose another one for the results.",
    )


def _build_exists_error(path: Path, more: int) -> OutputError:
    others = f" and {more} more of an earlier run" if more else ""
    return OutputError(
        "E_OUTPUT_EXISTS",
        f"there is already a file of this name{others}",
        place=str(path),
        way_out="Pass --overwrite to replace it, or choose another folder.",
    )


def _upwards(folder: Path) -> Iterator[Path]:
    """A folder and those that hold it, up to the root."""
    folder = folder.absolute()
    yield folder
    yield from folder.parents


def _remove_folder(folder: Path) -> None:
    """Remove a folder, even if whoever interrupted the run does so once more."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _remove_empty_folders(folders: list[Path]) -> None:
    """Remove folders that were made for nothing."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _sync_to_disk(path: Path) -> None:
    """Have the disk keep a file, or the entries of a folder, before going on."""
    if os.name == "nt" and path.is_dir():
        return  # Windows keeps the entries of folders by itself and lets nobody ask for it.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
