"""Bands such as ``18-24``, ``$40K - $60K`` or ``3+``: categories whose levels have an order."""

from __future__ import annotations

import re
from collections.abc import Collection

from ilk.tables.amounts import strip_amounts
from ilk.tables.number_format import find_thousands_separator

_MIN_LEVELS = 3
_BELOW = r"(?:<=?|≤|less than|under|up to|below|bis|unter|moins de|menos de|hasta|até|fino a)"
_ABOVE = r"(?:>=?|≥|more than|over|above|from|ab|über|plus de|más de|mais de|oltre)"
_MORE = r"(?:\+|and (?:more|over|above|older)|or (?:more|over|above|older)|und mehr|et plus|y más)"
_BOUND = r"[^\s\-–—+<>≤≥]*[0-9][^\-–—+<>≤≥]*?"
_BAND = re.compile(
    rf"(?P<below>{_BELOW}\s*)?(?P<above>{_ABOVE}\s*)?(?P<low>{_BOUND})"
    rf"(?:\s*(?:-|–|—|\bto\b|\bbis\b|\ba\b|\bà\b)\s*(?P<high>{_BOUND}))?\s*(?P<more>{_MORE})?",
    re.IGNORECASE,
)


def order_bands(levels: Collection[str]) -> tuple[str, ...]:
    """The levels of a category in their order, if they are bands; empty if they are not.

    Examples
    --------
    >>> order_bands(["25-34", "65+", "18-24", "< 18"])
    ('< 18', '18-24', '25-34', '65+')
    >>> order_bands(["0", "1", "2"]), order_bands(["north", "south", "3+"])
    ((), ())
    """
    bounds = {level: _find_bound(level) for level in levels}
    known = {level: bound for level, bound in bounds.items() if bound is not None}
    if len(known) < max(_MIN_LEVELS, len(bounds)) or not any(map(_is_open, known)):
        return ()
    return tuple(sorted(known, key=lambda level: (known[level], level)))


def _is_open(level: str) -> bool:
    """Whether a level is more than a plain number."""
    found = _BAND.fullmatch(level.strip())
    return found is not None and any(found[part] for part in ("below", "above", "high", "more"))


def _find_bound(level: str) -> tuple[float, int] | None:
    """The lower bound of a band, and whether it is below, at or above it."""
    found = _BAND.fullmatch(level.strip())
    if found is None:
        return None
    low = _read_bound(found["low"])
    high = low if found["high"] is None else _read_bound(found["high"])
    if low is None or high is None or high < low:
        return None
    return low, -1 if found["below"] else int(bool(found["above"] or found["more"]))


def _read_bound(text: str) -> float | None:
    thousand = 1000.0 if re.search(r"[0-9]\s*[kK]\b", text) else 1.0
    digits = strip_amounts([text.replace(" years", "").replace(" Jahre", "")])[0]
    separator = find_thousands_separator(digits, ".")
    if separator is None:
        return None
    plain = digits.replace(separator, "") if separator else digits
    return float(plain) * thousand
