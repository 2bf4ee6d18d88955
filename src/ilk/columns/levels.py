"""Levels of a category: one form for spellings that mean the same."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from ilk.formatting.answers import NO_WORDS, YES_WORDS

_LETTER_PAIRS = frozenset(
    {
        *(("y", "n"), ("t", "f"), ("j", "n"), ("o", "n"), ("s", "n"), ("t", "n"), ("e", "h")),
        *(("д", "н"), ("1", "0")),
    }
)
_YES = YES_WORDS | {yes for yes, _ in _LETTER_PAIRS}
_NO = NO_WORDS | {no for _, no in _LETTER_PAIRS}


def fold_levels(counts: Mapping[str, int]) -> dict[str, str]:
    """The levels that are spellings of another one, and that one.

    Spellings differ in case or spaces alone, or all levels say yes or no. Of several spellings the
    one stands for all that is written like the most frequent level, such as in small letters; then
    the most frequent one. A word goes before a letter.

    Parameters
    ----------
    counts : mapping of str to int
        How often each level occurs.

    Examples
    --------
    >>> fold_levels({"yes": 3, "Yes": 9, "Y": 20, "no": 7})
    {'Y': 'Yes', 'yes': 'Yes'}
    >>> fold_levels({"Gold": 5, "gold": 2, "Y": 1})
    {'gold': 'Gold'}
    """
    make_key = _make_answer if _are_answers(counts) else normalize_level
    groups = defaultdict(list)
    for level in sorted(counts):
        groups[make_key(level)].append(level)
    if len(groups) == len(counts):
        return {}
    # No order of the counts themselves may matter: it differs from run to run.
    case = _detect_case(max(counts, key=lambda level: (counts[level], len(level), level)))
    folded: dict[str, str] = {}
    for group in groups.values():
        words = [level for level in group if len(level) > 1] or group
        best = max(words, key=lambda level: (_detect_case(level) == case, counts[level]))
        folded |= {level: best for level in group if level != best}
    return folded


def match_levels(levels: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """New levels that are spellings of a known one, and that one.

    Examples
    --------
    >>> match_levels(["GOLD", "gold", "silver"], ["gold"])
    {'GOLD': 'gold'}
    >>> match_levels(["1", "0", "?"], ["true", "false"])
    {'1': 'true', '0': 'false'}
    """
    new = [level for level in levels if level not in known]
    if not new:
        return {}
    make_key = _make_answer if is_yes_no(known) else normalize_level
    by_key = {make_key(level): level for level in known}
    return {level: by_key[make_key(level)] for level in new if make_key(level) in by_key}


def normalize_level(level: str) -> str:
    """A level without the case of its letters, its spaces, and how its number is written.

    Examples
    --------
    >>> [normalize_level(level) for level in ("New  York", "1.50", "TRUE")]
    ['new york', '1.5', 'true']
    """
    text = " ".join(unicodedata.normalize("NFKC", level).casefold().split())
    try:
        return f"{float(text):.15g}"
    except ValueError:
        # The Turkish capital letter becomes two characters, the second a dot to be put above.
        return text.replace("i\u0307", "i")


def is_yes_no(levels: Collection[str]) -> bool:
    """Whether there are two levels, of which one says yes and the other no.

    Examples
    --------
    >>> is_yes_no(["Oui", "Non"]), is_yes_no(["0", "1"]), is_yes_no(["E", "N"])
    (True, True, False)
    """
    keys = {normalize_level(level) for level in levels}
    if len(levels) != 2 or len(keys & _YES) != 1 or len(keys & _NO) != 1:
        return False
    yes, no = *(keys & _YES), *(keys & _NO)
    return yes in YES_WORDS or no in NO_WORDS or (yes, no) in _LETTER_PAIRS


def _detect_case(level: str) -> str:
    if level.islower():
        return "lower"
    return "upper" if level.isupper() and len(level) > 1 else "title"


def _are_answers(levels: Collection[str]) -> bool:
    """Whether all levels say yes or no, in words at least once."""
    keys = {normalize_level(level) for level in levels}
    return keys <= _YES | _NO and not keys.isdisjoint(YES_WORDS | NO_WORDS)


def _make_answer(level: str) -> str:
    key = normalize_level(level)
    if key in _YES:
        return "yes"
    return "no" if key in _NO else key
