"""What the user says that a column holds overrules everything."""

from __future__ import annotations

from typing import get_args

import pytest

from ilk.errors import InputError, UsageError
from ilk.recipe import MEANINGS, Recipe
from ilk.schema import Meaning

N = 60
SPEND = [(i * i * 7.5) % 991 for i in range(N)]
COUNTS = [i * i % 97 for i in range(N)]
TABLE = {"x": COUNTS, "spend": SPEND}


@pytest.mark.parametrize(
    ("meaning", "kind", "reason"),
    [
        ("money", "number", "a number: an amount of money, as chosen"),
        ("count", "number", "a number: a count, as chosen"),
        ("age", "number", "a number: an age in years, as chosen"),
        ("scale", "number", "a number: a score, as chosen"),
    ],
)
def test_a_chosen_meaning(infer, meaning, kind, reason):
    column = infer(TABLE, columns_as={"x": meaning})[0]["x"]
    assert (column.meaning, column.kind, column.reason) == (meaning, kind, reason)


def test_numbers_become_codes_and_codes_numbers(infer):
    table = {"size": [i % 7 for i in range(N)], "region": [i % 4 for i in range(N)], "s": SPEND}
    columns, notices = infer(table, columns_as={"size": "code", "region": "count"})
    assert [columns["size"].kind, columns["region"].kind] == ["category", "number"]
    assert columns["size"].reason == "a code, as chosen; a category with 7 values"
    assert [notice.code for notice in notices] == ["W_LABELS"]  # which offers names for them


def test_places_are_left_out_and_other_numbers_kept(infer):
    assert infer(TABLE, columns_as={"x": "place"})[0]["x"].role == "ignore"
    latitude = {"latitude": COUNTS, "spend": SPEND}
    assert infer(latitude, columns_as={"latitude": "count"})[0]["latitude"].role == "feature"


def test_years_and_dates_that_no_name_tells(infer):
    years = [1990 + i % 30 for i in range(N)]
    table = {"built": years, "spend": SPEND}
    assert "built" in infer(table)[0]
    assert "years since built" in infer(table, columns_as={"built": "year"})[0]
    table = {"customer_since": years, "spend": SPEND}
    assert "customer_since" in infer(table, columns_as={"customer_since": "count"})[0]


def test_every_meaning_can_be_chosen():
    assert get_args(Meaning) == MEANINGS


def test_meanings_are_kept_as_texts():
    recipe = Recipe(columns_as={"x": "money", "a=b": "age"})  # type: ignore[arg-type]
    assert recipe.columns_as == ("x=money", "a=b=age")
    assert Recipe(columns_as=recipe.columns_as) == recipe


@pytest.mark.parametrize("wrong", [{"x": "gold"}, ["x"], "x=money", ["=money"], 3])
def test_a_meaning_that_does_not_exist_is_refused(wrong):
    with pytest.raises(UsageError, match=r"Use a mapping such as .*money.*several"):
        Recipe(columns_as=wrong)


def test_a_column_that_does_not_exist_is_refused(infer):
    with pytest.raises(InputError, match="no column 'y'") as caught:
        infer(TABLE, columns_as={"y": "money"})
    assert caught.value.code == "E_UNKNOWN_COLUMN"
    with pytest.raises(UsageError, match="'x' is named both by numeric= and by categorical="):
        infer(TABLE, columns_as={"x": "code"}, numeric=("x",))


def test_the_command_line_takes_several_meanings(tmp_path):
    import polars as pl
    from typer.testing import CliRunner

    from ilk.cli.main import app

    pl.DataFrame({"id": range(N), "y": COUNTS[::-1], **TABLE}).write_csv(tmp_path / "a.csv")
    out = ["--out", str(tmp_path / "out"), "--k", "2", "--fast"]
    result = CliRunner().invoke(
        app, ["fit", str(tmp_path / "a.csv"), "--as", "x=money", "--as", "y=count", *out]
    )
    assert result.exit_code == 0, result.output
    assert "an amount of money, as chosen" in result.output
    assert "a count, as chosen" in result.output
