"""How a segment stands in a concept, as names and rules speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Condition = Literal["very low", "low", "average", "high", "very high", "often", "mostly"]
"""What a rule can require of a concept. ``high`` includes ``very high``, ``low`` includes
``very low``. For a category: ``mostly`` when one level dominates, ``often`` when one is much more
common than overall."""

WEAKER_CONDITIONS: Mapping[Condition, Condition] = {
    "very low": "low",
    "very high": "high",
    "mostly": "often",
}
"""The condition that holds wherever a stricter one does."""
