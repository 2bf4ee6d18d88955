from __future__ import annotations

import csv
import gzip
import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.errors import InputError
from ilk.recipe import Reading
from ilk.tables.rejects import Reject
from ilk.tables.text.source import TextSource

TINY = {"block_bytes": 16, "chunk_bytes": 5}


def _open_unpacked(
    folder: Path, data: str | bytes, sizes: dict[str, int] | None = None, **reading: Any
) -> TextSource:
    path = folder / "a.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return TextSource(path, Reading(**reading), **(sizes or {}))


def _rows(source: TextSource) -> list[tuple[str, ...]]:
    return [row for frame in source.iter_frames() for row in frame.rows()]


def _build_usage_error(
    folder: Path, data: str | bytes, sizes: dict[str, int] | None = None, **reading: Any
) -> InputError:
    with pytest.raises(InputError, match=r".") as caught:
        _rows(_open_unpacked(folder, data, sizes, **reading))
    return caught.value


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("id,a\n007,x\n08,\n", [("007", "x"), ("08", "")]),
        ("id,a\r\n1,x\r\n2,y", [("1", "x"), ("2", "y")]),
        ("id,a\r1,x\r2,y\r", [("1", "x"), ("2", "y")]),
        ('id,a\n1,"x\ny"\n2,"p""q"\n', [("1", "x\ny"), ("2", 'p"q')]),
        ('id,a\n1,"x\r\ny"\n2,"z\r"\n', [("1", "x\r\ny"), ("2", "z\r")]),
        ("\n\r\nid,a\n\n1,x\n \n2,y\n\n\n", [("1", "x"), ("2", "y")]),
        ("sep=;\nid;a\n1;x,y\n", [("1", "x,y")]),
        ("\nsep=|\nid|a\n1|x\n", [("1", "x")]),
        ('id,a\n1,5"\n2,6"\n', [("1", '5"'), ("2", '6"')]),
        ('id,a\n5",6"\n', [('5"', '6"')]),
        ("id,a\n 1 , x\n", [(" 1 ", " x")]),
        ("id\n1\n\n2\n", [("1",), ("2",)]),
        ('id\n1\n""\n2\n', [("1",), ("",), ("2",)]),
        ("\ufeffid,a\n1,x\n", [("1", "x")]),
    ],
)
def test_cells_come_as_written(tmp_path: Path, data: str, rows: list[tuple[str, ...]]) -> None:
    source = _open_unpacked(tmp_path, data)
    assert _rows(source) == rows
    assert _rows(source) == rows
    assert source.rejects == ()
    assert next(iter(source.schema)) == "id"
    assert set(source.schema.values()) == {pl.String()}


@pytest.mark.parametrize(
    ("data", "line", "reason", "raw_text"),
    [
        ("id,a\n1,x\n2\n3,z\n", 3, "1 cell instead of 2", "2"),
        ("id,a\n1,x\n2,y,w\n3,z\n", 3, "3 cells instead of 2", "2,y,w"),
        ('id,a\n1,"x\ny"\n2\n3,z\n', 4, "1 cell instead of 2", "2"),
        ('id,a\n1,x\n2,"y"w\n3,z\n', 3, "text after a closing quote", '2,"y"w'),
        ("id,a\n1,x\n2,y\rw\n3,z\n", 3, "a different kind of line end inside a cell", "2,y\rw"),
        ("id,a\n\n1,x\n2\n3,z\n", 4, "1 cell instead of 2", "2"),
    ],
)
def test_a_row_that_does_not_fit_is_set_aside(
    tmp_path: Path, data: str, line: int, reason: str, raw_text: str
) -> None:
    source = _open_unpacked(tmp_path, data, TINY, max_bad_rows=1)
    rows = _rows(source)
    assert rows[0][0] == "1"
    assert rows[-1] == ("3", "z")
    assert source.rejects == (Reject(line, reason, raw_text),)


def test_a_late_value_in_a_column_without_a_name_is_set_aside(tmp_path: Path) -> None:
    data = "id,a,\n" + "1,x,\n" * 2000 + "2,y,w\n" + "1,x,\n"
    source = _open_unpacked(tmp_path, data, TINY, max_bad_rows=1)
    assert _rows(source) == [("1", "x")] * 2001
    assert source.rejects == (Reject(2002, "a value in a column without a name", "2,y,w"),)


@pytest.mark.parametrize("extra", ["z", ""])
def test_short_and_long_rows_do_not_make_up_for_each_other(tmp_path: Path, extra: str) -> None:
    source = _open_unpacked(tmp_path, f"id,a,b\n1,x,y\n2,x\n3,x,y,{extra}\n", max_bad_rows=5)
    assert _rows(source) == [("1", "x", "y")]
    assert [reject.line for reject in source.rejects] == [3, 4]


def test_rejects_are_known_without_reading_first(tmp_path: Path) -> None:
    assert len(_open_unpacked(tmp_path, "id,a\n1,x\n2\n", max_bad_rows=1).rejects) == 1


