"""Which column identifies the customers, and whether it really does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from ilk.columns.dates import find_date_layout
from ilk.columns.kinds import MAX_FEATURE_LEVELS, ColumnEvidence, infer_kind
from ilk.columns.overrides import ColumnOverrides
from ilk.errors import InputError, format_place
from ilk.formatting.numbers import format_count
from ilk.vocabulary.concepts import (
    has_word,
    is_contact_name,
    is_count_name,
    is_customer_id_name,
    is_id_name,
)

NEARLY_UNIQUE = 0.95
"""From this share of distinct values on, a column named like an ID is taken for one."""

_MAX_EXAMPLES = 5

_MIN_EXPECTED_REPEATS = 5.0
"""Pairs of equal numbers that chance would make, from which on unique numbers are no accident."""

_ROUND = 100
"""Multiples of this are amounts."""

_MIN_LONG_CODE = 100_000
"""The smallest code of six digits."""


def find_id_column(
    columns: Sequence[ColumnEvidence], overrides: ColumnOverrides, index: str | None = None
) -> str | None:
    """Find the column that identifies the customers, if there is one.

    The one chosen by the user; else the index of a data frame, unless it repeats; else the first
    named as a customer ID; else the first named like some ID whose values are nearly all different;
    else the first text column without repeats; else the only column of integers that are numbered
    through or otherwise look like codes. Names and addresses are taken only where no two customers
    share one.

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
        *(column for column in free if column.name == index and column.distinct_share == 1),
        *(column for column in free if is_customer_id_name(column.name)),
        *(column for column in free if looks_like_id(column) and not _is_shared(column)),
        *(column for column in free if _is_unique_text(column)),
        *_find_only_code(free),
    ]
    return candidates[0].name if candidates else None


def looks_like_id(column: ColumnEvidence) -> bool:
    """Whether a column is named like an ID and nearly every row has its own value."""
    if column.is_mostly_numbers and not column.is_integer:
        return False
    return is_id_name(column.name) and column.distinct_share >= NEARLY_UNIQUE


def is_serial_number(column: ColumnEvidence) -> bool:
    """Whether integers are so dense without repeats that they number the rows.

    Amounts as dense as these would repeat by chance. Round numbers are amounts.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"a": range(50, 80), "b": range(893000, 923000, 1000)})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> [is_serial_number(ColumnEvidence(name, summary)) for name in frame.columns]
    [True, False]
    """
    if not _is_unique_integer(column):
        return False
    n_rows = column.stats.n_rows
    span = (column.stats.maximum or 0.0) - (column.stats.minimum or 0.0) + 1
    return n_rows * (n_rows - 1) / 2 / span >= _MIN_EXPECTED_REPEATS


def _is_unique_integer(column: ColumnEvidence) -> bool:
    """Whether integers, different in every row, are no amount or count by their name."""
    if not column.is_integer or column.distinct_share < 1 or is_count_name(column.name):
        return False
    if has_word(column.name, "money") or has_word(column.name, "place"):
        return False
    if infer_kind(column) != "number" or find_date_layout(column) is not None:
        return False
    return bool((column.values % _ROUND != 0).any())


def _find_only_code(columns: Sequence[ColumnEvidence]) -> list[ColumnEvidence]:
    """The column of codes, if there is only one: serial numbers, or integers of one length."""
    for fits in (is_serial_number, _are_long_codes):
        codes = [column for column in columns if fits(column)]
        if codes:
            return codes if len(codes) == 1 else []
    return []


def _are_long_codes(column: ColumnEvidence) -> bool:
    low, high = column.stats.minimum or 0.0, column.stats.maximum or 0.0
    have_same_length = low >= _MIN_LONG_CODE and len(f"{low:.0f}") == len(f"{high:.0f}")
    return have_same_length and _is_unique_integer(column)


def _is_shared(column: ColumnEvidence) -> bool:
    """Whether a column of names or addresses has gaps, or values that customers share."""
    return is_contact_name(column.name) and column.distinct_share < 1


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
    amounts = any(_is_quantity(column) for column in others)
    if dated and amounts:
        return (
            "This looks like an order log: `ilk.orders.aggregate_orders(...)` makes one row per "
            "customer from it."
        )
    return (
        "Keep one row per customer; or, if this is not the ID, name the right column with {id} or "
        "use {ignore}."
    )


def _is_quantity(column: ColumnEvidence) -> bool:
    """Whether a column holds numbers that an order log adds up."""
    named = has_word(column.name, "quantity") or has_word(column.name, "money")
    return named and column.is_mostly_numbers


def _locate_missing_id(column: ColumnEvidence) -> str:
    if not column.summary.is_complete:
        return format_place(column=column.name)
    first = column.texts.is_null().arg_max() or 0
    return format_place(column=column.name, row=first + 1)
