"""The output folder of a run, whose files are written together or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType

from ilk.errors import OutputError
from ilk.formatting.numbers import format_count
from ilk.tables.targets import check_targets

_PART_FILE_NAME = re.compile(r"part-|_SUCCESS$|\.")

_UNFINISHED_NAME = ".ilk-unfinished"
"""Lists the files of a run while they take their places."""

_DISK_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class OutputDir:
    """A folder into which the files of one run are moved together, when all of them are done.

    Files are staged in a hidden folder inside the target, on the same disk, so that each move is
    one atomic step: at any moment every file is either the old one or the new one. Where there are
    several, the final file of an earlier run is removed before any other is replaced, and that of
    this run is moved when all others are in place: no mixture of two runs looks finished.

    Parameters
    ----------
    directory : Path
        Target folder, created if it does not exist.
    overwrite : bool
        Whether files of an earlier run may be replaced.
    names : collection of str
        Every file that a run of this kind may write, relative to the folder. Those of an earlier
        run that this run does not write are removed, so that no stale file is left.
    final_name : str
        File that is removed first and moved last: where it exists, the run is finished.
    folder_names : collection of str
        Names that may be folders of part files, as Spark writes them.
    inputs : collection of Path
        Files that the run reads, which it must not replace or remove.
    list_written : callable, optional
        Lists the files that an earlier run left in the folder; others are not replaced. Unless it
        is given, every file with one of the names counts as such.

    Raises
    ------
    OutputError
        ``E_OUTPUT_EXISTS``, ``E_OUTPUT_FOREIGN``, ``E_OUTPUT_INPUT``, ``E_OUTPUT_KIND``,
        ``E_OUTPUT_LINK`` or ``E_OUTPUT_WRITE``.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with OutputDir(Path(folder), overwrite=False, names=["run.json"]) as output:
    ...         _ = output.stage_path("run.json").write_text("{}")
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
        list_written: Callable[[Path], Collection[str]] | None = None,
    ) -> None:
        self._directory = directory
        self._overwrite = overwrite
        self._names = tuple(names)
        self._final_name = final_name
        self._folder_names = frozenset(folder_names)
        self._inputs = tuple(inputs)
        self._list_written = list_written
        self._staged: dict[str, Path] = {}
        self._staging_dir: Path | None = None
        self._created_dirs: list[Path] = []

    def check(self) -> None:
        """Refuse before any work what cannot be written after it."""
        self._check_directory()
        targets = [self._resolve_target(name) for name in self._names]
        for name in self._names:
            if self._is_foreign(name):
                raise _build_folder_error(self._directory / name)
        check_targets(targets, self._inputs)
        existing = [name for name in self._names if os.path.lexists(self._directory / name)]
        own = self._list_own_names() if existing else ()
        if foreign := [name for name in existing if name not in own]:
            raise _build_foreign_error(self._directory, foreign)
        if existing and not self._overwrite:
            if self._names == (self._final_name,):
                raise _build_file_exists_error(self._directory / self._final_name)
            raise _build_results_exist_error(self._directory, existing)

    @property
    def staged_names(self) -> tuple[str, ...]:
        """The files written so far, relative to the folder."""
        return tuple(self._staged)

    def _list_own_names(self) -> Collection[str]:
        """The files that an earlier run left, finished or stopped while it replaced another."""
        if self._list_written is None:
            return self._names
        unfinished = self._directory / _UNFINISHED_NAME
        with _translate_errors(unfinished):
            stopped = unfinished.read_text("utf-8").splitlines() if unfinished.is_file() else ()
        return {*self._list_written(self._directory), *stopped}

    def _check_directory(self) -> None:
        """Refuse an output folder that is a file, or is below one."""
        with _translate_errors(self._directory):
            path = next(path for path in _iter_parents(self._directory) if path.exists())
            if not path.is_dir():
                raise build_write_error(
                    path, "this is a file, not a folder", "Choose another folder"
                )

    def stage_path(self, name: str) -> Path:
        """Path at which to write the file ``name`` for now; its folder exists."""
        if self._staging_dir is None:
            raise RuntimeError("an output folder has paths only inside its with block")
        check_targets([self._resolve_target(name)], self._inputs)
        staged = self._staging_dir / name
        with _translate_errors(self._directory / name):
            staged.parent.mkdir(parents=True, exist_ok=True)
        self._staged[name] = staged
        return staged

    def __enter__(self) -> OutputDir:
        self.check()
        self._created_dirs = [path for path in _iter_parents(self._directory) if not path.exists()]
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
        """Whether an error of the system is about writing the results."""
        staging = str(self._staging_dir)
        return error.errno in _DISK_ERRNOS or str(error.filename or "").startswith(staging)

    def _publish_all(self) -> None:
        """Move every staged file to its place, remove stale ones, and move the final file last."""
        for staged in self._staged.values():
            _sync_to_disk(staged)
        names = list(dict.fromkeys((*self._staged, *self._names)))
        if names == [self._final_name]:
            self._replace(self._final_name)  # A single file is replaced in one step.
            return
        # Without run.json nothing else would say that these files are results.
        unfinished = self._directory / _UNFINISHED_NAME
        if self._list_written is not None:
            unfinished.write_text("\n".join(names), "utf-8")
        if self._final_name in names:
            self._clear_target(self._resolve_target(self._final_name))
            _sync_to_disk(self._directory)
        try:
            for name in sorted(names, key=lambda name: name == self._final_name):
                self._replace(name)
        except OSError as error:
            raise _build_partly_written_error(self._directory, self._final_name, error) from error
        unfinished.unlink(missing_ok=True)

    def _replace(self, name: str) -> None:
        """Move a staged file to its place, or remove the file of an earlier run."""
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
        """Remove a file, or move a folder into the staging folder in one step."""
        if target.is_dir() and not target.is_symlink():
            assert self._staging_dir is not None
            target.replace(self._staging_dir / f"old-{target.name}")
        else:
            target.unlink(missing_ok=True)

    def _is_foreign(self, name: str) -> bool:
        """Whether there is a folder that no run can have written."""
        path = self._directory / name
        if not path.is_dir():
            return False
        may_be_folder = name in self._folder_names and not path.is_symlink()
        return not (
            may_be_folder and all(_PART_FILE_NAME.match(entry.name) for entry in path.iterdir())
        )

    def _resolve_target(self, name: str) -> Path:
        """Final path of a file; refused if a link leads out of the folder."""
        pure = PurePosixPath(name)
        target = self._directory / name
        is_inside = target.parent.resolve().is_relative_to(self._directory.resolve())
        if pure.is_absolute() or ".." in pure.parts or not is_inside:
            raise OutputError(
                "E_OUTPUT_LINK",
                "this path leads out of the output folder",
                place=str(target),
                way_out="Remove the link, or choose another folder.",
            )
        return target


