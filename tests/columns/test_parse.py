"""The fast look at a column sees what the rules say, cell by cell."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ilk.columns.parse import is_infinite, parse_cells
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
def test_text_is_seen_as_the_rules_say(column: list[str | None], numerals: NumberFormat) -> None:
    series = pl.Series("", column, dtype=pl.String)
    seen = parse_cells(series, numerals)
    cell, dtype = pl.col(""), pl.String()
    told = series.to_frame().select(
        numbers=parse_numbers(cell, dtype, numerals),
        missing=is_missing_number(cell, dtype),
        null_category=is_missing_category(cell, dtype),
        infinite=is_infinite(cell),
        leading_zeros=cell.str.contains(r"^\s*0\d").fill_null(False),
    )
    np.testing.assert_array_equal(seen.numbers, told["numbers"].to_numpy())
    for name in ("missing", "null_category", "leading_zeros"):
        assert getattr(seen, name).tolist() == told[name].to_list(), name
    # An infinite number is one only where it is not a finite one written in this style.
    assert seen.infinite.tolist() == (told["infinite"] & told["numbers"].is_null()).to_list()


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
def test_other_types_are_seen_by_hand(
    column: pl.Series, numbers: list[float], missing: list[int], infinite: list[int]
) -> None:
    seen = parse_cells(column, NumberFormat())
    np.testing.assert_array_equal(seen.numbers, numbers)
    assert seen.missing.tolist() == seen.null_category.tolist() == [bool(each) for each in missing]
    assert seen.infinite.tolist() == [bool(each) for each in infinite]
    assert not seen.leading_zeros.any()
