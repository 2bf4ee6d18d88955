from __future__ import annotations

import os
import socket
from pathlib import Path

import polars as pl
import pytest

from ilk.errors import OutputError
from ilk.recipe import Recipe
from ilk.tables.base import NamedSource
from ilk.tables.exclude import exclude_ids
from ilk.tables.output_dir import OutputDir, make_file_output, write_atomically
from ilk.tables.source import open_source
from ilk.tables.targets import check_targets, list_input_files

posix = pytest.mark.skipif(os.name != "posix", reason="there are no such files there")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("id,age\n1,31\n2,44\n")
    return path


def refusal(path: Path, *inputs: Path) -> OutputError:
    """The refusal to replace a file, which must be the same as before."""
    with pytest.raises(OutputError, match=r"E_OUTPUT_(INPUT|KIND)") as caught:
        write_atomically(path, b"new", overwrite=True, inputs=inputs)
    assert "overwrite=" not in str(caught.value)
    return caught.value


def test_an_input_is_never_a_target(source: Path) -> None:
    before = source.read_bytes()
    error = refusal(source, source)
    assert error.code == "E_OUTPUT_INPUT"
    assert error.place == str(source)
    assert str(error).count(str(source)) == 1
    assert source.read_bytes() == before


@posix
@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
@pytest.mark.parametrize("linked", ["target", "input"])
def test_a_link_hides_no_input(source: Path, tmp_path: Path, link, linked: str) -> None:
    other = tmp_path / "link.csv"
    link(other, source)
    target, path = (other, source) if linked == "target" else (source, other)
    error = refusal(target, path)
    assert error.code == "E_OUTPUT_INPUT"
    assert str(path) in error.message
    assert source.read_text() == "id,age\n1,31\n2,44\n"
    assert other.is_symlink() == (link is Path.symlink_to)


@posix
def test_another_way_to_spell_a_path_hides_no_input(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "around").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for path in (
        Path("customers.csv"),
        Path("below/../customers.csv"),
        Path("around") / source.name,
    ):
        assert refusal(path, *list_input_files(source)).code == "E_OUTPUT_INPUT"
        assert refusal(source, *list_input_files(path)).code == "E_OUTPUT_INPUT"


def test_a_file_that_a_run_would_only_remove_is_kept_too(source: Path, tmp_path: Path) -> None:
    names = ["run.json", source.name]
    sink = OutputDir(tmp_path, overwrite=True, names=names, inputs=[source])
    with pytest.raises(OutputError, match="would replace an input file"):
        sink.check()
    with (
        pytest.raises(OutputError, match="would replace an input file"),
        OutputDir(tmp_path, overwrite=True, inputs=[source]) as unlisted,
    ):
        unlisted.stage_path(source.name)
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_folder_that_holds_an_input_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "customers.parquet"
    folder.mkdir()
    part = folder / "part-00000.parquet"
    pl.DataFrame({"id": [1]}).write_parquet(part)
    sink = make_file_output(folder, overwrite=True, inputs=list_input_files(folder), parts=True)
    with pytest.raises(OutputError, match=r"would replace an input file, .*part-00000"):
        sink.check()
    check_targets([folder], [tmp_path / "other.csv"])


@posix
@pytest.mark.parametrize("target", ["/dev/null", "/dev/full", "pipe", "socket", "link"])
def test_only_regular_files_are_replaced(tmp_path: Path, target: str) -> None:
    path = tmp_path / target  # an absolute path stays as it is
    if target == "pipe":
        os.mkfifo(path)
    elif target == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(os.path.relpath(path))
    elif target == "link":
        path.symlink_to("/dev/null")
    before = path.lstat()
    assert refusal(path).code == "E_OUTPUT_KIND"
    assert os.path.samestat(path.lstat(), before)


@posix
@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr"])
def test_standard_streams_are_no_files_even_where_they_lead_to_one(path: str) -> None:
    if not Path(path).parent.is_dir():
        pytest.skip("this system has no such folder")
    with pytest.raises(
        OutputError, match=r"a standard stream .*`ilk predict … -o -` prints.*E_OUTPUT_KIND"
    ):
        check_targets([Path(path)], [])


@posix
def test_a_link_to_another_file_is_replaced_and_that_file_stays(
    source: Path, tmp_path: Path
) -> None:
    other, link = tmp_path / "other.csv", tmp_path / "link.csv"
    other.write_text("other")
    link.symlink_to(other)
    write_atomically(link, b"new", overwrite=True, inputs=[source])
    assert (other.read_text(), link.read_text(), link.is_symlink()) == ("other", "new", False)


def test_a_file_in_the_place_of_a_folder_is_told_before_any_work(source: Path) -> None:
    for folder in (source, source / "below"):
        with pytest.raises(OutputError, match="this is a file, not a folder") as caught:
            OutputDir(folder, overwrite=True, names=["run.json"]).check()
        assert caught.value.place == str(source)


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl", "xlsx"])
def test_every_kind_of_file_is_known_as_an_input(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    frame = pl.DataFrame({"id": ["a", "b"], "age": [31, 44]})
    if ending == "xlsx":
        pytest.importorskip("xlsxwriter")
        frame.write_excel(path)
    else:
        getattr(frame, {"csv": "write_csv", "jsonl": "write_ndjson"}.get(ending, "write_parquet"))(
            path
        )
    table = open_source(path, Recipe().reading)
    assert list_input_files(table) == list_input_files(path) == (path,)
    assert list_input_files(NamedSource(exclude_ids(table, "id", {"a"}), "customers")) == (path,)


def test_parts_are_known_as_inputs_and_frames_have_none(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1]})
    parts = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for part in parts:
        frame.write_parquet(part)
    (tmp_path / "notes.csv").write_text("mine")
    pattern = tmp_path / "*.parquet"
    for named in (tmp_path, pattern, str(pattern), open_source(pattern)):
        assert list_input_files(named) == tuple(parts)
    assert list_input_files(open_source(frame), frame, None, {"007"}, tmp_path / "*.csv") == ()
