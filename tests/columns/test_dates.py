"""Dates and years become the numbers that an analyst would make of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest

import ilk
from ilk.columns.date_cells import convert_dates
from ilk.columns.dates import name_time
from ilk.errors import InputError, UsageError

N = 60
SPEND = [(i * i * 7.5) % 991 for i in range(N)]
DAYS = [date(2024, 3, 1) - timedelta(days=(i * i * 7) % 700) for i in range(N)]
LONG_AGO = [date(2024, 3, 1) - timedelta(days=50 * i) for i in range(N)]
YEARS = [2006 + i % 19 for i in range(N)]
SECONDS = [1_700_000_000 + 90_000 * i for i in range(N)]
AGES = [(date(2024, 3, 1) - day).days for day in DAYS]


def count(infer, name, values, **choices):
    """The column that a column of dates becomes."""
    columns, _ = infer({name: values, "spend": SPEND}, **choices)
    return next(iter(columns.values()))


@pytest.mark.parametrize(
    "values",
    [
        DAYS,
        [datetime(day.year, day.month, day.day, 17, 5) for day in DAYS],
        *(
            [day.strftime(layout) for day in DAYS]
            for layout in (
                *("%Y-%m-%d", "%Y-%m-%dT10:00:00Z", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d"),
                *("%d.%m.%y 17:05", "%d %B %Y", "%b %d, %Y", "%d-%b-%Y", "%Y%m%d", " %Y-%m-%d "),
            )
        ),
        [int(day.strftime("%Y%m%d")) for day in DAYS],
        [(day - date(1970, 1, 1)).days * 86_400 + 3_600 for day in DAYS],
        [(day - date(1970, 1, 1)).days * 86_400_000 for day in DAYS],
    ],
)
def test_the_same_dates_in_any_layout_become_the_same_days(infer, values):
    column = count(infer, "last_order_date", values)
    assert (column.name, column.kind, column.role) == ("days since last order", "number", "feature")
    assert column.reason == "from 'last_order_date', as of 2024-03-01"
    assert column.conversion is not None
    cells = pl.Series("last_order_date", values)
    assert convert_dates(cells, column.conversion).to_list() == AGES


@pytest.mark.parametrize(
    ("name", "values", "expected", "unit"),
    [
        ("customer_since", YEARS, "years as customer", "years"),
        ("Member since", YEARS, "years as customer", "years"),
        ("signup_date", LONG_AGO, "years as customer", "years"),
        ("Eintrittsdatum", DAYS, "days as customer", "days"),
        ("birth_year", [1940 + i % 60 for i in range(N)], "age", "years"),
        ("Geburtsdatum", [f"{1 + i % 28}.3.{1940 + i}" for i in range(N)], "age", "years"),
        ("fecha_nacimiento", [date(1940 + i, 3, 1) for i in range(N)], "age", "years"),
        ("letzte_bestellung", DAYS, "days since last bestellung", "days"),
        ("last_login_epoch", SECONDS, "days since last login", "days"),
        ("renewal_date", DAYS, "days until renewal", "days"),
        ("year of last visit", YEARS, "years since last visit", "years"),
        ("date", DAYS, "days since date", "days"),
    ],
)
def test_what_dates_become(infer, name, values, expected, unit):
    column = count(infer, name, values)
    assert (column.name, column.unit, column.source) == (expected, unit, name)
    assert column.meaning == ("age" if expected == "age" else "duration")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("visits", YEARS),
        ("year", [100 + i for i in range(N)]),
        ("account", [1_700_000_000.5 + 90_000 * i for i in range(N)]),
        ("days_since_signup", [i * i % 97 for i in range(N)]),
        ("order_id", [1_700_000_000 + 90_000 * (i % 40) for i in range(N)]),
    ],
)
def test_other_numbers_stay(infer, name, values):
    assert count(infer, name, values).name == name


def test_the_day_is_the_latest_that_does_not_lie_ahead(infer):
    table = {
        "last_visit": DAYS,
        "expiry_date": [day + timedelta(days=900) for day in DAYS],
        "birth_year": [1950 + i % 50 for i in range(N)],
        "customer_since": [2000 + i % 25 for i in range(N)],
        "spend": SPEND,
    }
    columns, notices = infer(table)
    assert {c.conversion.as_of for c in columns.values() if c.conversion} == {"2024-03-01"}
    message = next(notice.message for notice in notices if notice.code == "W_AS_OF")
    assert message.startswith("dates are counted to 2024-03-01, the latest date in the table; ")
    assert message.endswith("name another day with as_of=")
    columns, notices = infer(table, as_of="2025-01-01")
    assert {c.conversion.as_of for c in columns.values() if c.conversion} == {"2025-01-01"}
    assert "W_AS_OF" not in {notice.code for notice in notices}


def test_years_of_birth_alone_take_the_youngest_to_be_18(infer):
    columns, notices = infer({"birth_year": [1940 + i % 60 for i in range(N)], "spend": SPEND})
    assert columns["age"].conversion.as_of == "2017-12-31"
    assert "on which the youngest customer is 18" in notices[0].message


def test_a_day_that_is_none_is_refused():
    with pytest.raises(UsageError, match=r"'soon' is not a valid value \(as_of=\)"):
        ilk.fit(ilk.demo.load("mall"), as_of="soon")


def test_ages_beside_an_age_have_another_name_and_are_redundant(infer):
    years = [1940 + i * 7 % 60 for i in range(N)]
    columns, _ = infer({"birth_year": years, "age": [2024 - y for y in years], "spend": SPEND})
    assert columns["age from birth_year"].role == "feature"
    assert columns["age"].reason == "same information as 'birth_year'"


def test_dates_may_only_describe_or_be_left_out(infer):
    table = {"last_order": DAYS, "spend": SPEND, "x": SPEND[::-1]}
    described, _ = infer(table, describe=("last_order",))
    assert described["days since last order"].role == "describe"
    unrequested, _ = infer(table, features=("spend", "x"))
    assert unrequested["days since last order"].role == "describe"
    assert infer(table, features=("last_order",))[0]["days since last order"].role == "feature"
    ignored, _ = infer(table, ignore=("last_order",))
    assert ignored["last_order"].role == "ignore"


def test_dates_written_in_several_ways_are_left_out(infer):
    mixed = [day.strftime("%d.%m.%Y" if i % 2 else "%Y-%m-%d") for i, day in enumerate(DAYS)]
    columns, notices = infer({"last_order": mixed, "spend": SPEND})
    assert columns["last_order"].reason == "dates that cannot be read"
    assert notices[0].message == "left out: it holds dates that cannot be read"
    with pytest.raises(InputError, match="cannot be read") as caught:
        infer({"last_order": mixed, "spend": SPEND}, features=("last_order",))
    assert caught.value.code == "E_DATE_FEATURE"


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("house_number", [i * 7 % 250 for i in range(N)], "ignore"),
        ("Hausnummer", [i * 7 % 250 for i in range(N)], "ignore"),
        ("latitude", [50 + i % 17 / 7 for i in range(N)], "ignore"),
        ("longitud", [2 + i % 17 / 7 for i in range(N)], "ignore"),
        ("invoice_no", [50_000 + i // 3 for i in range(N)], "ignore"),
        ("birth_month", [1 + i % 12 for i in range(N)], "describe"),
        ("Geburtsmonat", [1 + i % 12 for i in range(N)], "describe"),
        ("day_of_week", [i % 7 for i in range(N)], "describe"),
    ],
)
def test_numbers_that_are_no_amounts(infer, name, values, role):
    table = {"id": range(N), name: values, "spend": SPEND}
    assert infer(table)[0][name].role == role
    forced = infer(table, numeric=(name,))[0][name]
    assert (forced.role, forced.kind) == ("feature", "number")


# The whole way: fit, write, load, predict.


@pytest.fixture(scope="module")
def customers():
    old = [i % 2 for i in range(N)]
    return pl.DataFrame(
        {
            "client_id": range(N),
            "customer_since": [
                2006 + i % 5 if flag else 2020 + i % 5 for i, flag in enumerate(old)
            ],
            "last_order": [
                f"{date(2024, 6, 1) - timedelta(days=i % 9 if flag else 300 + i)}"
                for i, flag in enumerate(old)
            ],
            "orders": [20 + i % 7 if flag else 2 + i % 3 for i, flag in enumerate(old)],
        }
    )


@pytest.fixture(scope="module")
def run(customers):
    return ilk.fit(customers, k=2, fast=True)


def test_segments_tell_days_and_years(run, customers):
    means = {figures.column: figures.mean for figures in run.model.everyone.numbers}
    assert means["years as customer"] == pytest.approx(2024 - customers["customer_since"].mean())
    since = [(date(2024, 6, 1) - date.fromisoformat(day)).days for day in customers["last_order"]]
    assert means["days since last order"] == pytest.approx(sum(since) / N)


def test_a_saved_model_counts_to_the_day_of_its_training(run, customers, tmp_path):
    ilk.save(run.model, tmp_path / "model.json")
    model = ilk.load(tmp_path / "model.json")
    assert model.schema == run.model.schema
    predicted = model.predict(customers)
    assert predicted["segment"].to_list() == run.customers["segment"].to_list()
    one_by_one = [model.predict(customers[i])["segment"][0] for i in range(0, N, 9)]
    assert one_by_one == predicted["segment"].to_list()[::9]


def test_a_model_counts_to_another_day_on_request(run, customers):
    recent = customers.filter(pl.col("customer_since") < 2015)
    before = run.model.predict(recent)["segment"].unique().to_list()
    later = run.model.with_as_of("2025-06-01").assign(recent).cells["days since last order"]
    now = run.model.assign(recent).cells["days since last order"]
    assert len(before) == 1
    assert (later - now).unique().to_list() == [365.0]
    with pytest.raises(UsageError, match="'soon' is not a valid value"):
        run.model.with_as_of("soon")


def test_the_numbers_may_be_given_instead_of_the_dates(run, customers):
    given = {"years as customer": 16, "days since last order": 4, "orders": 23}
    dates = {"customer_since": 2008, "last_order": "2024-05-28", "orders": 23}
    assert run.model.predict(given)["margin"][0] == run.model.predict(dates)["margin"][0]


def test_a_cell_that_is_no_date_is_refused(run, customers):
    wrong = customers.with_columns(
        last_order=pl.when(pl.col("client_id") == 4).then(pl.lit("soon")).otherwise("last_order")
    )
    with pytest.raises(
        InputError, match="'last_order' holds dates, but row 5 contains 'soon'"
    ) as e:
        run.model.predict(wrong)
    assert e.value.code == "E_NOT_A_DATE"
    with pytest.raises(InputError, match="'last_order' is missing"):
        run.model.predict(customers.drop("last_order"))


def test_a_pipeline_of_scikit_learn_cannot_count_dates(run):
    from ilk.model.sklearn_export import to_pipeline

    with pytest.raises(UsageError, match="cannot read dates") as caught:
        to_pipeline(run.model)
    assert caught.value.code == "E_EXPORT"


def test_the_command_counts_to_a_day(customers, tmp_path):
    from typer.testing import CliRunner

    from ilk.cli.main import app

    customers.write_csv(tmp_path / "customers.csv")
    out = tmp_path / "out"
    arguments = ["fit", str(tmp_path / "customers.csv"), "--k", "2", "--fast", "--out", str(out)]
    result = CliRunner().invoke(app, [*arguments, "--as-of", "2024-12-31"])
    assert result.exit_code == 0, result.output
    assert "as of 2024-12-31" in result.output
    model = str(out / "model.json")
    predicted = CliRunner().invoke(
        app, ["predict", model, str(tmp_path / "customers.csv"), "--as-of", "2025-12-31"]
    )
    assert predicted.exit_code == 0, predicted.output


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("Letzter Aufenthalt", "days since last Aufenthalt"),
        ("Last Stay", "days since last stay"),
        ("LETZTER KAUF", "days since last kauf"),
    ],
)
def test_a_noun_of_another_language_keeps_its_capital(column, name):
    assert name_time(column, "days", ahead=False) == name