def test_too_many_bad_rows_are_refused_with_count_and_first_line(tmp_path: Path) -> None:
    error = _build_usage_error(tmp_path, "id,a\n1,x\n2\n3,y\n4\n5\n", max_bad_rows=1)
    assert error.code == "E_BAD_ROWS"
    assert error.message == "3 rows cannot be read (1 allowed); the first has 1 cell instead of 2"
    assert error.place == f"{tmp_path / 'a.csv'}, line 3"
    assert "max_bad_rows=3" in str(error)


def test_nothing_comes_out_after_too_many_bad_rows(tmp_path: Path) -> None:
    source = _open_unpacked(tmp_path, "id,a\n" + "1,x\n" * 20 + "2\n" + "3,y\n" * 20, TINY)
    rows: list[tuple[str, ...]] = []
    with pytest.raises(InputError, match="1 row cannot be read"):
        rows.extend(row for frame in source.iter_frames() for row in frame.rows())
    assert set(rows) <= {("1", "x")}


def test_a_change_of_dialect_in_the_middle_is_refused(tmp_path: Path) -> None:
    data = "id,a\n" + "1,x\n" * 50 + "id;a\n" + "2;y\n" * 50
    error = _build_usage_error(tmp_path, data, TINY)
    assert error.code == "E_BAD_ROWS"
    assert error.message.startswith("51 rows cannot be read (0 allowed)")
    assert str(error.place).endswith("line 52")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("data", "line"),
    [
        ('id,a\n1,"x\n2,y\n3,z\n', 2),
        ('id,a\n1,x\n2,"y\n3,z\n4,"w"\n', 3),
        ('id,a\n1,x\n2,"' + "y\n" * 90_000, 3),
    ],
)
def test_an_open_quote_is_refused_with_the_line_it_opens_on(
    tmp_path: Path, data: str, line: int, whole: bool
) -> None:
    sizes = None if whole else {"block_bytes": 16, "chunk_bytes": 4096}
    error = _build_usage_error(tmp_path, data, sizes, max_bad_rows=1000)
    assert (error.code, error.place) == ("E_UNCLOSED_QUOTE", f"{tmp_path / 'a.csv'}, line {line}")


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "E_EMPTY_FILE", "the file is empty"),
        (b"\n\r\n  \n", "E_EMPTY_FILE", "the file is empty"),
        (gzip.compress(b"", mtime=0), "E_EMPTY_FILE", "the file is empty"),
        (b"id,a\n", "E_NO_ROWS", "column names but no rows"),
        (b"id,a\n\n \n", "E_NO_ROWS", "column names but no rows"),
        (b"id,id\n1,2\n", "E_DUPLICATE_COLUMN", "2 columns are named 'id'"),
        (b"id, id\n1,2\n", "E_DUPLICATE_COLUMN", "2 columns are named 'id'"),
        (b"1,2.5\n3,4\n", "E_NO_HEADER", "the first row contains only numbers"),
        (b'"id"x,a\n1,2\n', "E_BAD_HEADER", "text after a closing quote"),
        (b"id,a\n1,x\n2,\0\n", "E_NUL", "NUL character"),
        (b"PK\x03\x04whatever", "E_CONTENT", "the content is an Excel workbook"),
        (b"PAR1whatever", "E_CONTENT", "the content is a Parquet file"),
        (gzip.compress(b"PAR1whatever", mtime=0), "E_CONTENT", "the content is a Parquet file"),
        (gzip.compress(b"id,a\n1,x\n", mtime=0)[:-9], "E_INPUT_DAMAGED", "gzip archive is damaged"),
        (b"id,a\n1," + b"x" * 200_000 + b'"\n', "E_LONG_CELL", "a cell is longer than 131,072"),
        (b"id  age\n1   31\n2   44\n", "E_DELIMITER", "2 columns are separated by spaces"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, code: str, message: str) -> None:
    error = _build_usage_error(tmp_path, data)
    assert error.code == code
    assert message in error.message
    assert str(error).count(str(tmp_path)) == 1
    assert error.way_out


def test_nul_is_refused_with_its_line(tmp_path: Path) -> None:
    assert str(_build_usage_error(tmp_path, b"id,a\n1,x\n2,\0\n").place).endswith("line 3")


def test_a_byte_that_comes_too_late_for_detection_is_refused_with_its_line(
    tmp_path: Path,
) -> None:
    error = _build_usage_error(tmp_path, b"id,a\n1,x\n2,\xe9\n", encoding="utf-8")
    assert (error.code, str(error.place)[-6:]) == ("E_ENCODING", "line 3")


def test_rows_that_all_fail_leave_no_table(tmp_path: Path) -> None:
    assert _build_usage_error(tmp_path, "id,a\n1\n2\n", max_bad_rows=9).code == "E_NO_ROWS"


