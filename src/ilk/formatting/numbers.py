"""How numbers are written for people, on every surface: a half is rounded up, as by hand."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

NO_VALUE = "–"
"""Stands in a table where there is no figure."""


def format_number(value: float) -> str:
    """A number with as many digits as a reader needs: at least three significant ones.

    Examples
    --------
    >>> [format_number(x) for x in (86.53846, 44154.6, 1234567.8, 60.0, 0.04217, -3.14159)]
    ['86.5', '44,155', '1,234,568', '60', '0.0422', '-3.14']
    >>> format_number(2.5e9), format_number(0.0000031)
    ('2.5 billion', '3.1e-06')
    """
    size = abs(value)
    if 0 < size < 1e-4 or size >= 1e15:
        return f"{value:.3g}"
    if size >= 1e9:
        return f"{_format_trimmed(value / 1e9, 2)} billion"
    return _format_trimmed(value, _count_decimals(size))


def format_percent(share: float, decimals: int = 0) -> str:
    """A share as a percentage, without pretending that a little is nothing or that most is all.

    Parameters
    ----------
    share : float
    decimals : int
        At most; one at least next to 0% and 100%.

    Examples
    --------
    >>> [format_percent(x) for x in (0.4312, 0.125, 0.0, 0.004, 0.996, 1.0)]
    ['43%', '13%', '0%', '0.4%', '99.6%', '100%']
    >>> format_percent(0.0001), format_percent(0.9999)
    ('<0.1%', '>99.9%')
    >>> format_percent(0.0318, 1), format_percent(0.02, 1)
    ('3.2%', '2%')
    """
    percent = 100 * share
    if 0 < percent < 0.05:
        return "<0.1%"
    if 99.95 <= percent < 100 - 1e-9:  # a sum of shares may miss 1 by a rounding error
        return ">99.9%"
    near_an_end = 0 < abs(percent) < 1 or 99 < percent < 100
    # 0.285 is 28.5%, although 100 * 0.285 is a little less.
    exact = Decimal(repr(float(share))).scaleb(2)
    return f"{_format_trimmed(exact, max(decimals, 1) if near_an_end else decimals)}%"


def format_fixed(value: float | None, decimals: int, sign: str = "") -> str:
    """A figure of a table, with the same number of decimals in every row.

    Parameters
    ----------
    value : float or None
        ``None`` gives :data:`NO_VALUE`.
    decimals : int
    sign : str
        ``"+"`` also marks figures above zero.

    Examples
    --------
    >>> format_fixed(0.5546, 2), format_fixed(0.125, 2, "+"), format_fixed(None, 2)
    ('0.55', '+0.13', '–')
    """
    return NO_VALUE if value is None else f"{_round(value, decimals):{sign}z,.{decimals}f}"


def format_count(number: int, noun: str) -> str:
    """A number and its noun.

    Examples
    --------
    >>> format_count(1, "customer"), format_count(10127, "customer")
    ('1 customer', '10,127 customers')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _count_decimals(size: float) -> int:
    """Decimals that leave three significant digits; none from 100 up."""
    bounds = (100, 10, 1, 0.1, 0.01, 0.001)
    return next((i for i, bound in enumerate(bounds) if size >= bound), len(bounds))


def _round(value: float | Decimal, decimals: int) -> float | Decimal:
    """The nearest number with so many decimals; of a half, the one further from zero.

    Formatting alone takes the nearest even digit: 12.5 would be 12, and 13.5 would be 14.
    """
    if not math.isfinite(value) or abs(float(value)) >= 1e15:  # no such number ends in a half
        return value
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _format_trimmed(value: float | Decimal, decimals: int) -> str:
    """Fixed notation with thousands separators, without trailing zeros or a negative zero."""
    text = f"{_round(value, decimals):,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
