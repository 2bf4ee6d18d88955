"""Readable names for the columns of a table and their levels, before it is known what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import polars as pl

from ilk.column_labels import ColumnLabels
from ilk.columns.answers import find_answers
from ilk.columns.cast import find_column_name
from ilk.columns.kinds import ColumnEvidence, infer_kind
from ilk.columns.level_texts import match_texts, parse_texts, replace_levels
from ilk.columns.levels import match_levels, normalize_level
from ilk.columns.summary import TableSummary
from ilk.errors import InputError, UsageError, format_place, shorten, suggest_name
from ilk.schema import Column, Schema
from ilk.tables.number_format import parse_categories


@dataclass(frozen=True)
class RelabeledSummary:
    """A summary under readable names, and what the table has instead of them.

    ``own_names`` holds the column of the table for each that is renamed; ``codes`` the levels of
    the table with their readable names, ``answer_names`` the same of answers of which several stand
    in a cell, and ``orders`` the levels in their order, by column.
    """

    summary: TableSummary
    own_names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    answer_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def new_names(self) -> dict[str, str]:
        """The readable name of every column that has one, by its name in the table."""
        return {own: name for name, own in self.own_names.items()}

    def check_numeric(self, numeric: Iterable[str]) -> None:
        """Refuse columns of numbers that are to have other levels."""
        for name in sorted(set(numeric) & {*self.codes, *self.orders}):
            raise UsageError(
                "E_CONFLICT",
                f"column '{name}' holds numbers by {{numeric}}, and categories by {{labels}}",
                way_out="Leave its values in one of them.",
                options=("numeric", "labels"),
            )

    def gather_evidence(self, literal: Iterable[str]) -> dict[str, ColumnEvidence]:
        """What is known of every column; in ``literal`` ones no number stands for a missing one."""
        literal = frozenset(literal)
        return {
            name: ColumnEvidence(
                name,
                self.summary,
                is_literal=name in literal,
                own_name=self.own_names.get(name, ""),
                codes=self.codes.get(name, ()),
                answer_names=self.answer_names.get(name, {}),
                order=self.orders.get(name, ()),
            )
            for name in self.summary.column_stats
        }

    def name_sources(self, schema: Schema) -> Schema:
        """The schema with the columns of the table that the values come from."""
        if not self.own_names:
            return schema
        return Schema(tuple(map(self._name_source, schema)))

    def _name_source(self, column: Column) -> Column:
        own = self.own_names.get(column.source)
        if own is None:
            return column
        if column.role == "id":
            return replace(column, name=own)  # in results it is called as in the table
        if column.conversion is not None:
            return replace(column, conversion=replace(column.conversion, source=own))
        if column.answer is not None:
            return replace(column, answer=replace(column.answer, source=own))
        return replace(column, own_name=own)


def relabel_summary(
    summary: TableSummary,
    labels: ColumnLabels | None,
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> RelabeledSummary:
    """Give the columns of a summary and their levels readable names.

    Where several answers stand in a cell, these have the names, and the cells stay as they are.

    Parameters
    ----------
    summary : TableSummary
    labels : mapping, optional
    chosen : mapping of str to str
        What the user says that columns are, by either name.

    Raises
    ------
    InputError
        ``E_UNKNOWN_COLUMN`` or ``E_UNKNOWN_LEVEL`` if the table has no such column or level.
    UsageError
        ``E_LABELS`` if a readable name is that of another column or level, or if some of the
        amounts in a column of numbers have names.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> summary = summarize_frame(pl.DataFrame({"x1": [0, 1, 1]}), NumberFormat())
    >>> labels = {"x1": {"name": "Sex", "levels": {"0": "male", "1": "female"}}}
    >>> relabel_summary(summary, labels).summary.sample["Sex"].to_list()
    ['male', 'female', 'female']
    """
    if not labels:
        return RelabeledSummary(summary)
    tables = _find_tables(labels, list(summary.column_stats))
    texts = {name: parse_texts(summary, name) for name in tables}
    answer_names = dict(_find_answer_names(summary, tables, chosen))
    codes = {
        name: _find_codes(name, table["levels"], texts[name])
        for name, table in tables.items()
        if "levels" in table and name not in answer_names
    }
    _check_amounts(summary, codes, tables, chosen)
    orders = {
        name: _resolve_order(name, table["order"], texts[name], codes.get(name, {}))
        for name, table in tables.items()
        if "order" in table
    }
    names = {name: table.get("name", name) for name, table in tables.items()}
    new_names = {own: name for own, name in names.items() if name != own}
    for name, own_codes in codes.items():
        summary = replace_levels(summary, name, texts[name], own_codes)
    return RelabeledSummary(
        _rename(summary, new_names),
        own_names={name: own for own, name in new_names.items()},
        codes={names[own]: tuple(pairs.items()) for own, pairs in codes.items()},
        answer_names={names[own]: pairs for own, pairs in answer_names.items()},
        orders={names[own]: order for own, order in orders.items()},
    )


def _find_tables(labels: ColumnLabels, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What is said of each column, by its name in the table."""
    tables: dict[str, Mapping[str, Any]] = {}
    for name, table in labels.items():
        own = find_column_name(name, names)
        if own is None:
            raise InputError(
                "E_UNKNOWN_COLUMN",
                f"there is no column {shorten(name)}",
                place="{labels}",
                way_out=suggest_name(name, names),
                options=("labels",),
            )
        tables[own] = table
    for own, table in tables.items():
        if table.get("name", own) in set(names) - {own}:
            raise _build_taken_error(own, table["name"], "column")
    return tables


