"""Disk: files that change under the reader."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ilk.errors import InputError
from ilk.tables.base import Source
from ilk.tables.file_guard import FileGuard
from ilk.tables.source import open_source

ROWS = 150_000  # more than one frame
FRAME = pl.DataFrame({"id": range(ROWS), "spend": [1.5] * ROWS})


def _csv(path: Path, frame: pl.DataFrame) -> None:
    frame.write_csv(path)


def _gzipped(path: Path, frame: pl.DataFrame) -> None:
    path.write_bytes(gzip.compress(frame.write_csv().encode(), compresslevel=1))


def _parquet(path: Path, frame: pl.DataFrame) -> None:
    frame.write_parquet(path)


def _json(path: Path, frame: pl.DataFrame) -> None:
    frame.write_ndjson(path)


WRITERS = {"a.csv": _csv, "a.csv.gz": _gzipped, "a.parquet": _parquet, "a.jsonl": _json}

Write = Callable[[Path, pl.DataFrame], None]


@pytest.fixture(params=WRITERS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Source, Write]:
    path, write = tmp_path / request.param, WRITERS[request.param]
    write(path, FRAME)
    return path, open_source(path), write


def _refused(step: Callable[[], object], path: Path) -> str:
    with pytest.raises(InputError, match=r"while it was being read") as caught:
        step()
    assert caught.value.code == "E_INPUT_CHANGED"
    assert caught.value.place == str(path)
    return caught.value.message


def test_a_file_that_grows_between_two_passes_is_refused(
    opened: tuple[Path, Source, Write],
) -> None:
    path, source, write = opened
    assert sum(frame.height for frame in source.iter_frames()) == ROWS
    write(path, pl.concat([FRAME, FRAME]))
    said = _refused(lambda: next(source.iter_frames()), path)
    assert f"to {path.stat().st_size:,} bytes" in said
    _refused(source.fingerprint, path)


def test_a_file_that_is_replaced_during_a_pass_is_refused_at_its_end(
    opened: tuple[Path, Source, Write], tmp_path: Path
) -> None:
    path, source, write = opened
    frames = source.iter_frames()
    next(frames)
    write(tmp_path / "new", FRAME.reverse().head(ROWS - 1))
    (tmp_path / "new").replace(path)
    _refused(lambda: list(frames), path)


def test_a_file_that_is_cut_during_a_pass_is_told_as_changed_not_as_damaged(
    opened: tuple[Path, Source, Write],
) -> None:
    path, source, _ = opened
    frames = source.iter_frames()
    next(frames)
    os.truncate(path, 100)
    assert "to 100 bytes" in _refused(lambda: list(frames), path)


def test_a_file_that_was_written_anew_at_the_same_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,x\n1,2\n")
    source = open_source(path)
    list(source.iter_frames())
    path.write_text("id,x\n1,3\n")
    os.utime(path, ns=(0, 1))
    assert "same size" in _refused(lambda: list(source.iter_frames()), path)


def test_a_file_that_is_taken_away_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,x\n1,2\n")
    source = open_source(path)
    path.unlink()
    assert "removed" in _refused(lambda: list(source.iter_frames()), path)


def test_a_file_that_is_only_looked_at_has_not_changed(
    opened: tuple[Path, Source, Write],
) -> None:
    path, source, _ = opened
    next(source.iter_frames())  # a pass that is broken off
    os.utime(path, ns=(0, path.stat().st_mtime_ns))
    assert sum(frame.height for frame in source.iter_frames()) == ROWS


def test_an_error_inside_a_pass_comes_through_where_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id\n")
    with pytest.raises(KeyError, match="something else"), FileGuard(path).ensure_unchanged():
        raise KeyError("something else")


def test_one_of_several_files_is_watched_like_a_single_one(tmp_path: Path) -> None:
    for number in range(3):
        FRAME.head(10).write_parquet(tmp_path / f"{number}.parquet")
    source = open_source(tmp_path)
    list(source.iter_frames())
    FRAME.head(11).write_parquet(tmp_path / "1.parquet")
    _refused(lambda: list(source.iter_frames()), tmp_path / "1.parquet")
