"""How numbers are written for people."""

from __future__ import annotations

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


def format_percent(share: float) -> str:
    """A share as a percentage, without pretending that a little is nothing or that most is all.

    Examples
    --------
    >>> [format_percent(x) for x in (0.4312, 0.0, 0.004, 0.996, 1.0)]
    ['43%', '0%', '0.4%', '99.6%', '100%']
    >>> format_percent(0.0001), format_percent(0.9999)
    ('<0.1%', '>99.9%')
    """
    percent = 100 * share
    if 0 < percent < 0.05:
        return "<0.1%"
    if 99.95 <= percent < 100 - 1e-9:  # a sum of shares may miss 1 by a rounding error
        return ">99.9%"
    near_an_end = 0 < abs(percent) < 1 or 99 < percent < 100
    return f"{_format_trimmed(percent, 1 if near_an_end else 0)}%"


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
    >>> format_fixed(0.5546, 2), format_fixed(0.1, 2, "+"), format_fixed(None, 2)
    ('0.55', '+0.10', '–')
    """
    return NO_VALUE if value is None else f"{value:{sign}z,.{decimals}f}"


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


def _format_trimmed(value: float, decimals: int) -> str:
    """Fixed notation with thousands separators, without trailing zeros or a negative zero."""
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
