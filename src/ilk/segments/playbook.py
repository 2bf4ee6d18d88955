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
from ilk.segments.conditions import Condition
from ilk.segments.word_runs import list_word_runs, singularize
from ilk.segments.wording import split_column_name

_MIN_SECTOR_COLUMNS = 2  # columns that a sector is recognized by
_BUILT_IN = Path(__file__).with_name("playbook.toml")
_WAY_OUT = "Correct the file, or leave the playbook out to use the built-in one."


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Concept(_FrozenModel):
    """Something that marketers talk about, the column names it goes by, and its phrases.

    ``words`` are words or runs of words in a column's name; columns with ``reversed`` words have
    the opposite direction (a birth year against an age). Phrases may contain ``{label}``, those of
    categories also ``{level}``, in lower case unless the levels are ``proper`` names. A phrase is
    an adjective ("frequent"), a noun for customers ("high spenders"), or begins with a preposition
    ("with large orders").
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
    proper: bool = False

    @property
    def phrases(self) -> dict[str, str]:
        """The concept's own phrases, by level as in :data:`Condition`."""
        phrases = {
            level: getattr(self, level.replace(" ", "_"), None) for level in get_args(Condition)
        }
        return {level: text for level, text in phrases.items() if text is not None}


Goal = Literal["keep", "grow", "win back", "acquire more like them", "serve cheaply"]
"""What an action is for."""


class Rule(_FrozenModel):
    """An action, and the conditions on a segment's concepts under which it applies.

    A concept's level is a :data:`Condition`; ``mostly`` and ``often`` may be followed by words of
    the required level, as in ``"mostly electronics"``. ``{concept}`` in the action stands for the
    column's label, or for a category's main level. Where any condition of ``unless`` is met, or
    the table is of another ``sector``, the rule does not apply.
    """

    when: Mapping[str, tuple[str, ...]] = Field(min_length=1)
    unless: Mapping[str, tuple[str, ...]] = {}
    sector: str | None = None
    goal: Goal | None = None
    action: str = Field(min_length=1)
    measure: str | None = None

    @field_validator("when", "unless", mode="before")
    @classmethod
    def _wrap_in_lists(cls, when: Any) -> Any:
        if not isinstance(when, Mapping):
            return when
        return {
            name: levels if isinstance(levels, list) else [levels] for name, levels in when.items()
        }


class GoalAdvice(_FrozenModel):
    """What to measure where an action has this goal."""

    measure: str


class Sector(_FrozenModel):
    """A line of business, and words in the names of columns by which it is recognized."""

    title: str
    words: tuple[str, ...]


class OutcomeRule(_FrozenModel):
    """An action for segments in which an outcome is more or less common than overall.

    ``words`` are beginnings of words in the outcome's name, any if there are none. ``{outcome}``
    in a text stands for that name, ``{excess}`` for the customers beyond the overall rate.
    """

    words: tuple[str, ...] = ()
    is_bad: bool
    position: Literal["above", "below"] = Field(alias="is")
    min_rate: float = 0.0
    goal: Goal
    action: str = Field(min_length=1)
    size: str | None = None


class ColumnMeaning(NamedTuple):
    """The concept behind a column; ``reversed`` when the column has the opposite direction."""

    concept: str
    reversed: bool


