from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ilk.errors import InputError
from ilk.recipe import Reading
from ilk.tables.base import Source
from ilk.tables.exclude import exclude_ids, read_ids
from ilk.tables.source import open_source


def _ids(source: Source) -> list[object]:
    return [cell for frame in source.iter_frames() for cell in frame["id"].to_list()]


@pytest.mark.parametrize(
    ("cells", "left"),
    [
        (["007", "08", " 9 ", "7", "NA"], ["08", "7"]),
        ([7, 8, 9], [7, 8]),
        ([7.0, 9.0, None], [7.0, None]),
    ],
)
def test_no_excluded_row_comes_out(cells: list[object], left: list[object]) -> None:
    source = exclude_ids(open_source(pl.DataFrame({"id": cells})), "id", ["007", "9 ", "NA"])
    assert _ids(source) == left
    assert _ids(source) == left
    assert source.n_excluded == len(cells) - len(left)


def test_everything_else_is_that_of_the_source() -> None:
    source = open_source(pl.DataFrame({"id": ["1", "2"]}))
    kept = exclude_ids(source, "id", {"1"})
    for part in ("name", "schema", "number_format", "read_details", "notices", "paths"):
        assert getattr(kept, part) == getattr(source, part)
    assert kept.fingerprint() == source.fingerprint()


def test_a_source_leaves_nobody_out_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,a\n1,x\n2,y\n")
    for source in (open_source(path), open_source(pl.DataFrame({"id": ["1", "2"]}))):
        assert [frame.height for frame in source.iter_frames()] == [2]
        assert source.n_excluded == 0


def test_who_is_left_out_twice_over_is_counted_once_each() -> None:
    source = open_source(pl.DataFrame({"id": ["1", "2", "3", "4"]}))
    kept = exclude_ids(exclude_ids(source, "id", {"1", "2"}), "id", {"2", "3"})
    for _ in range(2):
        assert [frame["id"].to_list() for frame in kept.iter_frames()] == [["4"]]
        assert kept.n_excluded == 3


def test_rejects_do_not_betray_excluded_customers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,a,b\n1,x,y\n"007",x\n08,x\n')
    source = exclude_ids(open_source(path, Reading(max_bad_rows=2)), "id", {"007"})
    assert [(reject.line, reject.raw) for reject in source.rejects] == [
        (3, "withheld: it holds an id that is to be excluded"),
        (4, "08,x"),
    ]


def test_an_unknown_column_and_an_empty_result_are_refused() -> None:
    source = open_source(pl.DataFrame({"id": ["1"]}))
    with pytest.raises(InputError, match=r"no column 'idd'.*Did you mean 'id'"):
        exclude_ids(source, "idd", {"1"})
    with pytest.raises(InputError, match="every row belongs to a customer who is to be excluded"):
        list(exclude_ids(source, "id", {"1"}).iter_frames())


@pytest.mark.parametrize(
    ("text", "column", "ids"),
    [
        ("007\n 08 \n\n9\n", "id", {"007", "08", "9"}),
        ("id\n007\n", "id", {"007"}),
        ("id,since\n007,2024\n08,2023\n", "id", {"007", "08"}),
        ("since;id\n2024;007\n2023;08\n", "id", {"007", "08"}),
        ("007;2024\n08;2023\n", None, {"007", "08", "007;2024", "08;2023"}),
        ('"a,b"\n"c,d"\n', None, {"a,b", "c,d", '"a,b"', '"c,d"'}),
        ("", "id", set()),
        ("\n\n", "id", set()),
    ],
)
def test_ids_are_read_from_lines_and_tables(
    tmp_path: Path, text: str, column: str | None, ids: set[str]
) -> None:
    path = tmp_path / "ids.txt"
    path.write_text(text)
    assert read_ids(path, column) == ids


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_ids(tmp_path / "ids.txt")
