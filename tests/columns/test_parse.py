"""The fast parser of a column reads what the rules say, cell by cell."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ilk.columns.parse import parse_cells, parse_number_cells
from ilk.tables.number_format import (
    MISSING_CATEGORIES,
    MISSING_NUMBERS,
    NumberFormat,
    is_missing_category,
    is_missing_number,
    parse_numbers,
)

words = st.sampled_from(sorted(MISSING_NUMBERS | MISSING_CATEGORIES | {"unknowns", "n/a/a"}))
figures = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats().map(str),
    st.from_regex(r"\A-?0?[0-9]{1,3}([.,][0-9]{3})?([.,][0-9]{1,2})?(e[0-9]{1,3})?\Z"),
    st.sampled_from(["inf", "-Infinity", "1e999", "NaN", "007", "0.5", "00", "0x1", "+0", "1_000"]),
)
space = st.sampled_from(["", "", " ", "\t", "\u00a0 "])
cells = st.one_of(
    st.none(),
    st.text(max_size=12),
    *(
        st.tuples(space, inner, space).map("".join)
        for inner in (figures, words, words.map(str.upper))
    ),
)
styles = st.sampled_from(
    [NumberFormat(), NumberFormat(",", "."), NumberFormat(".", ","), NumberFormat(",", " ")]
)


@given(st.lists(cells, max_size=20), styles)
@example(["1", " inf", "inf ", None, " 07 ", "-07", ""], NumberFormat())
def test_text_is_parsed_as_the_rules_say(
    column: list[str | None], number_format: NumberFormat
) -> None:
    series = pl.Series("", column, dtype=pl.String)
    parsed = parse_cells(series, number_format)
    cell, dtype = pl.col(""), pl.String()
    expected = series.to_frame().select(
        numbers=parse_numbers(cell, dtype, number_format),
        missing=is_missing_number(cell, dtype),
        null_category=is_missing_category(cell, dtype),
        infinite=cell.cast(pl.Float64, strict=False).is_infinite().fill_null(False),
        leading_zeros=cell.str.contains(r"^\s*0\d").fill_null(False),
    )
    np.testing.assert_array_equal(parsed.numbers, expected["numbers"].to_numpy())
    np.testing.assert_array_equal(parse_number_cells(series, number_format), parsed.numbers)
    for name in ("missing", "null_category", "leading_zeros"):
        assert getattr(parsed, name).tolist() == expected[name].to_list(), name
    # An infinite number is one only where it is not a finite one written in this style.
    infinite = expected["infinite"] & expected["numbers"].is_null()
    assert parsed.infinite.tolist() == infinite.to_list()
    failed = expected["numbers"].is_null() & ~expected["missing"] & ~infinite
    position = parsed.find_first_non_number()
    assert position == (failed.arg_max() if failed.any() else None)


@pytest.mark.parametrize(
    ("column", "numbers", "missing", "infinite"),
    [
        (pl.Series([1, None, -3]), [1, np.nan, -3], [0, 1, 0], [0, 0, 0]),
        (pl.Series([1.5, None, np.nan, np.inf]), [1.5] + [np.nan] * 3, [0, 1, 1, 0], [0, 0, 0, 1]),
        (pl.Series([True, None, False]), [1, np.nan, 0], [0, 1, 0], [0, 0, 0]),
        (pl.Series([Decimal("1.25"), None]), [1.25, np.nan], [0, 1], [0, 0]),
        (pl.Series([None, None]), [np.nan] * 2, [1, 1], [0, 0]),
    ],
)
def test_other_types_are_parsed(
    column: pl.Series, numbers: list[float], missing: list[int], infinite: list[int]
) -> None:
    parsed = parse_cells(column, NumberFormat())
    np.testing.assert_array_equal(parsed.numbers, numbers)
    np.testing.assert_array_equal(parse_number_cells(column, NumberFormat()), numbers)
    assert (
        parsed.missing.tolist() == parsed.null_category.tolist() == [bool(flag) for flag in missing]
    )
    assert parsed.infinite.tolist() == [bool(flag) for flag in infinite]
    assert not parsed.leading_zeros.any()
