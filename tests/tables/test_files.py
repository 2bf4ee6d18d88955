from __future__ import annotations

import builtins
import gzip
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from polars.testing import assert_frame_equal

from ilk.errors import InputError, UsageError
from ilk.recipe import Reading
from ilk.tables.base import Source
from ilk.tables.number_format import parse_categories
from ilk.tables.source import open_source

FRAME = pl.DataFrame({"id": ["007", "008"], "spend": [1.5, None], "visits": [1, 2]})


def _whole(source: Source) -> pl.DataFrame:
    return pl.concat(source.iter_frames())


def _workbook(
    path: Path, *sheets: Sequence[Sequence[object]], corner: tuple[int, int] = (0, 0)
) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet(f"Sheet {number + 1}")
            for place, row in enumerate(rows):
                sheet.write_row(corner[0] + place, corner[1], row)
    return path


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.parquet", FRAME.write_parquet),
        ("a [1].PARQUET", FRAME.write_parquet),
        ("a.jsonl", FRAME.write_ndjson),
        ("a [1].ndjson", FRAME.write_ndjson),
    ],
)
def test_typed_files_keep_their_types(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    path = tmp_path / name
    write(path)
    source = open_source(str(path))
    assert source.name == name
    assert_frame_equal(_whole(source), FRAME)
    assert_frame_equal(_whole(source), FRAME)
    assert source.fingerprint() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_packed_json_lines_are_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.JSONL.gz"
    path.write_bytes(gzip.compress(b'{"id":"007","n":1}\n', mtime=0))
    assert _whole(open_source(path)).rows() == [("007", 1)]


def test_a_source_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    source = open_source(path)
    assert open_source(source) is source
    assert source.rejects == ()


def test_a_workbook_is_read_from_its_first_sheet(tmp_path: Path) -> None:
    header: list[object] = [" id ", "mixed", None, "empty"]
    rows: list[list[object]] = [header, [1, "a", 5], [2, 7, 6], [3, 7.5, 7]]
    path = _workbook(tmp_path / "a.xlsx", rows, [["x"], [1]])
    source = open_source(path)
    assert _whole(source).to_dict(as_series=False) == {
        "id": [1.0, 2.0, 3.0],
        "mixed": ["a", "7", "7.5"],
        "column_3": [5.0, 6.0, 7.0],
        "empty": [None, None, None],
    }
    assert source.read_details["sheet"] == "'Sheet 1': the first of 2"
    assert [notice.code for notice in source.notices] == ["W_BLANK_NAME", "W_NAMES_CLEANED"]
    ids = _whole(source).select(parse_categories("id", source.schema["id"])).to_series()
    assert ids.to_list() == ["1", "2", "3"]


def test_another_sheet_can_be_named(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", [["x"], [1]], [["y"], [2]])
    assert list(open_source(path, Reading(sheet="Sheet 2")).schema) == ["y"]
    with pytest.raises(UsageError, match=r"no sheet named 'Shet 2'.*Did you mean 'Sheet 2'"):
        open_source(path, Reading(sheet="Shet 2"))


def test_a_table_may_stand_anywhere_on_its_sheet(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", [["id", "age"], [1, 31]], corner=(3, 2))
    assert _whole(open_source(path)).rows() == [(1.0, 31.0)]


def test_a_word_far_below_numbers_is_kept(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", [["id", "age"], *[[n, n] for n in range(1500)], [1, "x"]])
    assert _whole(open_source(path))["age"].to_list()[-2:] == ["1499", "x"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "column names but no rows"),
        ([["id", "age"]], "column names but no rows"),
        ([["id", "id"], [1, 2]], "2 columns are named 'id'"),
        ([[1, 2], [3, 4]], "the first row contains only numbers"),
    ],
)
def test_a_sheet_that_is_no_table_is_refused(
    tmp_path: Path, rows: list[list[object]], message: str
) -> None:
    path = _workbook(tmp_path / "a.xlsx", rows)
    with pytest.raises(InputError, match=f"{message}.*sheet 'Sheet 1'"):
        open_source(path)


def test_a_workbook_without_its_library_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _workbook(tmp_path / "a.xlsx", [["id"], [1]])
    original = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "fastexcel":
            raise ImportError(name)
        return original(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"pip install 'ilk\[excel\]'"):
        open_source(path)


@pytest.mark.parametrize("name", ["a.parquet", "a.xlsx"])
def test_a_file_cut_short_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.xlsx":
        _workbook(path, [["id"], [1]])
    else:
        FRAME.write_parquet(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="is damaged or cut short") as caught:
        list(open_source(path).iter_frames())
    assert caught.value.code == "E_INPUT_DAMAGED"
    assert str(caught.value).count(str(path)) == 1


def test_a_parquet_file_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    FRAME.write_parquet(path)
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"\xff" * 40 + data[48:])
    with pytest.raises(InputError, match="the Parquet file is damaged"):
        list(open_source(path).iter_frames())


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx", "a.jsonl"])
def test_missing_and_empty_files_are_refused_alike(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        open_source(tmp_path / name)
    (tmp_path / name).touch()
    with pytest.raises(InputError, match="the file is empty"):
        open_source(tmp_path / name)


def test_a_parquet_file_without_rows_is_refused(tmp_path: Path) -> None:
    FRAME.clear().write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="column names but no rows"):
        open_source(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("text", "line"),
    [('{"a":1}\n{"a":2\n', 2), ('{"a":1}\n\nword\n', 3), ('[{"a":1}]\n', 1), ("7\n", 1)],
)
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=f"not a single JSON object .*line {line}") as caught:
        open_source(path)
    assert caught.value.code == "E_JSON_LINE"


def test_json_values_of_two_kinds_are_refused_or_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1}\n{"a":"x"}\n{"b":2}\n')
    assert _whole(open_source(path)).rows() == [("1", None), ("x", None), (None, 2)]
    path.write_text('{"a":1}\n{"a":2.5}\n{"a":true}\n')
    with pytest.raises(InputError, match=r".") as caught:
        list(open_source(path).iter_frames())
    assert caught.value.code == "E_INPUT_DAMAGED"
