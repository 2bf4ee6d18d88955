"""The file of a playbook: read, checked, and completed from the built-in one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ilk.errors import UsageError, shorten, suggest_name
from ilk.segments.conditions import Condition
from ilk.segments.playbook import (
    Concept,
    FrozenModel,
    Goal,
    GoalAdvice,
    OutcomeRule,
    Playbook,
    Rule,
    Sector,
)

_BUILT_IN = Path(__file__).with_name("playbook.toml")
_WAY_OUT = "Correct the file, or leave the playbook out to use the built-in one."


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
        nouns={**own.nouns, **{k: v for k, v in base.nouns.items() if k not in own.nouns}},
    )
    _check_playbook(book, path)
    return book


class _PlaybookFile(FrozenModel):
    """A playbook file, in which every table is optional."""

    concepts: Mapping[str, Concept] = {}
    rules: tuple[Rule, ...] | None = None
    goals: Mapping[Goal, GoalAdvice] = {}
    sectors: Mapping[str, Sector] = {}
    outcomes: tuple[OutcomeRule, ...] | None = None
    nouns: Mapping[str, tuple[str, ...]] = {}


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
            known = ("label", "level") if level in ("mostly", "often") else ("label", "thing")
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
    for sector in rule.not_in:
        _check_name(sector, playbook.sectors, f"{place}, not_in")
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
