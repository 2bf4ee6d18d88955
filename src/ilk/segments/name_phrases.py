"""One trait in a few words, as part of a name."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from ilk.segments.column_labels import is_plural
from ilk.segments.conditions import Condition
from ilk.segments.phrases import Phrase, make_phrase
from ilk.segments.playbook import Concept
from ilk.segments.traits import ScoredTrait
from ilk.segments.wording import lower_text, read_answer

Emphasis = Literal["plain", "very", "rather", "default"]
"""``very`` distinguishes very high from high, ``rather`` a slight tendency from an average;
``default`` says the column's own words where those of its concept would contradict another
column."""

MIN_LEANING = 0.15
"""Effect from which an average trait may be called above or below average."""

MAX_AVERAGE_DIFFERENCE = 0.2
"""Difference of the printed means from which nothing is called average."""

MAX_LABEL_LENGTH = 28
"""Characters of a label or level from which it is too long for a name."""

_MOSTLY_SHARE = 2 / 3  # from this share on "mostly" goes without saying


_QUANTITIES: dict[Condition, tuple[str, str]] = {
    "very low": ("very low", "very few"),
    "low": ("low", "few"),
    "average": ("average", "average"),
    "high": ("high", "many"),
    "very high": ("very high", "very many"),
}
_UNEMPHASIZED: dict[Condition, Condition] = {"very low": "low", "very high": "high"}
_LENGTHS = {"high": "long", "low": "short"}
_LENGTH_WORDS = frozenset({"duration", "length", "time"})
_UNCOUNTED_MEANINGS = frozenset({"money", "share", "duration", "age", "year", "date", "scale"})
# Levels that say nothing without their column.
_VAGUE_LEVELS = frozenset(
    {"average", "medium", "mid", "high", "low", "standard", "basic", "normal", "other", "others"}
    | {"none", "unknown", "good", "poor", "fair", "bad", "never", "always", "sometimes", "often"}
    | {"small", "large", "big", "short", "long", "few", "many", "regular", "general", "default"}
)
_PEOPLE = frozenset({"citizen", "member", "subscriber", "student", "owner", "parent", "user"})
_ARTICLE_NOUNS = frozenset({"app"})
_NO_LEVEL = re.compile(r"no (?=.)", re.IGNORECASE)
_BRACKETS = re.compile(r" *\([^)]*\)")
_TERM = re.compile(r" (?=(?:year|month|week|day)s?$)")
_NUMBER = re.compile(r"\d+\+?")
_FLAG_VERBS = re.compile(r"^(?:has|have|is|owns|own|uses|use|with) (?=.)")


def phrase_trait(
    scored_trait: ScoredTrait, concept: Concept | None, emphasis: Emphasis = "plain"
) -> Phrase:
    """A trait in a few words, with the concept's own phrase where it has one.

    Examples
    --------
    >>> from ilk.segments.segment import Trait
    >>> trait = Trait("Annual Income (k$)", "very high", 1.7, text="")
    >>> income = ScoredTrait(trait, "income", "feature", 1.7, "income", "very high")
    >>> phrase_trait(income, None).text, phrase_trait(income, None, "very").text
    ('high-income', 'very high-income')
    >>> phrase_trait(income, Concept(words=("income",), high="big earners"))
    Phrase(kind='noun', text='big earners', bare='', qualifier='')
    """
    if not scored_trait.is_known:
        return Phrase("with", f"unknown {scored_trait.label}", f"unknown {scored_trait.label}")
    if scored_trait.trait.top is not None:
        return _phrase_category(scored_trait, scored_trait.trait.top, concept)
    if emphasis == "rather" and scored_trait.condition == "average":
        return _phrase_leaning(scored_trait)
    own = None if emphasis == "default" else _find_concept_phrase(concept, scored_trait, emphasis)
    return _phrase_number(scored_trait, emphasis) if own is None else own


def _find_concept_phrase(
    concept: Concept | None, scored_trait: ScoredTrait, emphasis: Emphasis
) -> Phrase | None:
    """The concept's phrase; its plain one where it has no stronger one."""
    phrases = concept.phrases if concept else {}
    condition = scored_trait.condition
    text = phrases.get(_apply_emphasis(condition, emphasis))
    text = text or phrases.get(_apply_emphasis(condition, "plain"))
    if text is None:
        return None
    label = scored_trait.label
    phrase = make_phrase(text.replace("{label}", label).replace("{thing}", name_thing(label)))
    # A compound such as "high-income" has a noun phrase too.
    is_compound = phrase.kind == "adjective" and text.endswith(f"-{scored_trait.label}")
    return replace(phrase, bare=phrase.text.replace("-", " ")) if is_compound else phrase


def name_thing(label: str) -> str:
    """What is bought, where a label says how much was spent on it.

    Examples
    --------
    >>> name_thing("spending on meat products"), name_thing("income")
    ('meat', 'income')
    """
    thing = label.removeprefix("spending on ")
    return label if thing == label else thing.removesuffix(" products")


def _phrase_number(scored_trait: ScoredTrait, emphasis: Emphasis) -> Phrase:
    """Such as "high-income", "with high bounce rates" or "with many orders".

    It describes the column itself, not the concept that it may reverse.
    """
    label = scored_trait.label
    level = _apply_emphasis(scored_trait.trait.level, emphasis)
    counted = _is_counted(scored_trait)
    word = _QUANTITIES[level][counted]
    if label.split(" ")[-1] in _LENGTH_WORDS:
        word = _LENGTHS.get(word, word)
    text = f"{word} {label}"
    if counted or not label.isalpha():
        return Phrase("with", text, text)
    return Phrase("adjective", f"{word}-{label}", text)


