"""The words in a column's name, and its levels, that show what the column holds.

Names are split into lower-case words without accents ("CustomerID", "customer_id" and "Customer Id"
are all ``customer id``). The words stand in ``vocabulary.toml``, by concept and language; a column
named otherwise is judged by its values alone, and every decision can be overridden.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from ilk.formatting.text import split_words

_FILE = resources.files("ilk.vocabulary") / "vocabulary.toml"  # Spark takes packages in a zip
_UNACCENTED = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_MIN_TELLING = 3  # letters from which a word tells a language
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True)
class _Concept:
    """The words of one concept in all languages, without accents.

    ``words`` holds single words and phrases; ``names`` whole names; ``affixes`` matches single
    words by their beginning or end.
    """

    words: frozenset[str]
    names: frozenset[str]
    affixes: re.Pattern[str]

    @classmethod
    def of(cls, entries: Iterable[str]) -> _Concept:
        folded = {spelling for entry in entries for spelling in _list_spellings(entry)}
        names = {entry[1:] for entry in folded if entry.startswith("=")}
        starred = {entry for entry in folded if "*" in entry}
        patterns = (re.escape(entry).replace(r"\*", r"\w*") for entry in sorted(starred))
        words = {entry for entry in folded - starred if not entry.startswith("=")}
        return cls(
            words=frozenset(words | {phrase.replace(" ", "") for phrase in words}),
            names=frozenset(names | {name.replace(" ", "") for name in names}),
            affixes=re.compile("|".join(patterns) or r"(?!)"),
        )

    def fits_word(self, word: str) -> bool:
        """Whether a word, or words next to each other, belong to the concept."""
        return word in self.words or (" " not in word and bool(self.affixes.fullmatch(word)))

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether a name of these words belongs to the concept."""
        return " ".join(words) in self.names or any(map(self.fits_word, _list_phrases(words)))


def _list_spellings(entry: str) -> set[str]:
    """An entry without accents; with umlauts written in either way."""
    return {fold_text(entry), fold_text(entry.casefold().translate(_UMLAUTS))}


def _list_phrases(words: tuple[str, ...]) -> list[str]:
    """All words of a name, and all that stand next to each other, up to five."""
    ends = range(1, len(words) + 1)
    return [" ".join(words[start:end]) for end in ends for start in range(max(0, end - 5), end)]


def fold_text(text: str) -> str:
    """Text in lower case, without accents.

    Examples
    --------
    >>> fold_text("Résilié")
    'resilie'
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNACCENTED))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def _read_concepts() -> dict[str, _Concept]:
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: _Concept.of(entry for entries in languages.values() for entry in entries)
        for name, languages in tables.items()
    }


@cache
def _read_languages() -> tuple[_Concept, _Concept]:
    """All English words, and all words of other languages."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8")).values()
    entries = [(language == "en", words) for table in tables for language, words in table.items()]
    english, others = (
        _Concept.of(word for is_own, words in entries if is_own is own for word in words)
        for own in (True, False)
    )
    return english, others


def is_english_name(name: str) -> bool | None:
    """Whether a name has an English word or one of another language; ``None`` where it has neither.

    Examples
    --------
    >>> is_english_name("Order count"), is_english_name("Letzter Aufenthalt"), is_english_name("X")
    (True, False, None)
    """
    english, others = _read_languages()
    phrases = [text for text in _list_phrases(split_name(name)) if len(text) >= _MIN_TELLING]
    if any(map(english.fits_word, phrases)):
        return True
    return False if any(map(others.fits_word, phrases)) or not name.isascii() else None


def _get_words(concept: str) -> str:
    """The words of a concept as the alternatives of a pattern, written without spaces."""
    words = (word.replace(" ", "") for word in _read_concepts()[concept].words)
    return "|".join(map(re.escape, sorted(words)))


