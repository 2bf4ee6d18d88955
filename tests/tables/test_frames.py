from __future__ import annotations

import datetime
import subprocess
import sys

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from ilk.errors import InputError, UsageError
from ilk.recipe import Reading
from ilk.tables.frames import FrameSource, open_frame
from ilk.tables.number_format import NumberFormat, parse_categories

FRAME = pl.DataFrame(
    {
        "id": ["007", "008", None],
        "spend": [1.5, None, 3.0],
        "visits": [1, 2, 3],
        "member": [True, None, False],
        "since": [datetime.date(2024, 1, 2), None, datetime.date(2024, 3, 4)],
    }
)


def _whole(source: FrameSource) -> pl.DataFrame:
    return pl.concat(source.iter_frames())


@pytest.mark.parametrize("make", [pl.DataFrame, pl.DataFrame.lazy, pl.DataFrame.to_arrow])
def test_typed_tables_keep_their_types(make: object) -> None:
    source = open_frame(make(FRAME))  # type: ignore[operator]
    assert_frame_equal(_whole(source), FRAME)
    assert_frame_equal(_whole(source), FRAME)
    assert source.schema == dict(FRAME.schema)
    assert source.rejects == ()


def test_pandas_columns_of_every_kind() -> None:
    table = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "float": [1.0, None, 3.5],
            "text": ["007", None, "c"],
            "mixed": pd.Series(["a", 1.0, None], dtype=object),
            "objects": pd.Series([1, None, 3], dtype=object),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "arrow": pd.array(["x", None, "z"], dtype="string[pyarrow]"),
            "when": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
            "label": pd.Categorical(["x", "y", None]),
        }
    )
    whole = _whole(open_frame(table))
    assert whole.to_dict(as_series=False) == {
        "whole": [1, 2, 3],
        "float": [1.0, None, 3.5],
        "text": ["007", None, "c"],
        "mixed": ["a", "1", None],
        "objects": [1, None, 3],
        "nullable": [1, None, 3],
        "flag": [True, None, False],
        "arrow": ["x", None, "z"],
        "when": [datetime.datetime(2024, 1, 1), None, datetime.datetime(2024, 1, 3)],
        "label": ["x", "y", None],
    }
    assert whole.schema["nullable"] == pl.Int64
    assert whole.schema["flag"] == pl.Boolean


def test_an_id_that_pandas_made_a_float_reads_as_a_whole_number() -> None:
    source = open_frame(pd.DataFrame({"id": [1.0, None, 3.0]}))
    ids = _whole(source).select(parse_categories("id", source.schema["id"])).to_series()
    assert ids.to_list() == ["1", None, "3"]


def test_pandas_is_read_without_pyarrow() -> None:
    code = """
import sys
sys.modules["pyarrow"] = None
import pandas as pd
from ilk.tables.frames import open_frame
table = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": ["x", None], "c": [1.5, 2]})
print([frame.rows() for frame in open_frame(table).iter_frames()])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[[(1, 'x', 1.5), (None, None, 2.0)]]"


def test_names_that_are_no_text_become_text() -> None:
    assert list(open_frame(pd.DataFrame([[1, 2]])).schema) == ["0", "1"]


def test_columns_that_cannot_be_used_are_left_out_aloud() -> None:
    table = FRAME.with_columns(tags=pl.Series([[1], [2], None]), raw=pl.lit(b"x"))
    source = open_frame(table)
    assert_frame_equal(_whole(source), FRAME)
    assert [(notice.code, notice.column) for notice in source.notices] == [
        ("W_NESTED_COLUMN", "tags"),
        ("W_NESTED_COLUMN", "raw"),
    ]


def test_the_fingerprint_is_of_values_not_of_layout() -> None:
    whole = open_frame(FRAME).fingerprint()
    chunked = pl.concat([FRAME[:1], FRAME[1:]], rechunk=False)
    assert open_frame(chunked).fingerprint() == whole
    assert open_frame(FRAME.lazy()).fingerprint() == whole
    for other in (
        FRAME.reverse(),
        FRAME.rename({"id": "key"}),
        FRAME.with_columns(pl.col("visits").cast(pl.Int8)),
        FRAME.with_columns(pl.col("id").fill_null("")),
        FRAME.with_columns(pl.col("spend") + 1e-12),
    ):
        assert open_frame(other).fingerprint() != whole


def test_unusual_types_have_a_fingerprint_too() -> None:
    table = pl.DataFrame(
        {"a": [datetime.timedelta(1)], "b": pl.Series(["x"], dtype=pl.Categorical)}
    )
    assert len(open_frame(table).fingerprint()) == 64


@pytest.mark.parametrize("make", [pl.DataFrame, pl.DataFrame.lazy])
def test_batches_are_bounded_and_in_order(make: object) -> None:
    source = open_frame(make(pl.DataFrame({"n": range(250_000)})))  # type: ignore[operator]
    frames = list(source.iter_frames())
    assert max(frame.height for frame in frames) <= 100_000
    assert pl.concat(frames)["n"].to_list() == list(range(250_000))


def test_numerals_of_text_inside_are_those_given() -> None:
    assert open_frame(FRAME).number_format == NumberFormat()
    assert open_frame(FRAME, Reading(thousands=".")).number_format == NumberFormat(",", ".")


def test_tables_without_rows_or_with_equal_names_are_refused() -> None:
    with pytest.raises(InputError, match="column names but no rows"):
        open_frame(FRAME.clear())
    with pytest.raises(InputError, match="column names but no rows"):
        open_frame(pa.table({"a": pa.array([], pa.int64())}))
    with pytest.raises(InputError, match="2 columns are named 'a'"):
        open_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize("thing", [7, None, {"a": [1]}, pd.Series([1])])
def test_what_is_no_table_is_refused(thing: object) -> None:
    with pytest.raises(UsageError, match=f"a {type(thing).__name__} is no table"):
        open_frame(thing)