@pytest.mark.parametrize(
    ("data", "names", "codes"),
    [
        (" id ,a\n1,x\n", ["id", "a"], ["W_NAMES_CLEANED"]),
        ("id,cafe\u0301\n1,x\n", ["id", "caf\u00e9"], ["W_NAMES_CLEANED"]),
        ("id,,b\n1,x,y\n", ["id", "column_2", "b"], ["W_BLANK_NAME"]),
        ("id,b,\n1,x,y\n", ["id", "b", "column_3"], ["W_BLANK_NAME"]),
        ("id,b,,\n1,x,,\n", ["id", "b"], ["W_EMPTY_COLUMN"]),
        ("id,b\n1,x,\n2,y,\n", ["id", "b"], ["W_EMPTY_COLUMN"]),
        ("id,b,\n1,x\n2,y\n", ["id", "b"], []),
        ('id,"<b>=1;\n"\n1,x\n', ["id", "<b>=1;"], ["W_NAMES_CLEANED"]),
        ("id,年齢🙂\n1,x\n", ["id", "年齢🙂"], []),
    ],
)
def test_names_are_made_clean_aloud(
    tmp_path: Path, data: str, names: list[str], codes: list[str]
) -> None:
    source = _open_unpacked(tmp_path, data)
    assert list(source.schema) == names
    assert [notice.code for notice in source.notices] == codes
    assert _rows(source)[0][:2] == ("1", "x")


def test_facts_say_how_and_why(tmp_path: Path) -> None:
    source = _open_unpacked(
        tmp_path, gzip.compress("id;spend\n1;12,5\n2;é\n".encode("latin-1"), mtime=0)
    )
    assert source.read_details["compression"].startswith("gzip")
    assert source.read_details["encoding"].startswith("Latin-1: not valid UTF-8")
    assert source.read_details["delimiter"].startswith("semicolon: splits all 3 lines")
    assert source.number_format.decimal == "."
    assert [notice.code for notice in source.notices] == ["W_ENCODING_ASSUMED"]


def test_the_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    source = _open_unpacked(tmp_path, "id\n1\n")
    assert source.fingerprint() == hashlib.sha256(b"id\n1\n").hexdigest()


def test_batches_are_bounded(tmp_path: Path) -> None:
    source = _open_unpacked(tmp_path, "id\n" + "1\n" * 250_000)
    assert [frame.height for frame in source.iter_frames()] == [100_000, 100_000, 50_000]


def _written(rows: list[list[str]], delimiter: str, newline: str, quoting: Literal[0, 1]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows(rows)
    return file.getvalue()


LETTERS = st.characters(codec="cp1252", exclude_characters="\0\x81\x8d\x8f\x90\x9d")
CELLS = st.text(LETTERS | st.sampled_from(",;\t|\"'\n\r =1"), max_size=6)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
)


@settings(deadline=None, max_examples=150)
@given(
    table=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]),
    block=st.sampled_from([8, 64, 1 << 20]),
    packed=st.booleans(),
)
def test_every_table_comes_back_byte_for_byte(
    table: list[list[str]], delimiter: str, newline: str, codec: str, block: int, packed: bool
) -> None:
    header = [f"column {number}" for number in range(len(table[0]))]
    data = _written([header, *table], delimiter, newline, csv.QUOTE_ALL).encode(codec)
    sizes = {"block_bytes": block, "chunk_bytes": block}
    with tempfile.TemporaryDirectory() as folder:
        source = _open_unpacked(
            Path(folder),
            gzip.compress(data, mtime=0) if packed else data,
            sizes,
            delimiter=delimiter,
            encoding=codec,
        )
        assert _rows(source) == [tuple(row) for row in table]
        assert source.rejects == ()


PLAIN = st.text(st.characters(codec="ascii", exclude_characters="\0\r\n'"), max_size=6)


@settings(deadline=None, max_examples=150)
@given(
    lines=st.lists(st.lists(PLAIN, min_size=1, max_size=4), min_size=1, max_size=12),
    block=st.sampled_from([8, 1 << 20]),
)
def test_rows_and_rejects_are_the_rows_of_the_file(lines: list[list[str]], block: int) -> None:
    data = "id,a,b\n1,2,3\n" + _written(lines, ",", "\n", csv.QUOTE_MINIMAL)
    expected = list(csv.reader(line for line in data.split("\n") if line.strip(" ")))
    sizes = {"block_bytes": block, "chunk_bytes": block}
    with tempfile.TemporaryDirectory() as folder:
        source = _open_unpacked(Path(folder), data, sizes, delimiter=",", max_bad_rows=99)
        assert _rows(source) == [tuple(row) for row in expected[1:] if len(row) == 3]
        assert len(source.rejects) == sum(len(row) != 3 for row in expected)


def _lines(count: int) -> Iterator[str]:
    for number in range(count):
        yield f'{number:05d},"Ann, {number}",{number / 4}\n'


def test_blocks_do_not_show(tmp_path: Path) -> None:
    data = "id,name,spend\n" + "".join(_lines(300))
    expected = [(f"{n:05d}", f"Ann, {n}", f"{n / 4}") for n in range(300)]
    assert _rows(_open_unpacked(tmp_path, data, TINY)) == expected
