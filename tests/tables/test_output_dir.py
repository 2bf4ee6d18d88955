from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ilk.cli.main import main
from ilk.errors import OutputError
from ilk.tables.output_dir import OutputDir, write_atomically

NAMES = ("model.json", "plots/elbow.png", "rejects.csv", "run.json")


def _write(folder: Path, word: str, *names: str, overwrite: bool = False) -> None:
    with OutputDir(folder, overwrite=overwrite, names=NAMES) as sink:
        for name in names:
            sink.stage_path(name).write_text(word)


def _write_and_fail(folder: Path) -> None:
    with OutputDir(folder, overwrite=True, names=NAMES) as sink:
        sink.stage_path("model.json").write_text("new")
        raise KeyError("oops")


def _files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text() for path in paths}


def test_files_appear_together(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    with OutputDir(folder, overwrite=False, names=NAMES) as sink:
        sink.stage_path("run.json").write_text("1")
        sink.stage_path("plots/elbow.png").write_text("2")
        assert not any((folder / name).exists() for name in NAMES)
    assert _files(folder) == {"run.json": "1", "plots/elbow.png": "2"}


def test_the_last_file_is_moved_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    replace = Path.replace

    def watched(path: Path, target: Path) -> Path:
        moved.append(path.name)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    _write(tmp_path, "x", "run.json", "rejects.csv", "model.json")
    assert moved == ["rejects.csv", "model.json", "run.json"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error")])
@pytest.mark.parametrize("unfinished", NAMES)
def test_no_mixture_of_two_runs_looks_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unfinished: str, stop: BaseException
) -> None:
    _write(tmp_path, "old", *NAMES)
    replace = Path.replace

    def stopping(path: Path, target: Path) -> Path:
        if target == tmp_path / unfinished:
            raise stop
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", stopping)
    message = "were written: Input/output error.*then run.json is missing.*E_OUTPUT_WRITE"
    with pytest.raises((KeyboardInterrupt, OutputError), match=f"^$|{message}"):
        _write(tmp_path, "new", *NAMES, overwrite=True)
    done = NAMES.index(unfinished)
    expected = dict.fromkeys(NAMES[:done], "new") | dict.fromkeys(NAMES[done:-1], "old")
    assert _files(tmp_path) == expected
    monkeypatch.undo()
    _write(tmp_path, "new", *NAMES, overwrite=True)
    assert _files(tmp_path) == dict.fromkeys(NAMES, "new")


def test_a_stale_file_that_cannot_be_removed_leaves_no_finished_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "old", *NAMES)
    unlink = Path.unlink

    def refusing(path: Path, missing_ok: bool = False) -> None:
        if path.name == "rejects.csv":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refusing)
    with pytest.raises(OutputError, match="only some of the results were written"):
        _write(tmp_path, "new", "model.json", "run.json", overwrite=True)
    assert "run.json" not in _files(tmp_path)


KILLED = """
import importlib, json, os, signal, sys
from pathlib import Path

module, open_dir, file_names, record_format, directory, last_moment = sys.argv[1:]
module, real_replace = importlib.import_module(module), Path.replace


def killed(path, target):
    if path.name == last_moment:
        os.kill(os.getpid(), signal.SIGKILL)
    return real_replace(path, target)


for word in ("old", "new"):
    with getattr(module, open_dir)(Path(directory), overwrite=True) as output_dir:
        for name in getattr(module, file_names):
            record = {"format": record_format, "word": word}  # of which run.json says whose it is
            output_dir.stage_path(name).write_text(json.dumps(record))
        if word == "new":
            Path.replace = killed
"""
"""Writes the results of two runs, and is killed while those of the second take their places."""


RUN_DIR = ("ilk.workflow.run", "open_run_dir", "RUN_FILES", "ilk run")
COMPARISON_DIR = (
    *("ilk.workflow.compare", "open_comparison_dir", "COMPARISON_FILES"),
    "ilk comparison",
)


@pytest.mark.skipif(os.name != "posix", reason="no such signal there")
@pytest.mark.parametrize(
    ("made_by", "last_moment"),
    [
        (RUN_DIR, "segments.csv"),
        (RUN_DIR, "run.json"),
        (COMPARISON_DIR, "compare.png"),
        (COMPARISON_DIR, "run.json"),
    ],
)
def test_a_run_that_is_killed_leaves_no_finished_looking_folder(
    tmp_path: Path, made_by: tuple[str, ...], last_moment: str
) -> None:
    arguments = [sys.executable, "-c", KILLED, *made_by, str(tmp_path), last_moment]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    left = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert any('"new"' in text for text in left.values())
    assert "run.json" not in left
    assert main(["report", str(tmp_path)]) == 3


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error")])
def test_a_single_file_is_never_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def stopping(*_: object) -> None:
        raise stop

    monkeypatch.setattr(Path, "replace", stopping)
    with pytest.raises((KeyboardInterrupt, OutputError), match=r"^$|earlier results are untouched"):
        write_atomically(path, b"new", overwrite=True)
    assert _files(tmp_path) == {"a.csv": "old"}


def test_an_error_leaves_everything_as_it_was(tmp_path: Path) -> None:
    _write(tmp_path, "old", "model.json", "run.json")
    with pytest.raises(KeyError, match="oops"):
        _write_and_fail(tmp_path)
    assert _files(tmp_path) == {"model.json": "old", "run.json": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "run.json"]


def test_an_error_leaves_no_folder_made_for_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyError, match="oops"),
        OutputDir(tmp_path / "a" / "b", overwrite=False, names=NAMES),
    ):
        raise KeyError("oops")
    assert list(tmp_path.iterdir()) == []


