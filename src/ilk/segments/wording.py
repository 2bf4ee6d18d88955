"""How column names, reliability and borderline cases are written for people."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ilk.formatting.numbers import format_percent
from ilk.formatting.text import label_stability, split_words

if TYPE_CHECKING:
    from ilk.segments.segment import Segment


_EXPANSIONS: Mapping[str, tuple[str, ...]] = {
    short: tuple(long.split())
    for short, long in {
        "acct": "account",
        "adr": "room rate",
        "amt": "amount",
        "aov": "average order value",
        "avg": "average",
        "bal": "balance",
        "chg": "change",
        "chng": "change",
        "clv": "customer lifetime value",
        "cnt": "count",
        "ct": "count",
        "cust": "customer",
        "dept": "department",
        "delicassen": "delicatessen",
        "dt": "date",
        "edu": "education",
        "freq": "frequency",
        "hh": "household",
        "kidhome": "kids at home",
        "ltv": "lifetime value",
        "mnt": "spending on",
        "mon": "months",
        "monetary": "spending",
        "mth": "months",
        "nbr": "number of",
        "num": "number of",
        "oneoff": "one-off",
        "ord": "order",
        "pct": "percent",
        "prc": "percent",
        "prod": "product",
        "prods": "products",
        "qty": "quantity",
        "rev": "revenue",
        "teenhome": "teenagers at home",
        "tot": "total",
        "trans": "transaction",
        "trx": "transaction",
        "txn": "transaction",
        "yr": "year",
        "yrs": "years",
    }.items()
}

_SMALL_WORDS = frozenset(
    {"a", "an", "and", "at", "by", "for", "in", "of", "on", "per", "the", "to"}
)

# Words that tell how a column is measured rather than what it is; the first set is dropped only
# where the name still differs from every other column's without it.
_MEASURE_WORDS = frozenset({"flag", "group", "type"})
_SCALE_WORDS = frozenset({"score", "index", "level", "ratio"})
_SELF_EXPLAINING = frozenset({"spending", "utilization", "utilisation", "engagement", "activity"})
# A unit after the thing that it measures: "lead time days".
_TRAILING_UNIT = re.compile(r"(?<=[a-z]{3}) (?:days|weeks|months|hours|mins|secs|seconds)$")
_RATE_PLURALS = frozenset(
    {"amounts", "charges", "costs", "fees", "payments", "percentages", "prices", "rates", "ratios"}
    | {"sales", "savings", "earnings", "scores", "wages", "spends"}
)
_IRREGULAR_PLURALS = frozenset({"children", "people", "men", "women"})
_YES = frozenset({"yes", "y", "true", "t", "1", "1.0"})
_NO = frozenset({"no", "n", "false", "f", "0", "0.0"})
_FILLER_WORDS = frozenset(
    {"annual", "yearly", "monthly", "weekly", "daily", "total", "average", "mean", "overall"}
    | {"customer", "client", "k", "usd", "eur", "gbp", "the", "category", "class", "number", "no"}
)
_TIME_WINDOW = re.compile(
    r"(?: (?:in|last|past|over))* \d+ ?(?:months?|days?|weeks?|years?|d|m|y|mo)$"
)
_COUNT_PATTERN = re.compile(
    r"^(?:(?P<of>.+) (?:count|quantity)"
    r"|(?P<habit>(?:purchase|order|visit|transaction)s?) frequency)$"
)
_AMOUNT_PATTERN = re.compile(
    r"^(?P<thing>(?:.+ )?(?:income|spending|spend|revenue|sales|balance)) (?:amount|value)$"
)


_SPOKEN = {"frequency": "purchases", "detergents paper": "detergents and paper"}

MIN_TESTED_CUSTOMERS = 10
"""Customers below which nothing is said on how stable a segment is."""

BORDERLINE_MARGIN = 0.2
"""Margin below which a customer is borderline: almost as close to another segment."""

NOISE_MESSAGE = (
    "This customer fits no segment: none is close enough, or a value is missing that the segments "
    "are based on."
)
"""What is said of a customer in segment 0: noise to a density method, or with a value missing."""


def describe_margin(margin: float) -> str:
    """How clearly a customer belongs to the segment, in words.

    Parameters
    ----------
    margin : float
        0.0 on the boundary between two segments, 1.0 at the center of one.

    Examples
    --------
    >>> [describe_margin(margin) for margin in (0.8, 0.3, 0.05)]
    ['Clear match', 'Fairly clear match', 'Borderline: almost as close to another segment']
    """
    if margin >= 0.5:
        return "Clear match"
    if margin >= BORDERLINE_MARGIN:
        return "Fairly clear match"
    return "Borderline: almost as close to another segment"


def explain_margin(margin: float) -> str:
    """:func:`describe_margin` with the figure, and what the figure means.

    Examples
    --------
    >>> explain_margin(0.8)
    'Clear match (margin 0.80; 0 is the boundary to the next segment, 1 the center of its own)'
    """
    return (
        f"{describe_margin(margin)} (margin {margin:.2f}; 0 is the boundary to the next segment, "
        "1 the center of its own)"
    )


def split_column_name(name: str) -> tuple[str, ...]:
    """The words of a column's name: spelled out, in lower case, without units in brackets.

    Examples
    --------
    >>> split_column_name("Annual Income (k$)")
    ('annual', 'income')
    >>> split_column_name("Total_Trans_Ct"), split_column_name("daysSinceLastOrder")
    (('total', 'transaction', 'count'), ('days', 'since', 'last', 'order'))
    """
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}", " ", name)
    text = bare if re.search(r"\w", bare) else name
    return tuple(word for part in split_words(text) for word in _expand_word(lower_text(part)))


def make_column_labels(names: Iterable[str]) -> dict[str, str]:
    """A short readable label for every column; no two columns share one.

    Examples
    --------
    >>> list(make_column_labels(["Annual Income (k$)", "Spending Score (1-100)"]).values())
    ['income', 'spending']
    >>> list(make_column_labels(["Total_Trans_Amt", "Total_Trans_Ct"]).values())
    ['transaction amount', 'transactions']
    >>> list(make_column_labels(["sales_2023", "sales_2024", "Sales"]).values())
    ['sales 2023', 'sales 2024', 'sales']
    """
    names = list(names)
    labels = {name: _shorten_name(name) for name in names}
    for longer in (_spell_out, str):
        counts = Counter(labels.values())
        labels = {
            name: longer(name) if counts[label] > 1 else label for name, label in labels.items()
        }
    return labels


def is_plural(label: str) -> bool:
    """Whether a label names things that are counted, as in "many purchases".

    Examples
    --------
    >>> is_plural("purchases"), is_plural("kids at home"), is_plural("calls made")
    (True, True, True)
    >>> is_plural("sales"), is_plural("status")
    (False, False)
    """
    word = re.split(r" (?:(?:at|of|on|in|per|since|to) |(?:made|placed)$)", label)[0].split(" ")[-1]
    if word in _RATE_PLURALS:
        return False
    return word in _IRREGULAR_PLURALS or bool(re.search(r"[^suia]s$", word))


def read_answer(level: str) -> bool | None:
    """What the level of a yes/no column says; ``None`` if it is no such answer.

    Examples
    --------
    >>> read_answer("Yes"), read_answer("0"), read_answer("maybe")
    (True, False, None)
    """
    text = level.strip().lower()
    return True if text in _YES else False if text in _NO else None


def lower_text(text: str) -> str:
    """The text in lower case, without the stray dot that the Turkish İ would leave.

    Examples
    --------
    >>> lower_text("GELİR")
    'gelir'
    """
    return text.replace("İ", "i").lower()


def capitalize(text: str) -> str:
    """The text with its first letter in upper case and the rest untouched.

    Examples
    --------
    >>> capitalize("high income, mostly VIP")
    'High income, mostly VIP'
    """
    return text[:1].upper() + text[1:]


def clip_text(text: str, limit: int) -> str:
    """The text on one line, and cut to a number of characters.

    Examples
    --------
    >>> clip_text("a very long label", 12), clip_text("short", 12)
    ('a very long…', 'short')
    """
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def find_duplicate_texts(texts: Iterable[str]) -> list[list[int]]:
    """Positions of texts that differ only in upper and lower case, group by group.

    Examples
    --------
    >>> find_duplicate_texts(["Loyal", "New", "loyal", "Lost"])
    [[0, 2]]
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        groups[text.casefold()].append(i)
    return [group for group in groups.values() if len(group) > 1]


