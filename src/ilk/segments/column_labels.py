"""Names of columns as people say them: their words, and a short label for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from ilk.formatting.text import split_words
from ilk.segments.wording import lower_text

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


def split_column_name(name: str) -> tuple[str, ...]:
    """The words of a column's name: spelled out, in lower case, without units in brackets.

    Examples
    --------
    >>> split_column_name("Annual Income (k$)")
    ('annual', 'income')
    >>> split_column_name("Total_Trans_Ct"), split_column_name("daysSinceLastOrder")
    (('total', 'transaction', 'count'), ('days', 'since', 'last', 'order'))
    """
    return tuple(
        word
        for part in split_words(_drop_brackets(name))
        for word in _expand_word(lower_text(part))
    )


def make_column_labels(names: Iterable[str], foreign: Collection[str] = ()) -> dict[str, str]:
    """A short readable label for every column; no two columns share one.

    Names that are ``foreign``, in a language other than English, keep their capitals.

    Examples
    --------
    >>> list(make_column_labels(["Annual Income (k$)", "Spending Score (1-100)"]).values())
    ['income', 'spending']
    >>> list(make_column_labels(["Total_Trans_Amt", "Total_Trans_Ct"]).values())
    ['transaction amount', 'transactions']
    >>> list(make_column_labels(["sales_2023", "sales_2024", "Sales"]).values())
    ['sales 2023', 'sales 2024', 'sales']
    >>> list(make_column_labels(["Total spent (EUR)", "Detergents_Paper"]).values())
    ['spending', 'detergents and paper']
    >>> list(make_column_labels(["Umsatz pro Kauf (€)"], {"Umsatz pro Kauf (€)"}).values())
    ['Umsatz pro Kauf']
    """
    names = list(names)
    labels = {
        name: _keep_spelling(name) if name in foreign else _shorten_name(name) for name in names
    }
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


def _expand_word(word: str) -> tuple[str, ...]:
    return _EXPANSIONS.get(word, (word,))


def _drop_brackets(name: str) -> str:
    """The name without what stands in brackets, unless that is all."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}", " ", name)
    return bare if re.search(r"\w", bare) else name


def _keep_spelling(name: str) -> str:
    """The words of a name as they are written; one all in capitals in lower case."""
    text = " ".join(split_words(_drop_brackets(name))) or name
    return lower_text(text) if text.isupper() else text


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
    if text.rsplit(" ", maxsplit=1)[-1] == "spent":
        return "spending"
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