def test_results_are_not_replaced_unasked(tmp_path: Path) -> None:
    _write(tmp_path, "old", "model.json", "run.json")
    with pytest.raises(OutputError, match=r"earlier run: model.json and 1 other file \(") as caught:
        OutputDir(tmp_path, overwrite=False, names=NAMES).check()
    assert caught.value.code == "E_OUTPUT_EXISTS"
    assert caught.value.way_out == "Use overwrite=True to replace them, or choose another folder."
    with pytest.raises(OutputError, match="already holds the results"):
        _write(tmp_path, "new", "model.json")
    assert _files(tmp_path) == {"model.json": "old", "run.json": "old"}


def test_stale_files_go_and_foreign_files_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    _write(tmp_path, "old", *NAMES)
    _write(tmp_path, "new", "model.json", "run.json", overwrite=True)
    assert _files(tmp_path) == {"mine.txt": "keep", "model.json": "new", "run.json": "new"}


def list_notes(folder: Path) -> list[str]:
    """What earlier runs left, by a list beside it."""
    notes = folder / "notes.txt"
    return notes.read_text().split() if notes.exists() else []


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_no_run_left_is_not_replaced(tmp_path: Path, overwrite: bool) -> None:
    _write(tmp_path, "old", *NAMES)
    (tmp_path / "notes.txt").write_text("model.json plots/elbow.png run.json")
    sink = OutputDir(tmp_path, overwrite=overwrite, names=NAMES, list_written=list_notes)
    with pytest.raises(OutputError, match=r"^rejects\.csv was not written by .* Choose") as caught:
        sink.check()
    assert caught.value.code == "E_OUTPUT_FOREIGN"
    assert caught.value.options == ()
    (tmp_path / "notes.txt").unlink()
    with pytest.raises(OutputError, match=r"model\.json and 3 other files were not written"):
        sink.check()
    assert set(_files(tmp_path).values()) == {"old"}


def test_a_run_that_was_stopped_can_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def stopping(path: Path, target: Path) -> Path:
        if target.name == "run.json":
            raise OSError(errno.EIO, "Input/output error")
        return replace(path, target)

    def write(word: str) -> None:
        with OutputDir(tmp_path, overwrite=True, names=NAMES, list_written=list_notes) as sink:
            for name in NAMES:
                sink.stage_path(name).write_text(word)

    monkeypatch.setattr(Path, "replace", stopping)
    with pytest.raises(OutputError, match="only some of the results were written"):
        write("first")
    monkeypatch.undo()
    write("second")
    assert _files(tmp_path) == dict.fromkeys(NAMES, "second")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    folder.mkdir()
    (folder / "plots").symlink_to(outside)
    with pytest.raises(OutputError, match="leads out of the output folder") as caught:
        OutputDir(folder, overwrite=True, names=NAMES).check()
    assert caught.value.code == "E_OUTPUT_LINK"
    for name in ("../a.csv", "/tmp/a.csv"):
        with (
            pytest.raises(OutputError, match="out of the output folder"),
            OutputDir(folder, overwrite=True) as sink,
        ):
            sink.stage_path(name)


def test_a_linked_file_is_replaced_not_written_through(tmp_path: Path) -> None:
    target, folder = tmp_path / "target", tmp_path / "out"
    target.write_text("theirs")
    folder.mkdir()
    (folder / "run.json").symlink_to(target)
    _write(folder, "ours", "run.json", overwrite=True)
    assert target.read_text() == "theirs"
    assert not (folder / "run.json").is_symlink()


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot be written: .*file") as caught:
        _write(tmp_path / "file", "x", "run.json")
    assert caught.value.code == "E_OUTPUT_WRITE"
    (tmp_path / "model.json").mkdir()
    with pytest.raises(OutputError, match="a folder has the name of a file to be written"):
        OutputDir(tmp_path, overwrite=True, names=NAMES).check()


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="No space left"),
        OutputDir(tmp_path, overwrite=False, names=NAMES),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_error_of_another_kind_is_not_blamed_on_the_results(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"font\.ttf"),
        OutputDir(tmp_path, overwrite=False, names=NAMES),
    ):
        raise FileNotFoundError(errno.ENOENT, "No such file", "font.ttf")


def test_paths_are_for_the_with_block_alone(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="only inside its with block"):
        OutputDir(tmp_path, overwrite=False).stage_path("a.csv")


def test_one_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_atomically(path, b"old", overwrite=False)
    with pytest.raises(OutputError, match="already a file with this name"):
        write_atomically(path, b"new", overwrite=False)
    assert path.read_bytes() == b"old"
    write_atomically(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def written(folder, content: str, *, parts: bool):
    """A run that leaves its table as one file, or as a folder of part files."""
    with OutputDir(
        folder, overwrite=True, names=["table.csv", "run.json"], folder_names=["table.csv"]
    ) as sink:
        table = sink.stage_path("table.csv")
        if parts:
            table.mkdir()
            table = table / "part-00000.csv"
        table.write_text(content)
        sink.stage_path("run.json").write_text("{}")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_a_table_in_parts_and_a_table_in_one_file_replace_each_other(tmp_path, before, after):
    written(tmp_path, "old", parts=before)
    written(tmp_path, "new", parts=after)
    left = tmp_path / "table.csv" / "part-00000.csv" if after else tmp_path / "table.csv"
    assert left.read_text() == "new"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["run.json", "table.csv"]


def test_a_folder_that_no_run_left_is_not_replaced(tmp_path):
    (tmp_path / "table.csv").mkdir()
    (tmp_path / "table.csv" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="a folder has the name of a file to be written"):
        written(tmp_path, "new", parts=True)
    assert (tmp_path / "table.csv" / "mine.txt").read_text() == "mine"
