"""One trait in a few words, as part of a name."""

from __future__ import annotations

import re
from typing import Literal

from ilk.segments.playbook import Concept, Condition
from ilk.segments.traits import ScoredTrait
from ilk.segments.wording import clip_text, is_plural

Emphasis = Literal["plain", "very", "rather"]
"""``very`` distinguishes very high from high, ``rather`` a slight tendency from an average."""

MIN_LEANING = 0.15
"""Effect from which an average trait may be called "rather high" or "rather low"."""

_MAX_LABEL_LENGTH = 24  # a longer label or level is cut
_DEFAULT_PHRASES: dict[Condition, tuple[str, str]] = {
    "very low": ("very low {label}", "very few {label}"),
    "low": ("low {label}", "few {label}"),
    "average": ("average {label}", "average {label}"),
    "high": ("high {label}", "many {label}"),
    "very high": ("very high {label}", "very many {label}"),
}
_UNEMPHASIZED: dict[Condition, Condition] = {"very low": "low", "very high": "high"}
_YES = frozenset({"yes", "y", "true"})
_NO = frozenset({"no", "n", "false"})


def phrase_trait(
    scored_trait: ScoredTrait, concept: Concept | None, emphasis: Emphasis = "plain"
) -> str:
    """A trait in a few words, with the concept's own phrase where it has one.

    Examples
    --------
    >>> from ilk.segments.segment import Trait
    >>> trait = Trait("Annual Income (k$)", "very high", 1.7, text="")
    >>> income = ScoredTrait(trait, "income", "feature", 1.7, "income", "very high")
    >>> phrase_trait(income, None), phrase_trait(income, None, "very")
    ('high income', 'very high income')
    >>> phrase_trait(income, Concept(words=("income",), high="well-to-do"))
    'well-to-do'
    """
    if scored_trait.trait.top is not None:
        return _phrase_category(scored_trait, scored_trait.trait.top, concept)
    label = clip_text(scored_trait.label, _MAX_LABEL_LENGTH)
    if emphasis == "rather" and scored_trait.condition == "average":
        return _phrase_leaning(label, scored_trait.trait.effect)
    own = _find_concept_phrase(concept, scored_trait.condition, emphasis)
    if own is None:
        # The default describes the column itself, not the concept that it may reverse.
        own = _DEFAULT_PHRASES[_apply_emphasis(scored_trait.trait.level, emphasis)][
            is_plural(label)
        ]
    return own.replace("{label}", label)


def _find_concept_phrase(
    concept: Concept | None, condition: Condition, emphasis: Emphasis
) -> str | None:
    """The concept's phrase; its plain one where it has no stronger one."""
    phrases = concept.phrases if concept else {}
    emphasized = phrases.get(_apply_emphasis(condition, emphasis))
    return emphasized or phrases.get(_apply_emphasis(condition, "plain"))


def _apply_emphasis(condition: Condition, emphasis: Emphasis) -> Condition:
    return condition if emphasis == "very" else _UNEMPHASIZED.get(condition, condition)


def _phrase_leaning(label: str, effect: float) -> str:
    many, few = ("many", "few") if is_plural(label) else ("high", "low")
    return f"rather {many if effect > 0 else few} {label}"


def _phrase_category(scored_trait: ScoredTrait, top: str, concept: Concept | None) -> str:
    """Such as "mostly electronics"; with the label where the level alone would mean nothing."""
    prefix = "mostly" if scored_trait.condition == "mostly" else "often"
    label, level = (
        clip_text(scored_trait.label, _MAX_LABEL_LENGTH),
        clip_text(top, _MAX_LABEL_LENGTH),
    )
    if level.lower() in _YES:
        return f"{prefix} with {label}"
    if level.lower() in _NO:
        return f"{prefix} without {label}"
    own = concept.phrases.get(prefix) if concept and is_plain_word(level) else None
    if own is None:
        return f"{prefix} {phrase_level(label, level)}"
    return own.replace("{label}", label).replace("{level}", level)


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
    return len(level) > 2 and not re.search(r"\d", level) and level.lower() not in _YES | _NO
