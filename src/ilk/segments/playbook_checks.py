"""Checks of a playbook that somebody wrote: names, levels and placeholders that exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ilk.errors import UsageError, shorten, suggest_name
from ilk.segments.conditions import Condition

if TYPE_CHECKING:
    from ilk.segments.playbook import Playbook, Rule


def check_playbook(playbook: Playbook, path: Path) -> None:
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
