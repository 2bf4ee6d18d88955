"""Amounts: numbers that are written with a currency, a percent sign, parentheses or a ``k``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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
_DIGITS = r"[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?|[.,][0-9]+"
_PLACE = "#"
_FRAME = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+{_MINUS}])?{_SPACE}(?P<prefix>{_CURRENCY})?{_SPACE}"
    rf"(?P<inner>[-+{_MINUS}])?{_SPACE}{_PLACE}(?:,[-–]{{1,2}})?"
    rf"{_SPACE}(?P<factor>k|K|M|Mio\.?|mn|bn|Mrd\.?)?{_SPACE}(?P<suffix>{_CURRENCY}|[%‰])?"
    r"(?P<last>-)?(?: ?\+)?(?P<close>\))?"
)
"""What stands around the digits of an amount, for which ``#`` stands."""

_FACTORS = {
    **{"k": 1e3, "K": 1e3},
    **{"M": 1e6, "Mio": 1e6, "Mio.": 1e6, "mn": 1e6},
    **{"bn": 1e9, "Mrd": 1e9, "Mrd.": 1e9},
}
_MAX_FRAME_BYTES = 24
_PLAIN = r"^[-+]?[0-9.,'’ \u00a0\u202f]*[0-9.,](?:[eE][-+]?[0-9]+)?$"
_PARTS = pl.Struct({"digits": pl.String, "multiplier": pl.Float64, "unit": pl.String})

SHARES = frozenset({"%", "‰"})
"""Units of shares; all others are currencies."""


def strip_amounts(cells: Sequence[str]) -> list[str]:
    """Trimmed cells, of which those that hold amounts are reduced to their digits.

    Examples
    --------
    >>> strip_amounts([" -1.204,50 EUR", "(33.52)", "12%", "12 m"])
    ['1.204,50', '33.52', '12', '12 m']
    """
    text = pl.Series("", cells, dtype=pl.String).str.strip_chars()
    digits = text.to_frame().select(split_amounts(pl.col("")).struct.field("digits")).to_series()
    return digits.zip_with(digits.is_not_null(), text).to_list()


def split_amounts(text: pl.Expr) -> pl.Expr:
    """Trimmed text as structs of the digits, the multiplier and the unit of an amount.

    All three are null in other cells and in plain numbers. The multiplier has the sign, and is
    a thousand where a ``k`` follows; the unit is null for a number without one.

    Examples
    --------
    >>> cells = pl.DataFrame({"": ["70.00 EUR", "($5)", "0.12k", "12"]})
    >>> [tuple(parts.values()) for parts in cells.select(split_amounts(pl.col(""))).to_series()]
    [('70.00', 1.0, '€'), ('5', -1.0, '$'), ('0.12', 1000.0, None), (None, None, None)]
    """
    return text.map_batches(_split_series, return_dtype=_PARTS)


def extract_unit(text: pl.Expr) -> pl.Expr:
    """What amounts are counted in, such as ``€`` or ``%``; null without a unit.

    Examples
    --------
    >>> cells = pl.DataFrame({"spend": ["70.00 EUR", "€5", "12%", "(33.52)"]})
    >>> cells.select(extract_unit(pl.col("spend"))).to_series().to_list()
    ['€', '€', '%', None]
    """
    return split_amounts(text).struct.field("unit")


def _split_series(text: pl.Series) -> pl.Series:
    cell = pl.col("text")
    is_possible = cell.str.contains("[0-9]") & ~cell.str.contains(_PLAIN)
    table = text.alias("text").to_frame().with_columns(pl.when(is_possible).then(cell))
    table = table.select(
        digits=cell.str.extract(f"({_DIGITS})", 1),
        frame=cell.str.replace(_DIGITS, _PLACE),
    )
    # What stands around the digits is the same in most cells: it is looked at once.
    frames = {frame: _parse_frame(frame) for frame in _list_frames(table["frame"])}
    known = {frame: parsed for frame, parsed in frames.items() if parsed is not None}
    if not known:
        return pl.Series(text.name, [None], dtype=_PARTS).new_from_index(0, len(text))
    frame = pl.col("frame")
    columns = [
        frame.replace_strict(
            {key: getattr(parsed, name) for key, parsed in known.items()},
            default=None,
            return_dtype=dtype,
        ).alias(name)
        for name, dtype in (
            *(("multiplier", pl.Float64), ("unit", pl.String)),
            *(("is_code", pl.Boolean), ("needs_decimals", pl.Boolean)),
        )
    ]
    digits = pl.col("digits")
    is_number = (
        pl.col("multiplier").is_not_null()
        & ~(pl.col("is_code") & digits.str.contains("^0[0-9]"))
        & (~pl.col("needs_decimals") | digits.str.contains("[.,]"))
    )
    parts = [pl.when(is_number).then(name).alias(name) for name in ("digits", "multiplier", "unit")]
    return table.with_columns(columns).select(pl.struct(parts)).to_series().alias(text.name)


def _list_frames(frames: pl.Series) -> list[str]:
    short = frames.filter(frames.str.len_bytes() <= _MAX_FRAME_BYTES)
    return [frame for frame in short.unique().to_list() if frame.count(_PLACE) == 1]


@dataclass(frozen=True)
class _Frame:
    """What a frame says of its digits; a code such as EUR001 is no amount, nor a grade 2-."""

    multiplier: float
    unit: str | None
    is_code: bool
    needs_decimals: bool


@lru_cache(maxsize=4096)
def _parse_frame(frame: str) -> _Frame | None:
    found = _FRAME.fullmatch(frame)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    unit = found["prefix"] or found["suffix"]
    signs = [found[name] for name in ("sign", "inner", "last", "open") if found[name]]
    if len(signs) > 1 or (found["factor"] not in (None, "k", "K") and unit is None):
        return None
    factor = _FACTORS.get(found["factor"], 1.0)
    return _Frame(
        multiplier=-factor if signs and signs[0] != "+" else factor,
        unit=None if unit is None else _SIGNS_BY_NAME.get(unit.upper(), unit),
        is_code=found["prefix"] is not None,
        needs_decimals=found["last"] is not None and unit is None,
    )
