"""Stand-ins for a missing value in columns of numbers, such as 999, -1 or "not stated"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_MIN_OTHER_VALUES = 10
_MIN_REPEATS = 2
_MAX_PLAUSIBLE = 900
_MAX_TEXTS = 3
_NINES = re.compile(r"-?9{2,}")
_USUAL = frozenset({2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 2**32 - 1, 2**16 - 1, -1, -9, -8, -7})


@dataclass(frozen=True)
class StandIns:
    """Values that stand for a missing one, with the number of their cells.

    ``numbers`` and ``texts`` count as missing; of ``doubtful`` ones only their user can tell.
    """

    numbers: dict[float, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    doubtful: dict[float, int] = field(default_factory=dict)

    @property
    def values(self) -> tuple[str, ...]:
        """All that count as missing, as text."""
        return (*(f"{number:.17g}" for number in self.numbers), *self.texts)

    @property
    def n_cells(self) -> int:
        """Cells that count as missing."""
        return sum(self.numbers.values()) + sum(self.texts.values())


def find_stand_ins(values: NDArray[np.float64], texts: Mapping[str, int]) -> StandIns:
    """Find what stands for a missing value in a column of numbers.

    A number does if it is a usual one for that, occurs more than once, and is farther from all
    others than these are from each other; or if it is the only negative one. A text does if it
    repeats and has no digits, and there are few of them beside numbers.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The numbers of the column; NaN where a cell has none.
    texts : mapping of str to int
        How often every text occurs that is neither a number nor a spelling of a missing value.

    Examples
    --------
    >>> ages = np.array([*range(20, 70), 999, 999], dtype=float)
    >>> find_stand_ins(ages, {}).numbers
    {999.0: 2}
    >>> find_stand_ins(np.arange(50.0), {"not stated": 4}).texts
    {'not stated': 4}
    """
    known = values[~np.isnan(values)]
    numbers: dict[float, int] = {}
    doubtful: dict[float, int] = {}
    for _ in range(_MAX_TEXTS):
        candidate = _find_extreme(known)
        if candidate is None:
            break
        count = int(np.count_nonzero(known == candidate))
        is_clear = is_usual_stand_in(candidate) and count >= _count_needed(candidate, known)
        (numbers if is_clear else doubtful)[candidate] = count
        known = known[known != candidate]
    return StandIns(numbers, _find_texts(texts, len(known)), _keep_repeated(doubtful))


def _find_extreme(known: NDArray[np.float64]) -> float | None:
    """The smallest or largest value, if it is far away or the only negative one."""
    distinct = np.unique(known)
    if len(distinct) < _MIN_OTHER_VALUES + 1 and not _is_lone_negative(distinct):
        return None
    if _is_lone_negative(distinct):
        return float(distinct[0])
    if distinct[-1] - distinct[-2] > distinct[-2] - distinct[0]:
        return float(distinct[-1])
    if distinct[1] - distinct[0] > distinct[-1] - distinct[1]:
        return float(distinct[0])
    return None


def _is_lone_negative(distinct: NDArray[np.float64]) -> bool:
    """Whether a usual stand-in is the only negative number among several others."""
    return len(distinct) > 3 and is_usual_stand_in(distinct[0]) and distinct[0] < 0 <= distinct[1]


def _count_needed(candidate: float, known: NDArray[np.float64]) -> float:
    """How often a number has to occur; more often where it may well be a real value."""
    if abs(candidate) > _MAX_PLAUSIBLE:
        return _MIN_REPEATS
    is_scale = len(np.unique(known)) < _MIN_OTHER_VALUES
    if is_scale:
        return math.inf
    return _MIN_REPEATS if candidate < 0 else max(3, 0.01 * len(known))


def is_usual_stand_in(value: float) -> bool:
    """Whether a number often stands for a missing value, whatever the other numbers are.

    Examples
    --------
    >>> [is_usual_stand_in(value) for value in (999.0, -1.0, 90.0)]
    [True, True, False]
    """
    return value in _USUAL or (value.is_integer() and _NINES.fullmatch(f"{value:.0f}") is not None)


def _keep_repeated(counts: Mapping[float, int]) -> dict[float, int]:
    """Of doubtful values those that are usual, or repeat often: others are mere outliers."""
    return {
        value: count
        for value, count in counts.items()
        if value != 0 and (is_usual_stand_in(value) or count > _MIN_REPEATS)
    }


def _find_texts(texts: Mapping[str, int], n_numbers: int) -> dict[str, int]:
    is_clear = (
        0 < len(texts) <= _MAX_TEXTS
        and sum(texts.values()) <= n_numbers
        and all(
            count >= _MIN_REPEATS and not any(sign.isdigit() for sign in text)
            for text, count in texts.items()
        )
    )
    return dict(texts) if is_clear else {}
