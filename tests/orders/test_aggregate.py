from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilk.errors import InputError, UsageError
from ilk.orders.aggregate import CUSTOMER_FEATURES, CustomerTable, aggregate_orders
from ilk.tables.number_format import NumberFormat

LOG = pl.DataFrame(
    {
        "order": ["A1", "A1", "A2", "B1", "A3", "C1", "R9"],
        "who": ["007", "007", "007", "12", "007", "x ", "x "],
        "day": [
            "2024-01-10",
            "2024-01-10",
            "2024-01-10",
            "2024-02-01",
            "2024-03-01",
            "2024-02-20",
            "2024-03-05",
        ],
        "paid": [10.10, 20.20, 5.00, 0.00, 64.70, 40.00, -40.00],
    }
)


def summary(log: pl.DataFrame, **options: object) -> CustomerTable:
    return aggregate_orders(log, id="who", date="day", amount="paid", **options)  # type: ignore[arg-type]


def rows(table: CustomerTable) -> list[tuple[object, ...]]:
    return table.frame.rows()


def notices(table: CustomerTable) -> dict[str, str]:
    return {notice.code: notice.message for notice in table.notices}


class TestByHand:
    def test_by_order_number(self) -> None:
        table = summary(LOG, order="order")
        assert table.frame.columns == ["who", *CUSTOMER_FEATURES]
        assert rows(table) == [
            ("007", 5, 3, 100.0, 100 / 3, 56),
            ("12", 34, 1, 0.0, 0.0, 34),
            ("x ", 15, 1, 0.0, 0.0, 15),
        ]

    def test_without_order_numbers_a_day_is_an_order(self) -> None:
        assert rows(summary(LOG))[0] == ("007", 5, 2, 100.0, 50.0, 56)

    def test_a_line_without_order_number_counts_by_its_day(self) -> None:
        log = LOG.with_columns(order=pl.Series(["A1", " ", None, "B1", None, "C1", "C1"]))
        assert summary(log, order="order").frame["orders"].to_list() == [3, 1, 1]

    def test_days_are_counted_back_from_the_day_given(self) -> None:
        table = summary(LOG, as_of=dt.date(2024, 3, 5))
        assert table.frame["recency_days"].to_list() == [4, 33, 14]

    def test_refunds_and_free_orders_are_counted_in_notices(self) -> None:
        messages = notices(summary(LOG))
        assert messages["W_REFUNDS"].endswith(": 1")
        assert messages["W_FREE_ORDERS"].endswith(": 1")
        assert len(messages) == 2

    def test_a_clean_log_has_no_notices(self) -> None:
        assert summary(LOG.filter(pl.col("paid") > 0)).notices == ()


class TestLeftOut:
    def test_lines_without_customer_date_or_amount(self) -> None:
        holes = pl.DataFrame(
            {
                "order": ["D1", "D2", "D3", "D4"],
                "who": ["", None, "007", "007"],
                "day": ["2025-01-01", "n/a", "n/a", "2025-01-01"],
                "paid": [1.0, None, 1.0, None],
            }
        )
        table = summary(pl.concat([holes, LOG]))
        assert rows(table) == rows(summary(LOG))
        messages = notices(table)
        assert messages["W_ORDER_NO_CUSTOMER"].endswith(": 2")
        assert messages["W_ORDER_NO_DATE"].endswith(": 1")
        assert messages["W_ORDER_NO_AMOUNT"].endswith(": 1")

    def test_a_customer_with_refunds_only(self) -> None:
        table = summary(LOG.filter((pl.col("who") != "x ") | (pl.col("paid") < 0)))
        assert table.frame["who"].to_list() == ["007", "12"]
        assert notices(table)["W_ONLY_REFUNDS"].endswith(": 1")

    def test_a_customer_who_got_back_more_than_she_paid_stays(self) -> None:
        table = summary(LOG.with_columns(pl.col("paid").replace(-40.0, -50.0)))
        assert table.frame["monetary"].to_list() == [100.0, 0.0, -10.0]
        assert notices(table)["W_NEGATIVE_TOTAL"].endswith(": 1")


class TestReading:
    @pytest.mark.parametrize(
        "day",
        [
            pl.Series(["2024-01-31"]),
            pl.Series([" 20240131 "]),
            pl.Series(["2024-01-31T23:59"]),
            pl.Series(["2024-01-31 08:26:00.5+02:00"]),
            pl.Series([dt.date(2024, 1, 31)]),
            pl.Series([dt.datetime(2024, 1, 31, 23, 59)]),
        ],
        ids=["iso", "compact", "minutes", "zone", "date", "datetime"],
    )
    def test_dates_in_every_form(self, day: pl.Series) -> None:
        log = pl.DataFrame({"who": ["a"], "day": day, "paid": [1.0]})
        table = summary(log, as_of=dt.date(2024, 2, 2))
        assert table.frame["recency_days"].to_list() == [2]

    @pytest.mark.parametrize(
        ("ids", "expected"),
        [
            ([" 07", "07"], [" 07", "07"]),
            ([17850.0, 12.0], ["17850", "12"]),
            ([1.5, 2.0], ["1.5", "2.0"]),
            ([7, 8], ["7", "8"]),
        ],
    )
    def test_ids_are_text_byte_for_byte(self, ids: list[object], expected: list[str]) -> None:
        log = pl.DataFrame({"who": ids, "day": ["2024-01-31"] * 2, "paid": [1.0, 1.0]})
        assert summary(log).frame["who"].to_list() == expected

    def test_amounts_as_text_with_a_decimal_comma(self) -> None:
        log = LOG.with_columns(paid=pl.format("{}", "paid").str.replace(".", ",", literal=True))
        table = summary(log, number_format=NumberFormat(decimal=",", thousands="."))
        assert rows(table) == rows(summary(LOG))

    def test_cents_add_up_without_rounding_errors(self) -> None:
        log = pl.DataFrame({"who": ["a"] * 10, "day": ["2024-01-31"] * 10, "paid": [0.1] * 10})
        assert summary(log).frame["monetary"].to_list() == [1.0]


