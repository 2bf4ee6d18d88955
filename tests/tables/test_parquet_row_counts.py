"""Footer: Parquet files that promise more than there is, or more than there is room for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ilk.errors import InputError
from ilk.tables.files import open_parquet
from ilk.tables.parquet_dataset import find_largest_row_group
from ilk.tables.source import open_source

ROWS = 12_345
MEMORY = 4 << 30

COUNT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
from ilk.errors import InputError
from ilk.tables.files import open_parquet
from ilk.tables.source import open_source
try:
    rows = sum(frame.height for frame in open_source(sys.argv[1]).iter_frames())
    with open("/proc/self/status") as status:
        print(rows, *[int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM")])
except InputError as error:
    print(error)
"""


def varint(number: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    folded, written = number << 1, b""
    while folded > 127:
        written += bytes([folded & 127 | 128])
        folded >>= 7
    return written + bytes([folded])


def promising(path: Path, rows: int, *, places: set[int]) -> Path:
    """A file of 12,345 rows in whose footer some of the counts are others."""
    table = pl.DataFrame({"id": range(ROWS), "x": [1.5] * ROWS})
    table.write_parquet(path, statistics=False, compression="uncompressed")
    data = path.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    first, *rest = data[-8 - size : -8].split(varint(ROWS))
    assert len(rest) == 4  # the file, two columns, the row group
    footer = first
    for place, piece in enumerate(rest):
        footer += varint(rows if place in places else ROWS) + piece
    path.write_bytes(data[: -8 - size] + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    return path


def constant(path: Path, rows: int) -> Path:
    """A file of one row group and one page, in which one number stands for all rows."""
    field = pa.field("x", pa.int32(), nullable=False)
    table = pa.table([pa.array(np.full(rows, 7, dtype=np.int32))], schema=pa.schema([field]))
    pq.write_table(
        table,
        path,
        row_group_size=rows,
        data_page_size=1 << 30,
        max_rows_per_page=2**31 - 1,
        compression="none",
        write_statistics=False,
    )
    return path


def counted(path: Path) -> str:
    """What a process with little memory finds in a file: rows and megabytes, or why not."""
    if sys.platform != "linux":
        pytest.skip("memory is limited and measured as on Linux")
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(path), str(MEMORY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.mark.parametrize("rows_a_group", [1, 7, 50_000])
def test_the_largest_group_is_the_one_that_was_written(tmp_path: Path, rows_a_group: int) -> None:
    frame = pl.DataFrame({"x": range(1000), "text": ["a"] * 1000})
    frame.write_parquet(tmp_path / "polars.parquet", row_group_size=rows_a_group)
    pq.write_table(frame.to_arrow(), tmp_path / "arrow.parquet", row_group_size=rows_a_group)
    largest = {find_largest_row_group(path) for path in tmp_path.iterdir()}
    assert largest == {min(rows_a_group, 1000)}


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1\x19\xff\xff\xff\x7f\x05\0\0\0PAR1"])
def test_what_is_no_footer_tells_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(data)
    assert find_largest_row_group(tmp_path / "a.parquet") is None


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        (ROWS - 1, {0}),
        (ROWS + 1, {0}),
        (ROWS + 1, {0, 1, 2, 3}),
        (3_000_000_000, {0}),
        (3_000_000_000, {0, 1, 2, 3}),
    ],
)
def test_a_footer_that_promises_other_rows_than_there_are_is_refused(
    tmp_path: Path, rows: int, places: set[int]
) -> None:
    path = promising(tmp_path / "a.parquet", rows, places=places)
    said = counted(path)
    assert "the Parquet file is damaged or cut short" in said
    assert said.endswith("[E_INPUT_DAMAGED]")


def test_more_rows_than_can_be_numbered_are_refused(tmp_path: Path) -> None:
    path = promising(tmp_path / "a.parquet", 10**12, places={0, 1, 2, 3})
    with pytest.raises(InputError, match="damaged or cut short") as caught:
        list(open_source(path).iter_frames())
    assert caught.value.code == "E_INPUT_DAMAGED"


def test_a_small_file_of_many_rows_is_read_in_little_memory(tmp_path: Path) -> None:
    path = constant(tmp_path / "a.parquet", 140_000_000)
    assert path.stat().st_size < 1000
    rows, megabytes = map(int, counted(path).split())
    assert rows == 140_000_000
    assert megabytes < 400  # at once it would be 560


def test_a_row_group_in_slices_is_the_same_table(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": range(300_000), "x": np.arange(300_000) % 7})
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=250_000)
    at_once = pl.concat(open_source(tmp_path / "a.parquet").iter_frames())
    sliced = list(open_parquet(tmp_path / "a.parquet", max_cells_at_once=1000).iter_frames())
    assert len(sliced) == 3
    assert at_once.equals(frame)
    assert pl.concat(sliced).equals(frame)
