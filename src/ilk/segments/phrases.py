"""Phrases for customers, and how they are joined to a name."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ilk.formatting.text import join_words
from ilk.segments.column_labels import is_plural

PhraseKind = Literal["adjective", "noun", "with"]


@dataclass(frozen=True)
class Phrase:
    """Words of a name: an adjective, a noun for the customers, or what stands after "with".

    ``bare`` is the same as a noun phrase, such as "high income" for "high-income". ``qualifier`` is
    "mostly" or "often" where the words do not hold for nearly all.
    """

    kind: PhraseKind
    text: str
    bare: str = ""
    qualifier: str = ""


_PREPOSITIONS = frozenset(
    {"with", "without", "from", "in", "on", "at", "by", "for", "of", "who", "paying", "under"}
)


def make_phrase(text: str) -> Phrase:
    """Words as they stand in a playbook: what they are follows from their first and last word.

    Examples
    --------
    >>> make_phrase("frequent").kind, make_phrase("high spenders").kind
    ('adjective', 'noun')
    >>> make_phrase("with large orders")
    Phrase(kind='with', text='with large orders', bare='large orders', qualifier='')
    """
    words = text.split(" ")
    if words[0] in _PREPOSITIONS:
        return Phrase("with", text, text.removeprefix("with ") if words[0] == "with" else "")
    return Phrase("noun" if is_plural(text) else "adjective", text)


def join_phrases(phrases: Sequence[Phrase]) -> str:
    """A name of some phrases: adjectives, then the noun, then what they have.

    Examples
    --------
    >>> high_income = Phrase("adjective", "high-income", "high income")
    >>> join_phrases([high_income, Phrase("noun", "low spenders")])
    'high-income low spenders'
    >>> join_phrases([high_income, Phrase("with", "few contacts", "few contacts")])
    'high income, few contacts'
    >>> join_phrases([Phrase("noun", f"buyers of {thing}") for thing in ("milk", "wine")])
    'buyers of milk and wine'
    >>> join_phrases([Phrase("adjective", "older"), Phrase("with", "with the app", "with the app")])
    'older customers with the app'
    """
    phrases = _merge_nouns(phrases)
    if sum(phrase.kind == "noun" for phrase in phrases) > 1:
        phrases = [_free_noun(phrase) for phrase in phrases]
    nouns = [phrase for phrase in phrases if phrase.kind == "noun"]
    adjectives = [phrase for phrase in phrases if phrase.kind == "adjective"]
    attributes = [phrase for phrase in phrases if phrase.kind == "with"]
    if len(phrases) > 1 and attributes and not nouns and all(phrase.bare for phrase in phrases):
        return _list_qualified(phrases)
    parts = [_join_adjectives([phrase.text for phrase in adjectives])] if adjectives else []
    parts.append(nouns[0].text if nouns else "customers")
    head = [phrase for phrase in phrases if phrase.kind != "with"]
    own = _find_qualifier(attributes) if attributes and not _find_qualifier(head) and head else ""
    text = " ".join(parts) + "".join(
        f", {own} {attribute}" if own else f" {attribute}"
        for attribute in _join_attributes([phrase.text for phrase in attributes])
    )
    text += "".join(f", {phrase.text}" for phrase in nouns[1:])
    return text if own else _qualify(phrases, text)


def _list_qualified(phrases: Sequence[Phrase]) -> str:
    """Such as "high income, mostly without phone"; what holds for all is said once."""
    if len({phrase.qualifier for phrase in phrases}) == 1:
        return _qualify(phrases, ", ".join(phrase.bare for phrase in phrases))
    ordered = sorted(phrases, key=lambda phrase: bool(phrase.qualifier))
    return ", ".join(_qualify([phrase], phrase.bare) for phrase in ordered)


def _merge_nouns(phrases: Sequence[Phrase]) -> Sequence[Phrase]:
    """One noun instead of several that differ in the middle: "heavy buyers of milk and grocery"."""
    nouns = [phrase for phrase in phrases if phrase.kind == "noun"]
    words = [noun.text.split(" ") for noun in nouns]
    start = _count_common(words)
    end = _count_common([own[::-1] for own in words])
    framed = start and (end or words[0][start - 1] == "of")
    if len(nouns) < 2 or not framed or min(map(len, words)) <= start + end:
        return phrases
    things = join_things(" ".join(own[start : len(own) - end]) for own in words)
    text = " ".join((*words[0][:start], things, *words[0][len(words[0]) - end :]))
    return [replace(nouns[0], text=text), *(phrase for phrase in phrases if phrase not in nouns)]


def _count_common(texts: Sequence[Sequence[str]]) -> int:
    """How many words all texts begin with."""
    columns = zip(*texts, strict=False)
    return len(list(itertools.takewhile(lambda words: len(set(words)) == 1, columns)))


def join_things(things: Iterable[str]) -> str:
    """Things as one list, even where some are two already.

    Examples
    --------
    >>> join_things(["grocery", "detergents and paper"])
    'grocery, detergents and paper'
    """
    return join_words([part for thing in things for part in thing.split(" and ")])


def _free_noun(phrase: Phrase) -> Phrase:
    """Customers of a level as an adjective, which stands before a better noun."""
    if phrase.kind != "noun" or not phrase.text.endswith(" customers"):
        return phrase
    return replace(phrase, kind="adjective", text=phrase.text.removesuffix(" customers"))


def _join_adjectives(texts: Sequence[str]) -> str:
    return (", " if any(" " in text for text in texts) else " ").join(texts)


def _join_attributes(texts: Sequence[str]) -> list[str]:
    """The attributes as one, with "with" before the first if it has no preposition."""
    if not texts:
        return []
    first = texts[0].split(" ")[0] in _PREPOSITIONS
    return [" and ".join([texts[0] if first else f"with {texts[0]}", *texts[1:]])]


def _qualify(phrases: Sequence[Phrase], text: str) -> str:
    """With "often" or "mostly" once, for the weakest of the phrases."""
    word = _find_qualifier(phrases)
    return f"{word} {text}" if word else text


def _find_qualifier(phrases: Sequence[Phrase]) -> str:
    qualifiers = {phrase.qualifier for phrase in phrases}
    return next((word for word in ("often", "mostly") if word in qualifiers), "")
