"""Which column identifies the customers, and whether it really does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from ilk.columns.kinds import MAX_FEATURE_LEVELS, ColumnEvidence, infer_kind
from ilk.columns.overrides import ColumnOverrides
from ilk.columns.vocabulary import QUANTITY_WORDS, has_word, is_customer_id_name, is_id_name
from ilk.errors import InputError, format_place
from ilk.formatting.numbers import format_count

NEARLY_UNIQUE = 0.95
"""From this share of distinct values on, a column named like an ID is taken for one."""

_MAX_EXAMPLES = 5


def find_id_column(columns: Sequence[ColumnEvidence], overrides: ColumnOverrides) -> str | None:
    """Find the column that identifies the customers, if there is one.

    The one chosen by the user; else the first named as a customer ID; else the first named like
    some ID whose values are nearly all different; else the first text column without repeats.

    Examples
    --------
    >>> from ilk.recipe import Recipe
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"Age": [31, 44], "CustomerID": [1, 2]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> columns = [ColumnEvidence(name, summary) for name in summary.column_stats]
    >>> find_id_column(columns, ColumnOverrides.of(Recipe(), ["Age", "CustomerID"]))
    'CustomerID'
    """
    if overrides.id is not None:
        return overrides.id
    free = [column for column in columns if _may_be_id(column, overrides)]
    candidates = [
        *(column for column in free if is_customer_id_name(column.name)),
        *(column for column in free if looks_like_id(column)),
        *(column for column in free if _is_unique_text(column)),
    ]
    return candidates[0].name if candidates else None


def looks_like_id(column: ColumnEvidence) -> bool:
    """Whether a column is named like an ID and nearly every row has its own value."""
    return is_id_name(column.name) and column.distinct_share >= NEARLY_UNIQUE


def check_id(column: ColumnEvidence, columns: Iterable[ColumnEvidence]) -> None:
    """Refuse an ID column with gaps or repeats.

    Parameters
    ----------
    column : ColumnEvidence
        The ID column.
    columns : iterable of ColumnEvidence
        All columns, which show whether the table is an order log.

    Raises
    ------
    InputError
        If an ID is missing or occurs more than once.
    """
    repeated = _count_repeated_ids(column)
    if repeated:
        raise InputError(
            "E_DUPLICATE_IDS",
            f"{format_count(repeated, 'customer ID')} {'appears' if repeated == 1 else 'appear'} "
            f"more than once{_format_masked_examples(column)}",
            place=format_place(column=column.name),
            way_out=_suggest_way_out(column.name, columns),
            options={"id": None, "ignore": [column.name]},
        )
    missing = column.stats.null_category
    if missing:
        raise InputError(
            "E_BLANK_ID",
            f"{format_count(missing, 'row')} {'has' if missing == 1 else 'have'} no customer ID",
            place=_locate_missing_id(column),
            way_out="Fill in the IDs or remove these rows; or name another column with {id}, or "
            "use {ignore}.",
            options={"id": None, "ignore": [column.name]},
        )


def _may_be_id(column: ColumnEvidence, overrides: ColumnOverrides) -> bool:
    if column.is_empty or column.name in overrides.overridden_columns - overrides.features:
        return False
    # An ID chosen as a feature stays an ID: as a feature it would make every customer unique.
    return column.name not in overrides.features or (
        is_customer_id_name(column.name) and column.distinct_share == 1
    )


def _is_unique_text(column: ColumnEvidence) -> bool:
    return (
        column.distinct_share == 1
        and column.n_levels > MAX_FEATURE_LEVELS
        and not column.has_several_units
        and infer_kind(column) == "text"
    )


def _count_repeated_ids(column: ColumnEvidence) -> int:
    """Number of repeated IDs: exact for possible IDs and for tables kept whole."""
    if column.stats.distinct_counter is not None:
        return column.stats.distinct_counter.n_repeated
    return len(_find_repeated_ids(column))


def _find_repeated_ids(column: ColumnEvidence) -> pl.Series:
    texts = column.texts.drop_nulls()
    return texts.filter(texts.is_duplicated()).unique().sort()


def _format_masked_examples(column: ColumnEvidence) -> str:
    masked = dict.fromkeys(f"'{text[:2]}…'" for text in _find_repeated_ids(column))
    return f", such as {', '.join(list(masked)[:_MAX_EXAMPLES])}" if masked else ""


def _suggest_way_out(name: str, columns: Iterable[ColumnEvidence]) -> str:
    others = [column for column in columns if column.name != name]
    dated = any(infer_kind(column) == "date" for column in others)
    amounts = any(
        has_word(column.name, QUANTITY_WORDS) and column.is_mostly_numbers for column in others
    )
    if dated and amounts:
        return (
            "This looks like an order log: `ilk.orders.aggregate_orders(...)` makes one row per "
            "customer from it."
        )
    return (
        "Keep one row per customer; or, if this is not the ID, name the right column with {id} or "
        "use {ignore}."
    )


def _locate_missing_id(column: ColumnEvidence) -> str:
    if not column.summary.is_complete:
        return format_place(column=column.name)
    first = column.texts.is_null().arg_max() or 0
    return format_place(column=column.name, row=first + 1)