def _expand_word(word: str) -> tuple[str, ...]:
    return _EXPANSIONS.get(word, (word,))


def _shorten_name(name: str) -> str:
    """The label without the words that only say how the column is measured."""
    text = _spell_out(name)
    text = _TIME_WINDOW.sub("", text) or text
    text = _TRAILING_UNIT.sub("", text)
    words = [word for word in text.split(" ") if word not in _FILLER_WORDS] or text.split(" ")
    words = [word for word in words if word not in _MEASURE_WORDS] or words
    # "Low credit" would be no credit score: the word stays unless the rest explains itself.
    bare = [word for word in words if word not in _SCALE_WORDS]
    words = bare if bare and bare[-1] in _SELF_EXPLAINING else words
    return _smooth_phrase(" ".join(_trim_small_words(words) or words))


def _spell_out(name: str) -> str:
    return " ".join(split_column_name(name)) or name


def _smooth_phrase(text: str) -> str:
    """Counts as plurals, and no "amount" where it adds nothing."""
    if counted := _COUNT_PATTERN.match(text):
        return _pluralize(counted["of"] or counted["habit"])
    if text in _SPOKEN:
        return _SPOKEN[text]
    if amount := _AMOUNT_PATTERN.match(text):
        return amount["thing"]
    return text


def _pluralize(text: str) -> str:
    if text.endswith("s"):
        return text
    return f"{text[:-1]}ies" if re.search(r"[^aeiou]y$", text) else f"{text}s"


def _trim_small_words(words: list[str]) -> list[str]:
    """Without small words at either end."""
    start, end = 0, len(words)
    while start < end and words[start] in _SMALL_WORDS:
        start += 1
    while end > start and words[end - 1] in _SMALL_WORDS:
        end -= 1
    return words[start:end]


def describe_confidence(segment: Segment) -> list[str]:
    """How stable the segment is, and how many of its customers are borderline; what is known.

    Examples
    --------
    >>> from ilk.segments.segment import Figures, Segment
    >>> figures = Figures(70, 0.5, (), ())
    >>> gold = Segment(1, "Gold", "Call.", figures, (), 0.97, borderline_share=0.13)
    >>> for sentence in describe_confidence(gold):
    ...     print(sentence)
    Very stable: 97% overlap in repeat tests.
    13% are borderline.
    """
    sentences = []
    # The overlap of a few customers with a few others is no evidence.
    if segment.stability is not None and segment.figures.customers >= MIN_TESTED_CUSTOMERS:
        label = capitalize(label_stability(segment.stability))
        overlap = format_percent(segment.stability)
        sentences.append(f"{label}: {overlap} overlap in repeat tests.")
    if segment.borderline_share is not None:
        share = segment.borderline_share
        borderline = (
            f"{format_percent(share)} are borderline" if share else "No borderline customers"
        )
        sentences.append(f"{borderline}.")
    return sentences