def _is_counted(scored_trait: ScoredTrait) -> bool:
    """Whether the column counts things, so that there are many or few of them."""
    is_counted = scored_trait.meaning not in _UNCOUNTED_MEANINGS
    return (is_counted or " since " in scored_trait.label) and is_plural(scored_trait.label)


def _apply_emphasis(condition: Condition, emphasis: Emphasis) -> Condition:
    return condition if emphasis == "very" else _UNEMPHASIZED.get(condition, condition)


def _phrase_leaning(scored_trait: ScoredTrait) -> Phrase:
    direction = "above" if scored_trait.trait.effect > 0 else "below"
    text = f"{direction}-average {scored_trait.label}"
    return Phrase("with", text, text)


def _phrase_category(scored_trait: ScoredTrait, top: str, concept: Concept | None) -> Phrase:
    qualifier = "" if scored_trait.condition == "mostly" else "often"
    if not qualifier and (scored_trait.share or 0.0) < _MOSTLY_SHARE:
        qualifier = "mostly"
    return replace(_phrase_level(scored_trait, top, concept), qualifier=qualifier)


def _phrase_level(scored_trait: ScoredTrait, top: str, concept: Concept | None) -> Phrase:
    """A level in the concept's words, or with its column where it would mean nothing alone."""
    label, top = scored_trait.label, _BRACKETS.sub("", top) or top
    answer = read_flag(scored_trait, top)
    if answer is not None:
        return _phrase_answer(label, answer)
    if _NO_LEVEL.match(top):
        return _phrase_answer(_lower_level(_NO_LEVEL.sub("", top, count=1)), answer=False)
    own = (concept.mostly or concept.often) if concept else None
    if not is_plain_word(top) or lower_text(top) in _VAGUE_LEVELS:
        return _phrase_vague(label, top)
    if own is not None:
        level = top if concept and concept.proper else _lower_level(top)
        return make_phrase(own.replace("{label}", label).replace("{level}", level))
    level = _lower_level(top)
    return Phrase("adjective", level) if " " not in level else Phrase("noun", f"{level} customers")


def read_flag(scored_trait: ScoredTrait, top: str) -> bool | None:
    """Yes or no; 0 and 1 are answers only where the column is known to be a yes/no one.

    Examples
    --------
    >>> from ilk.segments.segment import Trait
    >>> job = Trait("job", "high", 1.0, "")
    >>> occupation = ScoredTrait(job, "job", "feature", 1.0, None, "mostly")
    >>> read_flag(occupation, "1"), read_flag(replace(occupation, meaning="yes_no"), "1")
    (None, True)
    """
    if lower_text(top) == "none":
        return False
    if scored_trait.meaning != "yes_no" and not top.isalpha():
        return None
    return read_answer(top)


def _phrase_answer(label: str, answer: bool) -> Phrase:
    """Such as "with the app", "without newsletter", "senior citizens", "churned"."""
    thing = _FLAG_VERBS.sub("", label)
    last = thing.split(" ")[-1]
    if last in _PEOPLE and answer:
        return Phrase("noun", f"{thing}s")
    if last in _PEOPLE:
        is_member = last == "member"
        text = f"without {thing}ship"
        return Phrase("with", text, text) if is_member else Phrase("adjective", f"non-{thing}")
    if last.endswith("ed") and " " not in thing:
        return Phrase("adjective", thing if answer else f"not-{thing}")
    shown = f"the {thing}" if thing in _ARTICLE_NOUNS else thing
    text = f"{'with' if answer else 'without'} {shown}"
    return Phrase("with", text, text)


def _phrase_vague(label: str, level: str) -> Phrase:
    """A level beside its column, such as "average-spend", "with region 3" or "with 2 children"."""
    if _NUMBER.fullmatch(level) and is_plural(label):
        text = f"without {label}" if level == "0" else f"{level} {label}"
        return Phrase("with", text.removesuffix("s") if level == "1" else text, text)
    if not is_plain_word(level):
        return Phrase("with", f"{label} {level}", f"{label} {level}")
    word = lower_text(level)
    if label.isalpha():
        return Phrase("adjective", f"{word}-{label}", f"{word} {label}")
    return Phrase("with", f"{word} {label}", f"{word} {label}")


def _lower_level(level: str) -> str:
    """A level inside a name: in lower case, unless it is an abbreviation."""
    words = (word if word.isupper() else lower_text(word) for word in level.split())
    return _TERM.sub("-", " ".join(words))


def phrase_level(label: str, level: str) -> str:
    """A level of a category, with the label where the level alone would mean nothing.

    Examples
    --------
    >>> phrase_level("product", "electronics"), phrase_level("region", "3")
    ('electronics', 'region 3')
    """
    return level if is_plain_word(level) else f"{label} {level}"


def is_plain_word(level: str) -> bool:
    """Whether a level is a word that can stand alone, and not a code or a range."""
    is_answer = level.isalpha() and read_answer(level) is not None
    return len(level) > 2 and not re.search(r"\d", level) and not is_answer
