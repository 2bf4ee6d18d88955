from __future__ import annotations

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.tables.amounts import strip_amounts
from ilk.tables.number_format import (
    NumberFormat,
    cast_to_text,
    find_thousands_separator,
    is_missing_category,
    is_missing_number,
    is_number,
    parse_categories,
    parse_numbers,
)


def _column(cells: list[object], dtype: pl.DataType | None = None) -> pl.Series:
    return pl.Series("cells", cells, dtype=dtype, strict=False)


def _numbers(cells: list[object], numerals: NumberFormat | None = None) -> list[float | None]:
    column = _column(cells)
    expression = parse_numbers("cells", column.dtype, numerals or NumberFormat())
    return column.to_frame().select(expression).to_series().to_list()


@pytest.mark.parametrize(
    ("cell", "numerals", "value"),
    [
        ("12.5", NumberFormat(), 12.5),
        (" -3 ", NumberFormat(), -3.0),
        ("+4e2", NumberFormat(), 400.0),
        ("00012", NumberFormat(), 12.0),
        ("12,5", NumberFormat(), None),
        ("abc", NumberFormat(), None),
        ("inf", NumberFormat(), None),
        ("1e999", NumberFormat(), None),
        ("12,5", NumberFormat(","), 12.5),
        ("12.5", NumberFormat(","), None),
        ("1.234,56", NumberFormat(",", "."), 1234.56),
        ("1.234.567", NumberFormat(",", "."), 1234567.0),
        ("1.23", NumberFormat(",", "."), None),
        ("0.125", NumberFormat(",", "."), None),
        ("1234", NumberFormat(",", "."), 1234.0),
        ("1,234", NumberFormat(".", ","), 1234.0),
        ("1,2,3", NumberFormat(".", ","), None),
        ("-1,234.5e1", NumberFormat(".", ","), -12345.0),
        ("1\u00a0234,5", NumberFormat(",", " "), 1234.5),
        ("1\u202f234", NumberFormat(",", " "), 1234.0),
        ("12 34", NumberFormat(",", " "), None),
        ("1\u2019234.5", NumberFormat(".", "'"), 1234.5),
        ("1'234", NumberFormat(".", "'"), 1234.0),
    ],
)
def test_text_is_a_number_only_by_the_numerals(
    cell: str, numerals: NumberFormat, value: float | None
) -> None:
    assert _numbers([cell], numerals) == [value]


def test_typed_columns_become_numbers() -> None:
    assert _numbers([1, None]) == [1.0, None]
    assert _numbers([True, False, None]) == [1.0, 0.0, None]
    assert _numbers([1.5, float("nan"), float("inf")]) == [1.5, None, None]
    assert _numbers([datetime.date(2024, 1, 1)]) == [None]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives_in_every_numerals(value: float) -> None:
    point, comma = repr(value), repr(value).replace(".", ",")
    assert _numbers([point]) == [value]
    assert _numbers([point], NumberFormat(".", ",")) == [value]
    assert _numbers([comma], NumberFormat(",", ".")) == [value]


@given(st.integers(-(10**15), 10**15))
def test_grouped_digits_are_the_number(value: int) -> None:
    for sign in ",'":
        grouped = f"{value:,}".replace(",", sign)
        assert _numbers([grouped], NumberFormat(".", sign)) == [float(value)]


def test_missing_parsed_and_failed_cells_are_told_apart() -> None:
    column = _column(["1", " N/A ", "-", "", None, "old", "none"])
    missing = is_missing_number("cells", column.dtype)
    parsed = parse_numbers("cells", column.dtype).is_not_null()
    frame = column.to_frame().select(missing=missing, parsed=parsed)
    assert frame["missing"].to_list() == [False, True, True, True, True, False, True]
    assert frame["parsed"].to_list() == [True, False, False, False, False, False, False]


def test_none_may_be_a_category() -> None:
    column = _column(["none", "?", "Gold", None])
    missing = column.to_frame().select(is_missing_category("cells", column.dtype)).to_series()
    assert missing.to_list() == [False, True, False, True]


@pytest.mark.parametrize(
    ("cells", "levels"),
    [
        ([1.0, 2.5, None, float("nan")], ["1", "2.5", None, None]),
        ([3, None], ["3", None]),
        ([" Gold ", "NA", ""], ["Gold", None, None]),
        ([True, None], ["true", None]),
        ([1e20, -0.0], ["1e+20", "0"]),
    ],
)
def test_categories_print_as_people_write_them(
    cells: list[object], levels: list[str | None]
) -> None:
    column = _column(cells)
    levels_read = column.to_frame().select(parse_categories("cells", column.dtype)).to_series()
    assert levels_read.to_list() == levels


def test_decimals_and_categoricals_are_text_too() -> None:
    decimals = _column(["7.00", "7.50"]).cast(pl.Decimal(10, 2))
    assert decimals.to_frame().select(
        cast_to_text("cells", decimals.dtype)
    ).to_series().to_list() == [
        "7",
        "7.5",
    ]
    labels = _column(["a ", "na"]).cast(pl.Categorical)
    levels_read = labels.to_frame().select(parse_categories("cells", labels.dtype)).to_series()
    assert levels_read.to_list() == ["a", None]


FORMATS = [NumberFormat(mark, sign) for mark in ".," for sign in ("", ",", ".", " ", "'")]


@given(st.text("0123 .,'-+e", max_size=8))
def test_a_number_is_what_some_format_reads(cell: str) -> None:
    formats = [style for style in FORMATS if style.decimal != style.thousands]
    values = [_numbers([cell], style)[0] for style in formats]
    read = [style for style, value in zip(formats, values, strict=True) if value is not None]
    if "e" not in cell:  # a large exponent makes an infinite number, which no format reads
        assert is_number(cell) == bool(read)
    for style in read:
        separator = find_thousands_separator(strip_amounts([cell])[0], style.decimal)
        assert separator in ("", style.thousands)


@pytest.mark.parametrize("cell", ["", "-", ".", "n/a", "nan", "inf", "2024-01-31", "1 234,567'890"])
def test_what_is_no_number_in_any_format(cell: str) -> None:
    assert not is_number(cell)
