"""Lines above the column names: a table reads the same with them and without."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ilk.errors import InputError
from ilk.recipe import Reading
from ilk.tables.base import Source
from ilk.tables.header import count_preamble_rows
from ilk.tables.source import open_source

ROWS = [
    ["id", "name", "spend", "visits"],
    *([f"{number:03}", f"Anna {number}", f"{number}.5", str(number)] for number in range(1, 30)),
]
TITLES = [
    ["Customers in May"],
    ["Customers", "2026"],
    ["# made by the till"],
    ['The "best" customers'],
    ["A cell of its own", "", "", ""],
    ["From", "2026-05-01", "", ""],
]


def written(path: Path, rows: list[list[str]], delimiter: str = ",", before: str = "") -> Source:
    lines = [delimiter.join(row) + "\n" for row in rows]
    path.write_text(before + "".join(lines), "utf-8")
    return open_source(str(path))


def whole(source: Source) -> pl.DataFrame:
    return pl.concat(source.iter_frames())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("title", TITLES, ids=" ".join)
def test_a_title_does_not_change_the_table(
    tmp_path: Path, title: list[str], delimiter: str
) -> None:
    plain = written(tmp_path / "plain.csv", ROWS, delimiter)
    titled = written(tmp_path / "titled.csv", [title, *ROWS], delimiter)
    assert whole(titled).equals(whole(plain))
    assert titled.read_details["header"] == "below 1 line of other text"
    [notice] = titled.notices
    assert notice.code == "W_PREAMBLE"
    assert title[0] in notice.message


@pytest.mark.parametrize("blank", ["", ",,,", "  "])
def test_blank_lines_count_for_nothing(tmp_path: Path, blank: str) -> None:
    titled = written(tmp_path / "a.csv", [["May"], [blank], ["2026"], [blank], *ROWS])
    assert whole(titled).equals(whole(written(tmp_path / "b.csv", ROWS)))
    assert titled.read_details["header"] == "below 2 lines of other text"


def test_titles_may_follow_the_line_of_excel(tmp_path: Path) -> None:
    titled = written(tmp_path / "a.csv", [["May"], *ROWS], ";", before="sep=;\n")
    assert whole(titled).equals(whole(written(tmp_path / "b.csv", ROWS, ";")))


def test_lines_are_counted_from_the_top_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [["May"], *ROWS, ["030", "Anna", "1", "1", "2"]]
    path.write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
    source = open_source(str(path), Reading(max_bad_rows=1))
    assert [reject.line for reject in source.rejects] == [32]


@pytest.mark.parametrize(
    "rows",
    [
        [["id"], ["7", "31"], ["8", "44"]],  # the names end too early
        [["id", "", "", ""], ["7", "31", "1", "2"], ["8", "44", "3", "4"]],
        [["id", "age", "", ""], ["anna", "old", "x", "y"], ["bert", "new", "z", "w"]],
        [["id", "age"], ["7", "31"], ["8", "44"]],
        [["title"], ["id", "id"], ["7", "31"], ["8", "44"]],
        [["title"], ["id", "age"]],
        [["title"], ["age"], ["31"]],
        [["title"], ["id", "age"], ["7", "31"], ["8"], ["9"]],
        [],
    ],
)
def test_what_may_be_column_names_or_customers_is_left_alone(rows: list[list[str]]) -> None:
    assert count_preamble_rows(rows) == 0


def test_names_that_end_too_early_are_still_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id\n7,31\n8,44\n", "utf-8")
    with pytest.raises(InputError, match="2 rows cannot be read"):
        whole(open_source(str(path)))


@pytest.mark.parametrize("corner", [(0, 0), (4, 2)])
def test_a_title_does_not_change_a_sheet(tmp_path: Path, corner: tuple[int, int]) -> None:
    typed = [ROWS[0], *([row[0], row[1], float(row[2]), int(row[3])] for row in ROWS[1:])]
    sources = []
    for name, titles in (("a", []), ("b", [["May"], ["From", "2026-05-01"], []])):
        with xlsxwriter.Workbook(tmp_path / f"{name}.xlsx") as book:
            sheet = book.add_worksheet()
            for place, row in enumerate([*titles, *typed]):
                sheet.write_row(corner[0] + place, corner[1], row)
        sources.append(open_source(str(tmp_path / f"{name}.xlsx")))
    plain, titled = sources
    assert whole(titled).equals(whole(plain))
    assert titled.read_details["header"] == "below 2 lines of other text"
    assert [notice.code for notice in titled.notices] == ["W_PREAMBLE"]