def make_file_output(
    path: Path, *, overwrite: bool, inputs: Collection[Path] = (), parts: bool = False
) -> OutputDir:
    """Make the output folder of one file, or with ``parts`` of one folder of part files.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with make_file_output(Path(folder) / "a.csv", overwrite=False) as output:
    ...         _ = output.stage_path("a.csv").write_text("id")
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
    """Write one file completely or not at all.

    Raises
    ------
    OutputError
        ``E_OUTPUT_EXISTS`` when it exists and ``overwrite`` is false; ``E_OUTPUT_INPUT`` when it is
        one of the ``inputs``; ``E_OUTPUT_KIND`` when it is not a regular file;
        ``E_OUTPUT_WRITE`` when the disk or the permissions do not allow it.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "a.csv", b"id", overwrite=False)
    ...     (Path(folder) / "a.csv").read_bytes()
    b'id'
    """
    with make_file_output(path, overwrite=overwrite, inputs=inputs) as output:
        output.stage_path(path.name).write_bytes(data)


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of the system into errors of ilk."""
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
    """Build the error for results that cannot be written."""
    return OutputError(
        "E_OUTPUT_WRITE",
        f"the results cannot be written: {why}",
        place=str(path),
        way_out=f"{way_out}; earlier results are untouched.",
    )


def _build_os_write_error(path: Path, error: OSError) -> OutputError:
    return build_write_error(path, error.strerror or str(error))


def _build_partly_written_error(path: Path, final_name: str, error: OSError) -> OutputError:
    return OutputError(
        "E_OUTPUT_WRITE",
        f"only some of the results were written: {error.strerror or error}",
        place=str(path),
        way_out=f"Free space or change permissions, and run again; until then {final_name} is "
        "missing, which marks the results as incomplete.",
    )


def _build_folder_error(path: Path) -> OutputError:
    return OutputError(
        "E_OUTPUT_WRITE",
        "a folder has the name of a file to be written",
        place=str(path),
        way_out="Rename that folder, or choose another one for the results.",
    )


def _build_results_exist_error(directory: Path, names: Collection[str]) -> OutputError:
    return OutputError(
        "E_OUTPUT_EXISTS",
        f"the folder already holds the results of an earlier run: {_list_names(names)}",
        place=str(directory),
        way_out="Use {overwrite} to replace them, or choose another folder.",
        options={"overwrite": True},
    )


def _build_foreign_error(directory: Path, names: Collection[str]) -> OutputError:
    verb, pronoun = ("was", "it") if len(names) == 1 else ("were", "them")
    return OutputError(
        "E_OUTPUT_FOREIGN",
        f"{_list_names(names)} {verb} not written by an earlier run of this kind, and {verb} left "
        "untouched",
        place=str(directory),
        way_out=f"Choose another folder, or move {pronoun} out of this one.",
    )


def _list_names(names: Collection[str]) -> str:
    """The first of some files, and how many more there are."""
    first = next(iter(names))
    return f"{first} and {format_count(len(names) - 1, 'other file')}" if len(names) > 1 else first


def _build_file_exists_error(path: Path) -> OutputError:
    return OutputError(
        "E_OUTPUT_EXISTS",
        "there is already a file with this name",
        place=str(path),
        way_out="Use {overwrite} to replace it, or choose another name.",
        options={"overwrite": True},
    )


def _iter_parents(folder: Path) -> Iterator[Path]:
    """A folder and its parents, up to the root."""
    folder = folder.absolute()
    yield folder
    yield from folder.parents


def _remove_folder(folder: Path) -> None:
    """Remove a folder, even if the run is interrupted once more."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _remove_empty_folders(folders: list[Path]) -> None:
    """Remove folders that were created and are still empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _sync_to_disk(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows writes the entries of folders itself, and cannot be asked to.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
