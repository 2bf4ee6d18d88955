"""Readable names for the columns of a table and their levels, before it is known what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from ilk.column_labels import ColumnLabels
from ilk.columns.cast import find_column_name
from ilk.columns.kinds import ColumnEvidence
from ilk.columns.levels import match_levels, normalize_level
from ilk.columns.stats import ColumnStats
from ilk.columns.summary import TableSummary
from ilk.errors import InputError, UsageError, format_place, shorten, suggest_name
from ilk.schema import Column, Schema
from ilk.tables.number_format import parse_categories


@dataclass(frozen=True)
class RelabeledSummary:
    """A summary under readable names, and what the table has instead of them.

    ``own_names`` holds the column of the table for each that is renamed; ``codes`` the levels of
    the table with their readable names, and ``orders`` the levels in their order, by column.
    """

    summary: TableSummary
    own_names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
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


def relabel_summary(summary: TableSummary, labels: ColumnLabels | None) -> RelabeledSummary:
    """Give the columns of a summary and their levels readable names.

    Raises
    ------
    InputError
        ``E_UNKNOWN_COLUMN`` or ``E_UNKNOWN_LEVEL`` if the table has no such column or level.
    UsageError
        ``E_LABELS`` if a readable name is that of another column or level.

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
    texts = {name: _parse_texts(summary, name) for name in tables}
    codes = {
        name: _find_codes(name, table["levels"], texts[name])
        for name, table in tables.items()
        if "levels" in table
    }
    orders = {
        name: _resolve_order(name, table["order"], texts[name], codes.get(name, {}))
        for name, table in tables.items()
        if "order" in table
    }
    names = {name: table.get("name", name) for name, table in tables.items()}
    new_names = {own: name for own, name in names.items() if name != own}
    for name, own_codes in codes.items():
        summary = _replace_levels(summary, name, texts[name], own_codes)
    return RelabeledSummary(
        _rename(summary, new_names),
        own_names={name: own for own, name in new_names.items()},
        codes={names[own]: tuple(pairs.items()) for own, pairs in codes.items()},
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


def _parse_texts(summary: TableSummary, name: str) -> dict[Any, str | None]:
    """The level in every different cell of a column, ``None`` where it has no value."""
    stats = summary.column_stats[name]
    cells = pl.Series("", list(stats.levels or ()), dtype=stats.dtype)
    texts = cells.to_frame().select(parse_categories("", stats.dtype)).to_series()
    return dict(zip(cells.to_list(), texts.to_list(), strict=True))


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
    own = {text: codes.get(code, text) for text, code in _match(found, codes).items()}
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


def _match(texts: Iterable[str], codes: Mapping[str, str]) -> dict[str, str]:
    """The code that each text is a spelling of, or the text itself."""
    texts = list(texts)
    return dict(zip(texts, texts, strict=True)) | match_levels(texts, codes)


def _replace_levels(
    summary: TableSummary,
    name: str,
    texts: Mapping[Any, str | None],
    codes: Mapping[str, str],
) -> TableSummary:
    """The summary of the table that had readable levels in a column."""
    spelled = _match((text for text in texts.values() if text is not None), codes)
    names = {text: codes.get(code, text) for text, code in spelled.items()}
    stats = summary.column_stats[name]
    rows = summary.row_sample.distinct_rows
    cells = pl.col(name).pipe(parse_categories, stats.dtype).replace(names).alias(name)
    return replace(
        summary,
        column_stats=summary.column_stats | {name: _count_texts(stats, texts, names)},
        row_sample=replace(summary.row_sample, distinct_rows=rows.with_columns(cells)),
    )


def _count_texts(
    stats: ColumnStats, texts: Mapping[Any, str | None], names: Mapping[str, str]
) -> ColumnStats:
    """The statistics of a column of text with these levels."""
    counts: dict[str, int] = {}
    for cell, count in (stats.levels or {}).items():
        if (text := texts[cell]) is not None:
            counts[names[text]] = counts.get(names[text], 0) + count
    return replace(
        stats,
        dtype=pl.String(),
        missing=stats.null_category,
        numbers=0,
        infinite=0,
        integers=0,
        leading_zeros=0,
        minimum=None,
        maximum=None,
        first_non_number=(1, next(iter(counts), "")),
        levels=counts,
        units={},
        marks=None,
    )


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