@lru_cache(maxsize=10_000)
def split_name(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without accents.

    Examples
    --------
    >>> split_name("NúmeroCliente (2)")
    ('numero', 'cliente', '2')
    """
    words = split_words(unicodedata.normalize("NFC", name), split_digits=True)
    return tuple(map(fold_text, words))


def join_name_words(name: str) -> str:
    """A column name as one lower-case word.

    Examples
    --------
    >>> join_name_words("client number")
    'clientnumber'
    """
    return "".join(split_name(name))


@cache
def _build_customer_id_pattern() -> re.Pattern[str]:
    person, before = _get_words("person"), _get_words("number_before")
    return re.compile(rf"id|uuid|guid|({person})({_get_words('number')})|({before})({person})")


@cache
def _build_id_pattern() -> re.Pattern[str]:
    person, holder, number = map(_get_words, ("person", "holder", "number"))
    return re.compile(
        rf"unnamed\d*|{_get_words('id')}|{person}|{holder}"
        rf"|({holder}|{_get_words('thing')})({number})|({_get_words('number_before')})({holder})"
    )


def is_customer_id_name(name: str) -> bool:
    """Whether the name is that of a customer ID.

    Examples
    --------
    >>> [is_customer_id_name(name) for name in ("CLIENTNUM", "Kundennummer", "Número de cliente")]
    [True, True, True]
    """
    return _build_customer_id_pattern().fullmatch(join_name_words(name)) is not None


def is_contact_name(name: str) -> bool:
    """Whether the name is that of names or addresses, which two customers may share.

    Examples
    --------
    >>> is_contact_name("Last name"), is_contact_name("Customer number")
    (True, False)
    """
    words = _read_concepts()["contact"].words
    return " ".join(split_name(name)) in words or join_name_words(name) in words


def is_id_name(name: str) -> bool:
    """Whether the name is that of an ID, of customers or of something else.

    Examples
    --------
    >>> [name for name in ("CLIENTNUM", "Account No", "email", "Age") if is_id_name(name)]
    ['CLIENTNUM', 'Account No', 'email']
    """
    return (
        is_customer_id_name(name)
        or is_contact_name(name)
        or _build_id_pattern().fullmatch(join_name_words(name)) is not None
    )


def is_label_name(name: str) -> bool:
    """Whether the name is that of labels, even if these are numbers.

    Examples
    --------
    >>> is_label_name("store_id"), is_label_name("Zip code"), is_label_name("Zip code count")
    (True, True, False)
    """
    words, concept = split_name(name), _read_concepts()["label"]
    return any(concept.fits_word(" ".join(words[-length:])) for length in (1, 2) if words)


def is_sensitive_name(name: str) -> bool:
    """Whether the name is that of a sensitive trait.

    Examples
    --------
    >>> [name for name in ("Gender", "Marital status", "Anrede", "Age") if is_sensitive_name(name)]
    ['Gender', 'Marital status', 'Anrede']
    """
    return has_word(name, "sensitive")


def is_code_name(name: str) -> bool:
    """Whether the name is that of codes: the last word of either list decides.

    Examples
    --------
    >>> is_code_name("Age group"), is_code_name("Store visits"), is_code_name("Settlement size")
    (True, False, True)
    """
    concepts = _read_concepts()
    known = [
        concepts["code"].fits_word(word)
        for word in split_name(name)
        if concepts["code"].fits_word(word) or concepts["count"].fits_word(word)
    ]
    return bool(known) and known[-1]


def is_count_name(name: str) -> bool:
    """Whether the name is that of counts or measurements.

    Examples
    --------
    >>> is_count_name("Dependent_count"), is_count_name("Region")
    (True, False)
    """
    return not is_code_name(name) and has_word(name, "count")


@lru_cache(maxsize=10_000)
def has_word(name: str, concept: str) -> bool:
    """Whether a name has a word of a concept.

    Parameters
    ----------
    name : str
        A column's name, or a level.
    concept : str
        The name of a table of ``vocabulary.toml``.

    Examples
    --------
    >>> has_word("Annual Income (k$)", "money"), has_word("Jahresumsatz", "money")
    (True, True)
    """
    return _read_concepts()[concept].fits(split_name(name))


def has_inner_word(name: str, concept: str) -> bool:
    """Whether a name has a word of a concept, whole names aside.

    Examples
    --------
    >>> has_word("Left", "outcome_bad"), has_inner_word("Left", "outcome_bad")
    (True, False)
    """
    return any(map(_read_concepts()[concept].fits_word, _list_phrases(split_name(name))))


def is_word(text: str, concept: str) -> bool:
    """Whether all of a text is one word of a concept, or one phrase.

    Examples
    --------
    >>> is_word("Herr", "sensitive_level"), is_word("Mr Jones", "sensitive_level")
    (True, False)
    """
    return _read_concepts()[concept].fits_word(" ".join(split_name(text)))