class Playbook(_FrozenModel):
    """Concepts, sectors, and what to do: rules for outcomes and for concepts, the first first.

    Examples
    --------
    >>> book = load_playbook()
    >>> book.find_meanings(["Year_Birth", "fax"])
    {'Year_Birth': ColumnMeaning(concept='age', reversed=True)}
    """

    concepts: Mapping[str, Concept]
    rules: tuple[Rule, ...]
    goals: Mapping[Goal, GoalAdvice] = {}
    sectors: Mapping[str, Sector] = {}
    outcomes: tuple[OutcomeRule, ...] = ()

    def find_meanings(self, columns: Iterable[str]) -> dict[str, ColumnMeaning]:
        """The concepts of columns, for those that have one.

        The longest run of words in the column's name decides, then the order of the playbook.
        """
        runs = self._map_word_runs()
        rank = {run: position for position, run in enumerate(runs)}
        meanings: dict[str, ColumnMeaning] = {}
        for column in columns:
            known = [
                run for run in list_word_runs(singularize(split_column_name(column))) if run in runs
            ]
            if known:
                meanings[column] = runs[min(known, key=lambda run: (-len(run), rank[run]))]
        return meanings

    def find_sector(self, columns: Iterable[str]) -> str | None:
        """The sector that most of the columns speak of; ``None`` if it is not clear.

        Examples
        --------
        >>> load_playbook().find_sector(["Credit_Limit", "Total_Revolving_Bal", "Age"])
        'banking'
        """
        columns = list(columns)
        counts = {name: len(self.list_sector_columns(name, columns)) for name in self.sectors}
        best = max(counts.values(), default=0)
        leaders = [name for name, count in counts.items() if count == best]
        return leaders[0] if best >= _MIN_SECTOR_COLUMNS and len(leaders) == 1 else None

    def list_sector_columns(self, sector: str, columns: Iterable[str]) -> list[str]:
        """The columns that speak of a sector.

        Examples
        --------
        >>> load_playbook().list_sector_columns("banking", ["Credit_Limit", "Age"])
        ['Credit_Limit']
        """
        known = {singularize(words.lower().split()) for words in self.sectors[sector].words}
        return [
            name
            for name in columns
            if not known.isdisjoint(list_word_runs(singularize(split_column_name(name))))
        ]

    def _map_word_runs(self) -> dict[tuple[str, ...], ColumnMeaning]:
        """Every run of words that stands for a concept, in the order of the playbook."""
        runs: dict[tuple[str, ...], ColumnMeaning] = {}
        for name, concept in self.concepts.items():
            for reversed_, phrases in ((False, concept.words), (True, concept.reversed)):
                for phrase in phrases:
                    runs.setdefault(
                        singularize(phrase.lower().split()), ColumnMeaning(name, reversed_)
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
        goals={**base.goals, **own.goals},
        sectors={**base.sectors, **own.sectors},
        outcomes=_choose_outcomes(own, base),
    )
    _check_playbook(book, path)
    return book


class _PlaybookFile(_FrozenModel):
    """A playbook file, in which every table is optional."""

    concepts: Mapping[str, Concept] = {}
    rules: tuple[Rule, ...] | None = None
    goals: Mapping[Goal, GoalAdvice] = {}
    sectors: Mapping[str, Sector] = {}
    outcomes: tuple[OutcomeRule, ...] | None = None


def _choose_outcomes(own: _PlaybookFile, base: Playbook) -> tuple[OutcomeRule, ...]:
    """Own rules stand alone: the built-in ones on outcomes would speak before them."""
    if own.outcomes is not None:
        return own.outcomes
    return base.outcomes if own.rules is None else ()


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
        _check_rule(rule, playbook, f"{path}, rule {number}")
    for name, concept in playbook.concepts.items():
        for level, text in concept.phrases.items():
            known = ("label", "level") if level in ("mostly", "often") else ("label",)
            _check_placeholders(text, known, f"{path}, concept {name}, {level}")
    for number, outcome in enumerate(playbook.outcomes, start=1):
        for text in (outcome.action, outcome.size or ""):
            _check_placeholders(text, ("outcome", "excess"), f"{path}, outcome {number}")


def _check_rule(rule: Rule, playbook: Playbook, place: str) -> None:
    for key, conditions in (("when", rule.when), ("unless", rule.unless)):
        for name, levels in conditions.items():
            _check_name(name, playbook.concepts, f"{place}, {key}")
            _check_levels(levels, f"{place}, {key}, {name}")
    if rule.sector is not None:
        _check_name(rule.sector, playbook.sectors, f"{place}, sector")
    _check_placeholders(rule.action, rule.when, f"{place}, action")
    _check_placeholders(rule.measure or "", rule.when, f"{place}, measure")


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
        "goals": GoalAdvice,
        "sectors": Sector,
        "outcomes": OutcomeRule,
    }
    return tables[str(place[0])].model_fields if place else tables
