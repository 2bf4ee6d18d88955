"""Dates that programs write where there is none, and notices that tell each thing once."""

from __future__ import annotations

import polars as pl
import pytest

import ilk
from ilk.columns.cast import cast_columns
from ilk.errors import InputError
from ilk.tables.number_format import NumberFormat

N = 60
SPEND = [(i * i * 7.5) % 991 for i in range(N)]
RECENT = [f"2024-{i % 12 + 1:02}-{i % 27 + 1:02}" for i in range(N)]
BORN = [f"19{30 + i % 70}-03-{i % 27 + 1:02}" for i in range(N)]


def mark(dates, day, count):
    return [day] * count + dates[count:]


@pytest.mark.parametrize(
    ("name", "dates", "day"),
    [
        ("last_order", RECENT, "9999-12-31"),
        ("last_order", RECENT, "0001-01-01"),
        ("last_order", RECENT, "1970-01-01"),
        ("last_order", RECENT, "1900-01-01"),
        ("birth_date", BORN, "1900-01-01"),
    ],
)
def test_no_date_counts_as_missing(infer, name, dates, day):
    table = {name: mark(dates, day, 5), "spend": SPEND}
    columns, notices = infer(table)
    [column] = [column for column in columns.values() if column.conversion is not None]
    assert column.missing == 5
    [told] = [notice for notice in notices if notice.code == "W_STAND_IN"]
    assert (told.column, told.message) == (
        column.name,
        f"counted as missing, since no date is meant: {day} in 5 rows",
    )
    values = cast_columns(pl.DataFrame(table), [column], NumberFormat())[column.name]
    assert values.null_count() == 5
    assert values.max() < 400 if dates is RECENT else values.max() < 100


def test_the_first_of_1970_is_a_birthday_and_a_date_among_others(infer):
    seventies = [f"19{60 + i % 40}-01-01" for i in range(N)]
    for name, dates in (("birth_date", mark(BORN, "1970-01-01", 3)), ("joined", seventies)):
        columns, notices = infer({name: dates, "spend": SPEND})
        assert not [notice for notice in notices if notice.code == "W_STAND_IN"]
        assert all(column.missing == 0 for column in columns.values())


def test_next_month_no_date_is_missing_too_and_text_is_refused(infer):
    columns, _ = infer({"last_order": RECENT, "spend": SPEND})
    wanted = [columns["days since last order"]]
    later = pl.DataFrame({"last_order": ["9999-12-31", "2024-12-01"]})
    assert cast_columns(later, wanted, NumberFormat()).to_series().null_count() == 1
    with pytest.raises(InputError, match=r"row 2 contains 'soon'"):
        cast_columns(pl.DataFrame({"last_order": ["9999-12-31", "soon"]}), wanted, NumberFormat())


def test_flags_without_a_name_for_their_values_are_no_measures(infer):
    table = {"card_type": [i % 2 for i in range(N)], "region": [i % 3 + 1 for i in range(N)]}
    notices = infer({**table, "spend": SPEND})[1]
    assert [(one.code, one.column) for one in notices if "codes" in one.message] == [
        ("W_CODE", "region"),
        ("W_LABELS", None),
    ]


def test_far_values_are_told_once():
    visits = [*[i % 12 for i in range(2 * N - 3)], 500, 500, 500]
    table = pl.DataFrame({"visits": visits, "spend": SPEND + SPEND})
    messages = [notice.message for notice in ilk.fit(table, k=2, fast=True).notices]
    [told] = [message for message in messages if "far " in message]
    assert told.startswith("far beyond all others: 3 values of 'visits' above")
    assert told.endswith("Clear cells of 'visits' that mean unknown")
    unclipped = ilk.fit(table, k=2, fast=True, outliers="none").notices
    [told] = [notice.message for notice in unclipped if "far " in notice.message]
    assert told.startswith("far from all other values: 500 in 3 rows")
