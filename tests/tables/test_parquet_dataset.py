"""Parts: folders and patterns of Parquet files as one table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ilk.errors import InputError
from ilk.tables.base import Source
from ilk.tables.source import open_source

FRAME = pl.DataFrame({"id": [f"c{row}" for row in range(10)], "spend": [1.5] * 10})


def _whole(source: Source) -> pl.DataFrame:
    return pl.concat(source.iter_frames())


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A folder of three files, one of them without rows, as Spark leaves it."""
    folder = tmp_path / "sales.parquet"
    folder.mkdir()
    FRAME.tail(6).write_parquet(folder / "part-2.parquet")
    FRAME.head(0).write_parquet(folder / "part-1.parquet")
    FRAME.head(4).write_parquet(folder / "part-0.PARQUET")
    (folder / "_SUCCESS").touch()
    (folder / ".part-2.parquet.crc").write_bytes(b"crc")
    (folder / "_temporary").mkdir()
    (folder / "_temporary" / "part-9.parquet").write_bytes(b"half")
    return folder


def test_a_folder_is_the_table_of_its_files_in_order(sales: Path) -> None:
    source = open_source(str(sales))
    assert_frame_equal(_whole(source), FRAME)
    assert source.name == "sales.parquet"
    assert source.read_details["files"].startswith("3,")
    assert source.estimate_rows() == 10


def test_a_pattern_is_the_table_of_the_files_that_fit(sales: Path) -> None:
    pattern = str(sales / "part-[01].*")
    source = open_source(pattern)
    assert_frame_equal(_whole(source), FRAME.head(4))
    assert source.name == pattern
    everywhere = open_source(sales.parent / "**" / "part-*.parquet")
    assert_frame_equal(_whole(everywhere), FRAME.tail(6))


def test_a_name_with_the_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    FRAME.head(1).write_parquet(tmp_path / "a[1].parquet")
    FRAME.write_parquet(tmp_path / "a1.parquet")
    assert _whole(open_source(tmp_path / "a[1].parquet")).height == 1


def test_names_of_subfolders_tell_columns_as_they_are_written(tmp_path: Path) -> None:
    for region, rows in (("01", FRAME.head(4)), ("02", FRAME.tail(6))):
        folder = tmp_path / f"region={region}" / "kind=a%20b"
        folder.mkdir(parents=True)
        rows.write_parquet(folder / "part.parquet")
    expected = FRAME.with_columns(region=pl.Series(["01"] * 4 + ["02"] * 6), kind=pl.lit("a b"))
    for named in (tmp_path, tmp_path / "region=*" / "*" / "*.parquet"):
        assert_frame_equal(_whole(open_source(named)), expected)


def test_the_fingerprint_is_that_of_all_files_and_their_names(sales: Path) -> None:
    before = open_source(sales).fingerprint()
    assert open_source(sales).fingerprint() == before
    (sales / "part-2.parquet").rename(sales / "part-3.parquet")
    renamed = open_source(sales).fingerprint()
    FRAME.head(5).write_parquet(sales / "part-0.PARQUET")
    assert len({before, renamed, open_source(sales).fingerprint()}) == 3


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (FRAME.with_columns(pl.col("spend").cast(pl.Int64)), "it is Int64 here and Float64 in"),
        (FRAME.drop("spend"), "it is missing here but not in"),
        (FRAME.with_columns(spend2=1), "it is here but missing in"),
    ],
)
def test_files_with_other_columns_are_refused_by_name(
    sales: Path, other: pl.DataFrame, message: str
) -> None:
    other.write_parquet(sales / "part-2.parquet")
    with pytest.raises(InputError, match=message) as caught:
        open_source(sales)
    assert caught.value.code == "E_PARTS_DIFFER"
    assert caught.value.place is not None
    assert caught.value.place.startswith(f"{sales / 'part-2.parquet'}, column 'spend")


def test_columns_may_stand_in_another_order(sales: Path) -> None:
    FRAME.tail(6).select("spend", "id").write_parquet(sales / "part-2.parquet")
    assert_frame_equal(_whole(open_source(sales)), FRAME)


def test_folders_that_tell_different_columns_are_refused(tmp_path: Path) -> None:
    for name in ("region=1", "regional=2"):
        (tmp_path / name).mkdir()
        FRAME.write_parquet(tmp_path / name / "part.parquet")
    with pytest.raises(InputError, match=r"column 'region': its folders have 'regional'") as caught:
        open_source(tmp_path)
    assert caught.value.code == "E_PARTS_DIFFER"


def test_text_files_are_not_taken_together(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv.gz"):
        (tmp_path / name).write_text("id\n1\n")
    for named in (tmp_path, tmp_path / "*"):
        message = r"2 text files cannot be read as one table.*Use [ab]\.csv"
        with pytest.raises(InputError, match=message) as caught:
            open_source(named)
        assert caught.value.code == "E_MANY_FILES"


@pytest.mark.parametrize(
    ("named", "message"),
    [("", "this folder has no Parquet file"), ("*.parquet", "no file matches this pattern")],
)
def test_nothing_to_be_found_is_refused(tmp_path: Path, named: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_source(tmp_path / named)
    assert caught.value.code == "E_INPUT_OPEN"


def test_a_table_of_files_without_a_single_row_is_refused(sales: Path) -> None:
    for name in ("part-0.PARQUET", "part-2.parquet"):
        FRAME.head(0).write_parquet(sales / name)
    with pytest.raises(InputError, match="column names but no rows"):
        open_source(sales)


def test_one_damaged_file_is_named(sales: Path) -> None:
    (sales / "part-1.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(InputError, match=r"damaged or cut short.*part-1\.parquet") as caught:
        open_source(sales)
    assert caught.value.code == "E_INPUT_DAMAGED"
