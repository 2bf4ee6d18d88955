"""What columns mean to a marketer, and what to do with which segment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ilk.errors import UsageError, shorten, suggest_name
from ilk.segments.wording import split_column_name

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

_BUILT_IN = Path(__file__).with_name("playbook.toml")
_WAY_OUT = "Correct the file, or leave the playbook out to use the built-in one."


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Concept(_FrozenModel):
    """Something that marketers talk about, the column names it goes by, and its phrases.

    ``words`` are words or runs of words in a column's name; columns with ``reversed`` words have
    the opposite direction (a birth year against an age). Phrases may contain ``{label}``, those of
    categories also ``{level}``.
    """

    words: tuple[str, ...]
    reversed: tuple[str, ...] = ()
    very_high: str | None = None
    high: str | None = None
    average: str | None = None
    low: str | None = None
    very_low: str | None = None
    mostly: str | None = None
    often: str | None = None

    @property
    def phrases(self) -> dict[str, str]:
        """The concept's own phrases, by level as in :data:`Condition`."""
        phrases = {
            level: getattr(self, level.replace(" ", "_"), None) for level in get_args(Condition)
        }
        return {level: text for level, text in phrases.items() if text is not None}


class Rule(_FrozenModel):
    """An action, and the conditions on a segment's concepts under which it applies.

    A concept's level is a :data:`Condition`; ``mostly`` and ``often`` may be followed by words of
    the required level, as in ``"mostly electronics"``. ``{concept}`` in the action stands for the
    column's label, or for a category's main level.
    """

    when: Mapping[str, tuple[str, ...]] = Field(min_length=1)
    action: str = Field(min_length=1)

    @field_validator("when", mode="before")
    @classmethod
    def _wrap_in_lists(cls, when: Any) -> Any:
        if not isinstance(when, Mapping):
            return when
        return {
            name: levels if isinstance(levels, list) else [levels] for name, levels in when.items()
        }


class Fallback(_FrozenModel):
    """Actions for segments without a matching rule, by their strongest trait.

    ``{label}`` stands for the column, ``{level}`` for the dominant level of a category.
    """

    high: str
    low: str
    mostly: str
    typical: str


class ColumnMeaning(NamedTuple):
    """The concept behind a column; ``reversed`` when the column has the opposite direction."""

    concept: str
    reversed: bool


class Playbook(_FrozenModel):
    """Concepts, rules from the most to the least urgent, and a fallback.

    Examples
    --------
    >>> book = load_playbook()
    >>> book.find_meanings(["Year_Birth", "fax"])
    {'Year_Birth': ColumnMeaning(concept='age', reversed=True)}
    """

    concepts: Mapping[str, Concept]
    rules: tuple[Rule, ...]
    fallback: Fallback

    def find_meanings(self, columns: Iterable[str]) -> dict[str, ColumnMeaning]:
        """The concepts of columns, for those that have one.

        The longest run of words in the column's name decides, then the order of the playbook.
        """
        runs = self._map_word_runs()
        rank = {run: position for position, run in enumerate(runs)}
        meanings: dict[str, ColumnMeaning] = {}
        for column in columns:
            known = [
                run
                for run in _list_word_runs(_singularize(split_column_name(column)))
                if run in runs
            ]
            if known:
                meanings[column] = runs[min(known, key=lambda run: (-len(run), rank[run]))]
        return meanings

    def _map_word_runs(self) -> dict[tuple[str, ...], ColumnMeaning]:
        """Every run of words that stands for a concept, in the order of the playbook."""
        runs: dict[tuple[str, ...], ColumnMeaning] = {}
        for name, concept in self.concepts.items():
            for reversed_, phrases in ((False, concept.words), (True, concept.reversed)):
                for phrase in phrases:
                    runs.setdefault(
                        _singularize(phrase.lower().split()), ColumnMeaning(name, reversed_)
                    )
        return runs


