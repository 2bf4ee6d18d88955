"""Amounts: numbers that are written with a currency, a percent sign, parentheses or a ``k``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

import polars as pl

_SIGNS_BY_NAME = MappingProxyType(
    {
        **{"EUR": "€", "EURO": "€", "EUROS": "€", "USD": "$", "US$": "$", "GBP": "£"},
        **{"JPY": "¥", "INR": "₹", "RS": "₹", "RS.": "₹", "BRL": "R$", "PLN": "zł", "ZŁ": "zł"},
        **{"CZK": "Kč", "KČ": "Kč", "RUB": "₽", "РУБ": "₽", "РУБ.": "₽", "TRY": "₺", "TL": "₺"},
        **{"UAH": "₴", "ILS": "₪", "KRW": "₩", "VND": "₫", "HUF": "Ft", "FT": "Ft", "KR": "kr"},
        **{"KR.": "kr", "FR.": "CHF", "SFR.": "CHF"},
    }
)
"""How the unit of a currency is shown, by its other spellings in capitals."""

_CODES = (
    "CHF|CNY|RMB|SEK|NOK|DKK|RON|BGN|CAD|AUD|NZD|MXN|ZAR|SGD|HKD|THB|IDR|MYR|PHP|AED|SAR|EGP|NGN|"
    "KES|CLP|COP|ARS|PEN|ISK|TWD|PKR|LKR|BDT|QAR|KWD|MAD"
)
_PREFIXED_DOLLARS = ("R$", "US$", "A$", "AU$", "C$", "CA$", "NZ$", "HK$", "S$", "MX$", "NT$")
_SIGNS = "$€£¥₹₽₺₴₪₩₫₦₱฿₡₲₵₸₼₾"


def _build_currency_pattern() -> str:
    names = sorted((*_PREFIXED_DOLLARS, *_SIGNS_BY_NAME), key=len, reverse=True)
    listed = "|".join(re.escape(name) for name in names)
    return rf"(?i:{listed}|{_CODES})|[{_SIGNS}]"


_CURRENCY = _build_currency_pattern()
_SPACE = r"[ \t\u00a0\u202f]*"
_MINUS = "\u2212"
_AMOUNT = (
    rf"^(?P<open>\()?(?P<sign>[-+{_MINUS}])?{_SPACE}(?P<prefix>{_CURRENCY})?{_SPACE}"
    rf"(?P<inner>[-+{_MINUS}])?{_SPACE}"
    r"(?P<digits>[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?|[.,][0-9]+)(?:,[-–]{1,2})?"
    rf"{_SPACE}(?P<factor>k|K|M|Mio\.?|mn|bn|Mrd\.?)?{_SPACE}(?P<suffix>{_CURRENCY}|[%‰])?(?P<last>-)?"
    r"(?P<close>\))?$"
)
_FACTORS = {
    **{"k": 1e3, "K": 1e3},
    **{"M": 1e6, "Mio": 1e6, "Mio.": 1e6, "mn": 1e6},
    **{"bn": 1e9, "Mrd": 1e9, "Mrd.": 1e9},
}
_MAY_BE_AMOUNT = rf"^[^0-9]{{0,8}}[0-9][0-9.,'’ \u00a0\u202f]*[^0-9]{{0,8}}$|^{_SPACE}[.,][0-9]"

SHARES = frozenset({"%", "‰"})
"""Units of shares; all others are currencies."""


def strip_amounts(cells: Sequence[str]) -> list[str]:
    """Trimmed cells, of which those that hold amounts are reduced to their digits.

    Examples
    --------
    >>> strip_amounts([" -1.204,50 EUR", "(33.52)", "12 %", "12 m"])
    ['1.204,50', '33.52', '12', '12 m']
    """
    text = pl.col("").str.strip_chars()
    frame = pl.Series("", cells, dtype=pl.String).to_frame()
    possible = pl.when(is_possible_amount(text)).then(text)
    return frame.select(pl.coalesce(extract_digits(possible), text)).to_series().to_list()


def is_possible_amount(text: pl.Expr) -> pl.Expr:
    """A quick test that every amount passes, and most text does not."""
    return text.str.contains(_MAY_BE_AMOUNT)


def extract_digits(text: pl.Expr) -> pl.Expr:
    """The digits of amounts as they are written, null where a cell holds none."""
    parts = text.str.extract_groups(_AMOUNT)
    field = parts.struct.field
    is_paired = field("open").is_null() == field("close").is_null()
    has_unit = field("prefix").is_not_null() | field("suffix").is_not_null()
    is_factor = field("factor").is_null() | field("factor").is_in(["k", "K"]) | has_unit
    is_code = field("digits").str.contains("^0[0-9]") & field("prefix").is_not_null()
    n_signs = sum(
        field(name).is_not_null().cast(pl.Int8) for name in ("sign", "inner", "last", "open")
    )
    # A grade such as "2-" is none, as "33.52-" is, which accounting programs write.
    is_last = field("last").is_null() | has_unit | field("digits").str.contains("[.,]")
    is_amount = is_paired & is_factor & ~is_code & is_last & (n_signs <= 1)
    return pl.when(is_amount).then(field("digits"))


def extract_multiplier(text: pl.Expr) -> pl.Expr:
    """By what the digits of amounts are multiplied: their sign, and a thousand for ``k``."""
    field = text.str.extract_groups(_AMOUNT).struct.field
    minus = ["-", _MINUS]
    is_negative = (
        field("open").is_not_null()
        | field("last").is_not_null()
        | field("sign").is_in(minus).fill_null(False)
        | field("inner").is_in(minus).fill_null(False)
    )
    factor = field("factor").replace_strict(_FACTORS, default=1.0, return_dtype=pl.Float64)
    return pl.when(is_negative).then(-factor).otherwise(factor)


def extract_unit(text: pl.Expr) -> pl.Expr:
    """What amounts are counted in, such as ``€`` or ``%``; null without a unit.

    Examples
    --------
    >>> cells = pl.DataFrame({"spend": ["70.00 EUR", "€5", "12 %", "(33.52)"]})
    >>> cells.select(extract_unit(pl.col("spend"))).to_series().to_list()
    ['€', '€', '%', None]
    """
    field = text.str.extract_groups(_AMOUNT).struct.field
    unit = pl.coalesce(field("prefix"), field("suffix"))
    upper = unit.str.to_uppercase()
    return upper.replace_strict(dict(_SIGNS_BY_NAME), default=unit, return_dtype=pl.String)
