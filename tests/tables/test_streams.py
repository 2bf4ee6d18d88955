"""Pipes, standard input and open files: read once, like the file that they hold."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

import ilk
from ilk.errors import InputError
from ilk.tables.source import check_source, open_source
from ilk.tables.streams import StreamFile

CUSTOMERS = pl.DataFrame({"id": ["a", "b", "c"], "spend": [1.5, 2.0, 30.0]})
TEXT = "id,spend\na,1.5\nb,2.0\nc,30.0\n"


def read_all(source: object) -> list[tuple[object, ...]]:
    return pl.concat(open_source(source).iter_frames()).rows()


def render_parquet() -> bytes:
    buffer = io.BytesIO()
    CUSTOMERS.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (TEXT.encode(), [("a", "1.5"), ("b", "2.0"), ("c", "30.0")]),
        (gzip.compress(TEXT.encode()), [("a", "1.5"), ("b", "2.0"), ("c", "30.0")]),
        (render_parquet(), CUSTOMERS.rows()),
        (CUSTOMERS.write_ndjson().encode(), CUSTOMERS.rows()),
    ],
    ids=["text", "gzip", "Parquet", "JSON Lines"],
)
def test_an_open_file_is_read_like_the_file(content, rows):
    assert read_all(io.BytesIO(content)) == rows


def test_an_open_text_file_is_read_and_stays_open(tmp_path):
    (tmp_path / "may.csv").write_text(TEXT)
    with (tmp_path / "may.csv").open() as file:
        source = open_source(file)
        assert source.name == "may.csv"
        assert pl.concat(source.iter_frames()).height == 3
        assert pl.concat(source.iter_frames()).height == 3
        assert not file.closed


def test_a_named_pipe_is_read_once_and_does_not_hang(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(TEXT,))
    writer.start()
    check_source(pipe)
    assert len(read_all(pipe)) == 3
    writer.join()


def test_an_error_names_the_stream_and_not_our_copy():
    with pytest.raises(InputError, match="empty") as raised:
        open_source(io.BytesIO(b""))
    assert raised.value.place == "table"
    ragged = io.BytesIO(b"id,spend\na,1\nb,2,3,4\nc,5\n")
    with pytest.raises(InputError, match="line 3") as raised:
        read_all(ragged)
    assert "ilk-" not in str(raised.value)


def test_our_copy_goes_with_its_source():
    file = StreamFile(io.StringIO(TEXT))
    path = file.path
    assert path.exists()
    del file
    assert not path.exists()


def test_commands_take_standard_input(tmp_path):
    mall = ilk.demo.load("mall")
    mall.write_csv(tmp_path / "mall.csv")

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        with (tmp_path / "mall.csv").open("rb") as file:
            command = [sys.executable, "-m", "ilk", *arguments]
            return subprocess.run(
                command, check=False, stdin=file, capture_output=True, cwd=tmp_path
            )

    fitted = run("fit", "-", "--out", "out", "--fast", "--k", "3")
    assert fitted.returncode == 0, fitted.stderr
    assert b"200 rows read from standard input" in fitted.stderr + fitted.stdout
    labeled = run("predict", "out/model.json", "/dev/stdin")
    assert labeled.returncode == 0, labeled.stderr
    assert labeled.stdout.decode().splitlines() == (
        Path(tmp_path / "out/customers.csv").read_text().splitlines()
    )