def load_playbook(path: Path | None = None) -> Playbook:
    """Read a playbook; what a file leaves out is as in the built-in playbook.

    Concepts of the file are added to the built-in ones, or replace those of the same name. Rules of
    the file replace all built-in rules.

    Parameters
    ----------
    path : Path, optional
        A TOML file; the built-in playbook when omitted.

    Raises
    ------
    UsageError
        ``E_PLAYBOOK`` when the file cannot be read, or says something that a playbook cannot say.

    Examples
    --------
    >>> load_playbook().concepts["age"].low
    'younger'
    """
    if path is None:
        return _load_built_in()
    try:
        own = _PlaybookFile.model_validate(_read(path))
    except ValidationError as error:
        raise _explain_error(error, path) from None
    base = _load_built_in()
    book = Playbook(
        concepts={
            **own.concepts,
            **{k: v for k, v in base.concepts.items() if k not in own.concepts},
        },
        rules=base.rules if own.rules is None else own.rules,
        fallback=own.fallback or base.fallback,
    )
    _check_playbook(book, path)
    return book


class _PlaybookFile(_FrozenModel):
    """A playbook file, in which every table is optional."""

    concepts: Mapping[str, Concept] = {}
    rules: tuple[Rule, ...] | None = None
    fallback: Fallback | None = None


@lru_cache(maxsize=1)
def _load_built_in() -> Playbook:
    return Playbook.model_validate(_read(_BUILT_IN))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"the playbook cannot be opened: {error.strerror}"
        raise UsageError("E_PLAYBOOK", reason, place=str(path), way_out=_WAY_OUT) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = f"the playbook is not a TOML file: {error}"
        raise UsageError("E_PLAYBOOK", reason, place=str(path), way_out=_WAY_OUT) from None


def _check_playbook(playbook: Playbook, path: Path) -> None:
    """Refuse concepts and placeholders that do not exist."""
    for number, rule in enumerate(playbook.rules, start=1):
        for name, levels in rule.when.items():
            _check_name(name, playbook.concepts, f"{path}, rule {number}, when")
            _check_levels(levels, f"{path}, rule {number}, when, {name}")
        _check_placeholders(rule.action, rule.when, f"{path}, rule {number}, action")
    for name, concept in playbook.concepts.items():
        for level, text in concept.phrases.items():
            known = ("label", "level") if level in ("mostly", "often") else ("label",)
            _check_placeholders(text, known, f"{path}, concept {name}, {level}")
    for trait, text in playbook.fallback:
        _check_placeholders(text, ("label", "level"), f"{path}, fallback, {trait}")


def _check_levels(levels: Iterable[str], place: str) -> None:
    for level in levels:
        if not level.startswith(("mostly ", "often ")):
            _check_name(level, get_args(Condition), place)


def _check_placeholders(text: str, known: Iterable[str], place: str) -> None:
    for name in re.findall(r"\{(.*?)\}", text):
        _check_name(name, known, place)


def _check_name(name: str, known: Iterable[str], place: str) -> None:
    if name not in known:
        problem, way_out = f"{shorten(name)} is not known here", suggest_name(name, known)
        raise UsageError("E_PLAYBOOK", problem, place=place, way_out=way_out)


def _explain_error(error: ValidationError, path: Path) -> UsageError:
    """The first complaint in plain words, with its place in the file."""
    first = error.errors(include_url=False)[0]
    steps = [str(step + 1) if isinstance(step, int) else step for step in first["loc"]]
    place = f"{path}, {' › '.join(steps)}"
    if first["type"] == "extra_forbidden":
        known = _list_fields(first["loc"][:-1])
        problem, way_out = f"unknown key {shorten(steps[-1])}", suggest_name(steps[-1], known)
    else:
        problem, way_out = f"{first['msg'].lower()}: {shorten(first['input'])}", _WAY_OUT
    return UsageError("E_PLAYBOOK", problem, place=place, way_out=way_out)


def _list_fields(place: tuple[int | str, ...]) -> Iterable[str]:
    """Keys that are allowed at a place of the file."""
    tables: dict[str, type[BaseModel]] = {
        "concepts": Concept,
        "rules": Rule,
        "fallback": Fallback,
    }
    return tables[str(place[0])].model_fields if place else tables


def _singularize(words: Iterable[str]) -> tuple[str, ...]:
    """Words with their plural endings cut, so that "purchase" finds "purchases"."""
    return tuple(re.sub(r"(?<=[^s\W]{2})s$", "", word) for word in words)


def _list_word_runs(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Every run of adjacent words."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]
