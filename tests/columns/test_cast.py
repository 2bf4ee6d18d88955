from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.columns.cast import cast_columns, find_column_name
from ilk.errors import InputError
from ilk.schema import Column
from ilk.tables.number_format import (
    NumberFormat,
    is_missing_number,
    parse_categories,
    parse_numbers,
)


def number(name: str) -> Column:
    return Column(name, kind="number", role="feature", reason="a number")


def category(name: str) -> Column:
    return Column(name, kind="category", role="feature", reason="a category")


def test_text_becomes_numbers_and_categories():
    frame = pl.DataFrame({"plan": [" gold ", "none", "?"], "age": ["31", "n/a", " 7.5 "]})
    result = cast_columns(frame, [number("age"), category("plan")], NumberFormat())
    assert result.schema == {"age": pl.Float64, "plan": pl.String}
    assert result.rows() == [(31.0, "gold"), (None, "none"), (7.5, None)]


def test_typed_columns_are_converted():
    frame = pl.DataFrame({"region": [1.0, 2.0], "age": [31, None], "member": [True, False]})
    result = cast_columns(
        frame, [category("region"), number("age"), category("member")], NumberFormat()
    )
    assert result.rows() == [("1", 31.0, "true"), ("2", None, "false")]


def test_headers_match_up_to_spaces_and_unicode_form():
    composed, decomposed = "café", "café"
    frame = pl.DataFrame({f" {decomposed} ": [1], "Age": [2]})
    assert cast_columns(frame, [number(composed)], NumberFormat()).columns == [composed]
    assert find_column_name("age", frame.columns) is None


def test_more_columns_in_another_order_make_no_difference():
    frame = pl.DataFrame({"b": [2], "x": ["noise"], "a": [1]})
    assert cast_columns(frame, [number("a"), number("b")], NumberFormat()).rows() == [(1.0, 2.0)]


def test_every_missing_column_is_named_with_the_nearest_name():
    columns = [number("Income"), number("Age"), number("Score")]
    with pytest.raises(InputError, match=r"'Income' and 'Score' are missing.*'Incme'") as caught:
        cast_columns(pl.DataFrame({"Incme": [1], "Age": [2]}), columns, NumberFormat())
    assert caught.value.code == "E_MISSING_COLUMN"


def test_text_among_numbers_is_refused_with_its_row():
    frame = pl.DataFrame({"age": ["31", "n/a", "about forty years, he said, or perhaps more"]})
    with pytest.raises(InputError, match=r"row 12 contains 'about forty years.*…'") as caught:
        cast_columns(frame, [number("age")], NumberFormat(), first_row=10)
    assert caught.value.code == "E_TEXT_IN_NUMBER"


@pytest.mark.parametrize("values", [["1", "inf"], [1.0, float("-inf")], ["1", "1e999"]])
def test_infinite_numbers_are_refused(values):
    with pytest.raises(InputError, match="'age' contains an infinite number") as caught:
        cast_columns(pl.DataFrame({"age": values}), [number("age")], NumberFormat())
    assert caught.value.code == "E_INFINITE"


def test_numbers_too_large_to_square_are_refused():
    with pytest.raises(InputError, match=r"'age' contains 2e\+150, which is too large") as caught:
        cast_columns(pl.DataFrame({"age": ["1", "-2e150"]}), [number("age")], NumberFormat())
    assert caught.value.code == "E_TOO_LARGE"


def test_nan_is_a_missing_value():
    result = cast_columns(
        pl.DataFrame({"age": [1.0, float("nan")]}), [number("age")], NumberFormat()
    )
    assert result["age"].to_list() == [1.0, None]


@given(
    st.lists(
        st.none()
        | st.sampled_from(
            ["", " ", "n/a", "NA", " 7", "7 ", "1e3", "nan", "inf", "1,5", "x", "Gold"]
        )
        | st.floats(-1e6, 1e6).map(str)
    ),
    st.booleans(),
)
def test_columns_that_need_no_care_come_out_as_by_the_full_rules(cells, long):
    cells = cells * 40 if long else cells
    column = pl.Series("x", cells, dtype=pl.String)
    full = column.to_frame().select(
        number=parse_numbers("x", pl.String()), category=parse_categories("x", pl.String())
    )
    assert cast_columns(column.to_frame(), [category("x")], NumberFormat())["x"].equals(
        full["category"]
    )
    read = full["number"].is_not_null()
    bad = ~read & ~column.to_frame().select(is_missing_number("x", pl.String())).to_series()
    if not bad.any():
        assert cast_columns(column.to_frame(), [number("x")], NumberFormat())["x"].equals(
            full["number"]
        )
        return
    with pytest.raises(InputError, match=r"E_TEXT_IN_NUMBER|E_INFINITE") as caught:
        cast_columns(column.to_frame(), [number("x")], NumberFormat())
    if caught.value.code == "E_TEXT_IN_NUMBER":
        assert f"row {(bad.arg_max() or 0) + 1:,} contains" in caught.value.message
