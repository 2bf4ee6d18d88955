"""Amounts: cells that hold a number with a sign, a unit or a factor are numbers."""

from __future__ import annotations

import polars as pl
import pytest

from ilk.tables.amounts import extract_unit
from ilk.tables.number_format import NumberFormat, is_number, parse_numbers

POINT, COMMA = NumberFormat(".", ","), NumberFormat(",", ".")


@pytest.mark.parametrize(
    ("cell", "number_format", "value", "unit"),
    [
        ("$1,204.50", POINT, 1204.5, "$"),
        ("USD 1,204.50", POINT, 1204.5, "$"),
        ("120,04 €", COMMA, 120.04, "€"),
        ("1.204,50\u00a0EUR", COMMA, 1204.5, "€"),
        ("€ 3.500,-", COMMA, 3500.0, "€"),
        ("R$ 5,00", COMMA, 5.0, "R$"),
        ("₹1,00,000", POINT, 100000.0, "₹"),
        ("12 %", POINT, 12.0, "%"),
        ("0.12k", POINT, 120.0, None),
        ("$1.2M", POINT, 1.2e6, "$"),
        ("12 Mio. €", COMMA, 12e6, "€"),
        ("(33.52)", POINT, -33.52, None),
        ("($33.52)", POINT, -33.52, "$"),
        ("-$5", POINT, -5.0, "$"),
        ("$-5", POINT, -5.0, "$"),
        ("33.52-", POINT, -33.52, None),
        ("\u22125", POINT, -5.0, None),
        ("CHF 12'000", NumberFormat(".", "'"), 12000.0, "CHF"),
        ("12 kr", POINT, 12.0, "kr"),
    ],
)
def test_an_amount_is_a_number_with_a_unit(
    cell: str, number_format: NumberFormat, value: float, unit: str | None
) -> None:
    frame = pl.DataFrame({"cell": [f" {cell} "]})
    numbers = parse_numbers("cell", pl.String(), number_format)
    units = extract_unit(pl.col("cell").str.strip_chars())
    assert frame.select(numbers).item() == pytest.approx(value)
    assert frame.select(units).item() == unit
    assert is_number(cell)


@pytest.mark.parametrize(
    "cell", ["K00", "EUR001", "5M", "(5", "5)", "(-5)", "2-", "18-24", "12 m", "$", "€ pro Tag"]
)
def test_other_text_is_no_amount(cell: str) -> None:
    frame = pl.DataFrame({"cell": [cell]})
    assert frame.select(parse_numbers("cell", pl.String(), POINT)).item() is None
