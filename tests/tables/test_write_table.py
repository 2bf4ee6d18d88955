"""Written: tables that come frame by frame."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from ilk.errors import OutputError
from ilk.tables.output_dir import OutputDir
from ilk.tables.safe_csv import render_csv
from ilk.tables.write_table import write_table

WHOLE = pl.DataFrame({"id": [f"c{row}" for row in range(1000)], "segment": list(range(1000))})


def slices(rows: int) -> Iterator[pl.DataFrame]:
    yield from WHOLE.iter_slices(rows)


@pytest.mark.parametrize("rows", [1, 37, 1000])
def test_the_frames_make_the_same_file_however_they_are_cut(tmp_path: Path, rows: int) -> None:
    assert write_table(slices(rows), tmp_path / "a.parquet", "parquet") == 1000
    assert write_table(slices(rows), tmp_path / "a.csv", "csv") == 1000
    assert pl.read_parquet(tmp_path / "a.parquet").equals(WHOLE)
    assert (tmp_path / "a.csv").read_bytes() == render_csv(WHOLE)


@pytest.mark.parametrize("table_format", ["csv", "parquet"])
def test_an_error_of_the_frames_comes_through_as_it_is(tmp_path: Path, table_format: str) -> None:
    def broken() -> Iterator[pl.DataFrame]:
        yield WHOLE
        raise KeyError("the third frame")

    with pytest.raises(KeyError, match="the third frame"):
        write_table(broken(), tmp_path / "a", table_format)  # type: ignore[arg-type]


@pytest.mark.parametrize("table_format", ["csv", "parquet"])
def test_a_full_disk_is_told_as_a_full_disk(table_format: str) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    with pytest.raises(OSError, match="No space left") as caught:
        write_table(slices(100), full, table_format)  # type: ignore[arg-type]
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("table_format", ["csv", "parquet"])
def test_a_disk_that_fills_up_leaves_the_old_file_whole(tmp_path: Path, table_format: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    old = tmp_path / "labels"
    old.write_text("as it was")

    def write() -> None:
        with OutputDir(tmp_path, overwrite=True, names=["labels"], final_name="labels") as sink:
            sink.stage_path("labels").symlink_to("/dev/full")
            write_table(slices(100), sink.stage_path("labels"), table_format)  # type: ignore[arg-type]

    with pytest.raises(OutputError, match="No space left on device") as caught:
        write()
    assert caught.value.code == "E_OUTPUT_WRITE"
    assert old.read_text() == "as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels"]


def test_no_frame_at_all_makes_a_table_without_columns(tmp_path: Path) -> None:
    assert write_table(iter([]), tmp_path / "a.parquet", "parquet") == 0
    assert pl.read_parquet(tmp_path / "a.parquet").shape == (0, 0)


INTERRUPTED = """
import itertools, os, signal, sys
from pathlib import Path

import polars as pl

from ilk.tables.output_dir import OutputDir
from ilk.tables.write_table import write_table


def interrupted():
    frame = pl.DataFrame({"id": [f"c{row}" for row in range(1000)]})
    yield frame
    os.kill(os.getpid(), signal.SIGINT)
    yield from itertools.repeat(frame, 10_000)
    sys.exit("nobody stopped")


with OutputDir(
    Path(sys.argv[1]), overwrite=True, names=["labels"], final_name="labels"
) as sink:
    write_table(interrupted(), sink.stage_path("labels"), sys.argv[2])
"""
"""Run in a process of its own: for some milliseconds after a signal Polars breaks off whatever
else it is asked to do in the same process, which would be the next test."""


@pytest.mark.skipif(sys.platform == "win32", reason="no signal can be sent to oneself there")
@pytest.mark.parametrize("table_format", ["csv", "parquet"])
def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path, table_format: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path), table_format],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGINT, ended.stderr
    assert ended.stderr.rstrip().endswith("KeyboardInterrupt")
    assert list(tmp_path.iterdir()) == []