def _find_answer_names(
    summary: TableSummary, tables: Mapping[str, Mapping[str, Any]], chosen: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The columns in whose cells several answers stand, and the names of these."""
    for column, table in tables.items():
        choice = _get_choice(chosen, column, table)
        if "levels" not in table or "order" in table or choice not in (None, "several"):
            continue
        evidence = ColumnEvidence(column, summary)
        found = find_answers(evidence, is_chosen=choice == "several")
        # Names of whole cells make a category of the column.
        if found is not None and not any(found.separator in level for level in table["levels"]):
            answers = dict(zip(found.answers, found.answers, strict=True))
            codes = _find_codes(column, table["levels"], answers)
            spelled = match_texts(answers, codes)
            yield column, {text: codes[code] for text, code in spelled.items() if code in codes}


def _check_amounts(
    summary: TableSummary,
    codes: Mapping[str, Mapping[str, str]],
    tables: Mapping[str, Mapping[str, Any]],
    chosen: Mapping[str, str],
) -> None:
    """Refuse names for some of the values in a column of amounts, which it would no longer be."""
    for column, names in codes.items():
        evidence = ColumnEvidence(column, summary)
        if "order" in tables[column] or _get_choice(chosen, column, tables[column]) is not None:
            continue
        if infer_kind(evidence) == "number" and not set(evidence.level_counts) <= set(names):
            raise UsageError(
                "E_LABELS",
                "the values are amounts, and only some of them have names",
                place=format_place("{labels}", column=column),
                way_out="Name the column only, or all of its values, or use {categorical}.",
                options={"labels": None, "categorical": [column]},
            )


def _get_choice(chosen: Mapping[str, str], column: str, table: Mapping[str, Any]) -> str | None:
    """What the user says that a column is, by either name."""
    return chosen.get(column, chosen.get(table.get("name", column)))


def _find_codes(
    column: str, names: Mapping[str, str], texts: Mapping[Any, str | None]
) -> dict[str, str]:
    """The readable name of every level that has one, all of them in the table."""
    found = {text for text in texts.values() if text is not None}
    spellings = match_levels(found, names)
    present = {spellings.get(text, text) for text in found}
    for code in names:
        if code not in present:
            raise _build_level_error(column, code, found)
    codes = {code: _check_name(column, name) for code, name in names.items()}
    taken = {normalize_level(text) for text in present | found}
    for code, name in codes.items():
        if normalize_level(name) in taken - {normalize_level(code)}:
            raise _build_taken_error(column, name, "value")
    return codes


def _check_name(column: str, name: str) -> str:
    """A readable name as a category spells it."""
    text = pl.Series("", [name]).to_frame().select(parse_categories("", pl.String())).item()
    if text is None:
        problem = f"{shorten(name)} stands for a missing value, so it is no name of one"
        raise _build_error(problem, column, "Write another name.")
    return str(text)


def _resolve_order(
    column: str,
    order: Sequence[str],
    texts: Mapping[Any, str | None],
    codes: Mapping[str, str],
) -> tuple[str, ...]:
    """All levels in their order, which may be given by their own or their readable names."""
    found = {text for text in texts.values() if text is not None}
    own = {text: codes.get(code, text) for text, code in match_texts(found, codes).items()}
    known = dict.fromkeys(own.values())
    spellings = own | match_levels(order, list(known))
    resolved = [codes.get(level, spellings.get(level, level)) for level in order]
    for level, name in zip(order, resolved, strict=True):
        if name not in known:
            raise _build_level_error(column, level, known)
    missing = [level for level in known if level not in resolved]
    if missing:
        listed = ", ".join(shorten(level) for level in sorted(missing))
        way_out = "List every value, from lowest to highest."
        raise _build_error(f"the order leaves out {listed}", column, way_out)
    return tuple(resolved)


def _rename(summary: TableSummary, names: Mapping[str, str]) -> TableSummary:
    if not names:
        return summary
    stats = {names.get(name, name): own for name, own in summary.column_stats.items()}
    rows = summary.row_sample.distinct_rows.rename(dict(names))
    sample = replace(summary.row_sample, distinct_rows=rows)
    return replace(summary, column_stats=stats, row_sample=sample)


def _build_level_error(column: str, level: str, known: Iterable[str]) -> InputError:
    return InputError(
        "E_UNKNOWN_LEVEL",
        f"the column has no value {shorten(level)}",
        place=format_place("{labels}", column=column),
        way_out=suggest_name(level, sorted(known)),
        options=("labels",),
    )


def _build_taken_error(column: str, name: str, what: str) -> UsageError:
    problem = f"{shorten(name)} is another {what} of the table already"
    return _build_error(problem, column, "Give it a different name.")


def _build_error(problem: str, column: str, way_out: str) -> UsageError:
    place = format_place("{labels}", column=column)
    return UsageError("E_LABELS", problem, place=place, way_out=way_out, options=("labels",))
