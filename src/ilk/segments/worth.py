"""What a segment is worth and what became of its customers, against everyone, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ilk.formatting.numbers import format_fixed, format_number, format_percent

_TIMES_RATIO = 1.5  # from here on "1.9 times" reads better than "90% above"
_CURRENCY_SIGNS = frozenset("$€£¥₺₹")

Position = Literal["above", "below", "unclear"]
"""A rate against everyone's; ``unclear`` where its interval holds everyone's."""


@dataclass(frozen=True)
class ValueFigures:
    """One column of value within one segment.

    ``share`` is the segment's part of everyone's total, ``None`` where a total is not positive.
    ``mean`` and ``overall`` are per customer whose value is known, in the segment and of everyone;
    ``unknown`` counts the segment's customers without a value.
    """

    column: str
    label: str
    unit: str
    total: float
    share: float | None
    mean: float
    overall: float
    unknown: int = 0

    @property
    def ratio(self) -> float | None:
        """The mean over everyone's; ``None`` where one of them is not positive."""
        return self.mean / self.overall if min(self.mean, self.overall) > 0 else None

    @property
    def text(self) -> str:
        """The share of the value and the value per head, in a sentence.

        Examples
        --------
        >>> ValueFigures("rev", "revenue", "$", 31920.0, 0.38, 106.4, 56.0).text
        'Holds 38% of revenue: $106 per head, 1.9 times the overall $56.'
        """
        mean, overall = format_compared(self.mean, self.overall, self.unit)
        own = f"{mean} per head{' of those known' if self.unknown else ''}"
        same = format_number(self.mean) == format_number(self.overall)
        compared = _compare(self.ratio, overall, same=same)
        if self.share is None:
            return f"{self.label[:1].upper()}{self.label[1:]}: {own}, {compared}."
        return f"Holds {format_percent(self.share)} of {self.label}: {own}, {compared}."


@dataclass(frozen=True)
class OutcomeFigures:
    """How many of one segment's customers came to an outcome, such as leaving.

    ``count`` of the ``known`` customers whose outcome is known; ``low`` and ``high`` are the 95%
    Wilson interval of their share, and ``overall`` is everyone's share.
    """

    column: str
    label: str
    is_bad: bool
    count: int
    known: int
    overall: float
    low: float
    high: float
    unknown: int = 0

    @property
    def rate(self) -> float:
        """The share of the customers whose outcome is known."""
        return self.count / self.known if self.known else 0.0

    @property
    def position(self) -> Position:
        """Whether the rate is above or below everyone's beyond chance."""
        if self.low > self.overall:
            return "above"
        return "below" if self.high < self.overall else "unclear"

    @property
    def text(self) -> str:
        """The rate with its count, against everyone's, in a sentence.

        Examples
        --------
        >>> OutcomeFigures("Churn", "churn", True, 745, 1620, 0.27, 0.436, 0.484).text
        'Churn: 46% (745 of 1,620), 1.7 times the overall 27%.'
        >>> OutcomeFigures("Churn", "churn", True, 5, 18, 0.27, 0.125, 0.509).text
        'Churn: 28% (5 of 18), no clear difference from the overall 27%.'
        """
        name = f"{self.label[:1].upper()}{self.label[1:]}"
        if not self.known:
            return f"{name}: unknown."
        rate, overall = self._format_rates()
        known = " known" if self.unknown else ""
        return f"{name}: {rate} ({self.count:,} of {self.known:,}{known}), {self._place(overall)}."

    def _format_rates(self) -> tuple[str, str]:
        """Both rates, with a decimal where they would look the same."""
        for decimals in (0, 1):
            rate, overall = (format_percent(x, decimals) for x in (self.rate, self.overall))
            if rate != overall:
                break
        return rate, overall

    def _place(self, overall: str) -> str:
        if self.position == "unclear":
            return f"no clear difference from the overall {overall}"
        if self.overall and self.rate / self.overall >= _TIMES_RATIO:
            return f"{format_fixed(self.rate / self.overall, 1)} times the overall {overall}"
        return f"{self.position} the overall {overall}"


def format_amount(value: float, unit: str) -> str:
    """A number with its unit, written where a reader expects it.

    Examples
    --------
    >>> format_amount(1204.5, "$"), format_amount(12.5, "%"), format_amount(31.0, "days")
    ('$1,205', '12.5%', '31 days')
    >>> format_amount(-57.3, "k$")
    '-$57.3k'
    """
    number = format_number(value)
    sign = unit.removeprefix("k")
    if sign in _CURRENCY_SIGNS:
        thousands = unit.removesuffix(sign)
        return f"{'-' if value < 0 else ''}{sign}{number.removeprefix('-')}{thousands}"
    return f"{number}{unit if unit in ('', '%') else f' {unit}'}"


def format_compared(value: float, overall: float, unit: str) -> tuple[str, str]:
    """Two amounts of one sentence; a unit that is a word is said once.

    Examples
    --------
    >>> format_compared(132.0, 79.3, "days"), format_compared(106.0, 56.0, "$")
    (('132 days', '79.3'), ('$106', '$56'))
    """
    is_word = format_amount(0.0, unit) == f"0 {unit}"
    return format_amount(value, unit), format_amount(overall, "" if is_word else unit)


def _compare(ratio: float | None, overall: str, *, same: bool) -> str:
    """A mean against everyone's in words; ``overall`` as it is written."""
    if same:
        return "the same as overall"
    if ratio is None:
        return f"against {overall} overall"
    if ratio >= _TIMES_RATIO:
        return f"{format_fixed(ratio, 1)} times the overall {overall}"
    direction = "above" if ratio > 1 else "below"
    return f"{format_percent(abs(ratio - 1))} {direction} the overall {overall}"
