"""Words of column names as they are compared with those of a playbook."""

from __future__ import annotations

import re
from collections.abc import Iterable


def singularize(words: Iterable[str]) -> tuple[str, ...]:
    """Words with their plural endings cut, so that "purchase" finds "purchases"."""
    return tuple(re.sub(r"(?<=[^s\W]{2})s$", "", word) for word in words)


def list_word_runs(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Every run of adjacent words."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]
