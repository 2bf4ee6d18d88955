"""Identity: which column tells the customers apart, and whether it really does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from ilk.columns.kinds import MAX_FEATURE_LEVELS, ColumnEvidence, infer_kind
from ilk.columns.overrides import ColumnOverrides
from ilk.columns.vocabulary import QUANTITY_WORDS, has_word, is_customer_id_name, is_id_name
from ilk.errors import InputError

NEARLY_UNIQUE = 0.95
"""From this share of different values on, a column named like some id is taken for one."""

_MAX_EXAMPLES = 5


def find_id_column(columns: Sequence[ColumnEvidence], overrides: ColumnOverrides) -> str | None:
    """Name of the column that identifies the customers, if there is one.

    The one asked for; else the first named as a customer's id; else the first named like some id
    whose values are nearly all different; else the first text that is different on every row.

    Examples
    --------
    >>> from ilk.recipe import Recipe
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> seen = summarize_frame(pl.DataFrame({"Age": [31, 44], "CustomerID": [1, 2]}), NumberFormat())
    >>> columns = [ColumnEvidence(name, seen) for name in seen.column_stats]
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
    """Whether a column is named like some id and nearly every row has its own value."""
    return is_id_name(column.name) and column.distinct_share >= NEARLY_UNIQUE


def check_id(column: ColumnEvidence, columns: Iterable[ColumnEvidence]) -> None:
    """Refuse an id column that leaves customers without an id, or two with the same.

    Parameters
    ----------
    column : Evidence
        The id column.
    columns : iterable of Evidence
        All columns: they tell whether the table is a log of orders.

    Raises
    ------
    InputError
        If an id is missing or occurs more than once.
    """
    repeated = _count_repeated_ids(column)
    if repeated:
        raise InputError(
            "E_DUPLICATE_IDS",
            f"{repeated:,} ids stand on more than one row{_format_masked_examples(column)}",
            place=f"column '{column.name}'",
            way_out=_suggest_way_out(column.name, columns),
        )
    if column.stats.null_category:
        raise InputError(
            "E_BLANK_ID",
            f"{column.stats.null_category:,} rows have no id",
            place=_locate_missing_id(column),
            way_out="Fill them in or remove these rows; or name another column with --id, "
            f'or use `--ignore "{column.name}"`.',
        )


def _may_be_id(column: ColumnEvidence, overrides: ColumnOverrides) -> bool:
    if column.is_empty or column.name in overrides.overridden_columns - overrides.features:
        return False
    # An id asked for as a feature stays an id: it would set every customer apart from all others.
    return column.name not in overrides.features or (
        is_customer_id_name(column.name) and column.distinct_share == 1
    )


def _is_unique_text(column: ColumnEvidence) -> bool:
    return (
        column.distinct_share == 1
        and column.n_levels > MAX_FEATURE_LEVELS
        and infer_kind(column) == "text"
    )


def _count_repeated_ids(column: ColumnEvidence) -> int:
    """How many ids occur more than once: exact for possible ids and for tables kept whole."""
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
            "This looks like a log of orders: turn it into one row per customer first, "
            "with `ilk.orders.customers(...)`."
        )
    return (
        "Keep one row per customer; or, if this is not the id, name the right column with --id "
        f'or use `--ignore "{name}"`.'
    )


def _locate_missing_id(column: ColumnEvidence) -> str:
    if not column.summary.is_complete:
        return f"column '{column.name}'"
    first = column.texts.is_null().arg_max() or 0
    return f"column '{column.name}', first in row {first + 1:,}"