class TestRefused:
    def test_an_unknown_column_names_the_nearest(self) -> None:
        with pytest.raises(InputError, match=r"no column 'payed'.*Did you mean 'paid'") as info:
            aggregate_orders(LOG, id="who", date="day", amount="payed")
        assert info.value.code == "E_UNKNOWN_COLUMN"

    @pytest.mark.parametrize("written", ["31/01/2024", "2024-02-30", "yesterday", "45322"])
    def test_a_date_that_cannot_be_read(self, written: str) -> None:
        log = LOG.with_columns(day=pl.Series([*LOG["day"][:6], written]))
        with pytest.raises(InputError, match=rf"'{written}' is not a date .*row 7.*2024-01-31"):
            summary(log)

    def test_numbers_are_not_dates(self) -> None:
        with pytest.raises(InputError, match=r"column 'day' contains integers, not dates"):
            summary(LOG.with_columns(day=pl.lit(20240131)))

    def test_an_amount_that_is_text(self) -> None:
        log = LOG.with_columns(paid=pl.Series([*["1"] * 6, "a lot"]))
        with pytest.raises(InputError, match=r"row 7 contains 'a lot'"):
            summary(log)

    def test_an_amount_too_large_to_be_money(self) -> None:
        with pytest.raises(InputError, match=r"1e\+16 is too large.*row 1\)"):
            summary(LOG.with_columns(paid=pl.lit(1e16)))

    def test_an_order_after_the_day_to_count_back_from(self) -> None:
        with pytest.raises(
            InputError, match=r"after 2024-02-29, .* 2024-03-01.*row 5.*2024-03-05 or later"
        ) as info:
            summary(LOG, as_of=dt.date(2024, 2, 29))
        assert info.value.code == "E_DATE_AFTER_AS_OF"

    def test_a_log_without_a_usable_line(self) -> None:
        with pytest.raises(InputError, match="no line of the order log has a customer") as info:
            summary(LOG.clear(), as_of=dt.date(2024, 2, 29))
        assert info.value.code == "E_NO_ROWS"

    def test_an_id_column_named_like_a_computed_one(self) -> None:
        with pytest.raises(UsageError, match=r"cannot be named 'orders'"):
            aggregate_orders(LOG.rename({"who": "orders"}), id="orders", date="day", amount="paid")


@given(st.permutations(range(60)))
def test_no_figure_depends_on_the_order_of_lines(order: list[int]) -> None:
    draw = random.Random(1)
    log = pl.DataFrame(
        {
            "who": [draw.choice("abcdef") for _ in range(60)],
            "day": [dt.date(2024, 1, draw.randint(1, 31)) for _ in range(60)],
            "paid": [draw.uniform(-20, 100) for _ in range(60)],
        }
    )
    assert summary(log[order]).frame.sort("who").equals(summary(log).frame.sort("who"))


class TestPublishedFigures:
    def test_cdnow(self, data_dir: Path) -> None:
        lines = (data_dir / "CDNOW_master.txt").read_text().split("\n")[1:]
        cells = [line.split() for line in lines if line.strip()]
        log = pl.DataFrame(cells, schema=["who", "day", "cds", "paid"], orient="row")
        table = summary(log)
        assert table.frame.height == 23_570
        assert round(table.frame["monetary"].sum(), 2) == 2_500_315.63
        assert table.frame["who"][0] == "00001"
        assert table.frame["tenure_days"].max() == 546  # 1997-01-01 to 1998-06-30 is 545 days

    def test_online_retail(self, data_dir: Path) -> None:
        log = pl.read_csv(data_dir / "online_retail.csv.gz", infer_schema=False)
        quantity, price = (pl.col(name).cast(pl.Float64) for name in ("Quantity", "UnitPrice"))
        log = log.with_columns(amount=quantity * price)
        columns: dict[str, Any] = {"id": "CustomerID", "date": "InvoiceDate", "amount": "amount"}
        sales = log.filter(quantity > 0, price > 0)

        table = aggregate_orders(
            sales, **columns, order="InvoiceNo", as_of=dt.date(2011, 12, 10)
        ).frame
        assert table.height == 4_338
        assert table["orders"].sum() == 18_532
        assert round(table["recency_days"].to_numpy().mean(), 2) == 93.06
        assert round(table["monetary"].to_numpy().mean(), 2) == 2_054.27
        assert round(table["monetary"].sum(), 3) == 8_911_407.904

        messages = notices(aggregate_orders(log, **columns, order="InvoiceNo"))
        assert messages["W_ORDER_NO_CUSTOMER"].endswith(": 135,080")
        assert messages["W_ONLY_REFUNDS"].endswith(": 33")  # 4,372 have a line, 4,339 bought
