"""Sensitive traits and IDs are found in other languages, and by their values."""

from __future__ import annotations

import pandas as pd
import pytest

import ilk
from ilk.errors import InputError

N = 60
SPEND = [(i * i * 7.5) % 991 for i in range(N)]


def repeat(levels):
    return [levels[i % len(levels)] for i in range(N)]


@pytest.mark.parametrize(
    "name",
    [
        *("is_male", "civil_status", "Anrede", "Sexo", "Geschlecht", "medeni durum", "Civilité"),
        *("Familienstand", "Estado Civil", "sesso", "stato_civile", "geslacht", "płeć", "пол"),
        *("situation familiale", "cinsiyet", "Staatsangehoerigkeit", "семейное положение"),
    ],
)
def test_sensitive_traits_of_other_names(infer, name):
    column = infer({name: repeat(["a", "b", "c"]), "spend": SPEND})[0][name]
    assert (column.role, column.reason) == ("describe", "a sensitive trait")


@pytest.mark.parametrize(
    "levels",
    [
        *(["Mr", "Mrs", "Ms", "Dr."], ["Herr", "Frau", "Firma"], ["male", "female", "unknown"]),
        *(["M", "F"], ["m", "w", "d"], ["Monsieur", "Madame"], ["Hombre", "Mujer"]),
        *(["single", "married", "divorced"], ["evli", "bekar"], ["муж", "жен"], ["M", "K"]),
    ],
)
def test_sensitive_traits_by_their_values(infer, levels):
    _, notices = infer({"t": repeat(levels), "spend": SPEND}, features=("t", "spend"))
    assert [notice.code for notice in notices if notice.column == "t"] == ["W_SENSITIVE"]
    column = infer({"t": repeat(levels), "spend": SPEND})[0]["t"]
    assert (column.role, column.reason) == ("describe", "a sensitive trait, by its values")


@pytest.mark.parametrize(
    "levels",
    [["S", "M", "L"], ["single", "double"], ["M", "Q"], ["Dr", "Prof"], ["none", "other"]],
)
def test_other_values_are_not_sensitive(infer, levels):
    assert infer({"t": repeat(levels), "spend": SPEND})[0]["t"].role == "feature"


@pytest.mark.parametrize(
    "name",
    [
        *("Kundennummer", "Kunden-Nr.", "Mitgliedsnummer", "Cliente", "id_cliente", "cuenta"),
        *("account", "Número de cliente", "numero client", "codice cliente", "klantnummer"),
        *("nr_klienta", "müşteri no", "номер клиента", "Konto", "Código do cliente", "card no"),
    ],
)
def test_ids_of_other_names(infer, name):
    codes = [100_200 + 7 * i * i for i in range(N)]
    columns, notices = infer({"spend": SPEND, name: codes, "visits": repeat([1, 5, 9, 30])})
    assert {key: column.role for key, column in columns.items()} == {
        "spend": "feature",
        name: "id",
        "visits": "feature",
    }
    assert not notices


def test_amounts_of_an_account_are_no_ids(infer):
    assert infer({"account": SPEND, "x": SPEND[::-1]})[0]["account"].role == "feature"


def test_the_only_column_of_codes_is_the_id(infer):
    codes = [100_203 + 17 * i**2 for i in range(N)]
    columns, notices = infer({"kx": codes, "spend": SPEND})
    assert columns["kx"].role == "id"
    assert notices[0].message == (
        "its integers look like codes, so it is the customer ID; if it measures something, use "
        'numeric=["kx"]'
    )
    assert infer({"kx": codes, "spend": SPEND}, numeric=("kx",))[0]["kx"].role == "feature"
    assert infer({"kx": range(1, N + 1), "spend": SPEND})[0]["kx"].role == "id"


def test_measures_of_six_digits_are_no_serial_numbers(infer):
    table = {"client_id": range(N), "assessed": [100_203 + 17 * i**2 for i in range(N)]}
    assert infer({**table, "spend": SPEND})[0]["assessed"].role == "feature"
    rounded = {"assessed": [103_000 + 11_000 * i for i in range(N)], "spend": SPEND}
    assert infer(rounded)[0]["assessed"].role == "feature"
    several = {"a": table["assessed"], "b": [101_011 + 23 * i**2 for i in range(N)]}
    decided = infer({**several, "spend": SPEND})[0]
    assert [column.role for column in decided.values()][:2] == ["feature", "ignore"]


@pytest.mark.parametrize("name", ["name", "Full Name", "email", "Adresse", "phone", "Nachname"])
def test_a_name_that_two_customers_share_is_not_the_id(infer, name):
    people = [f"Person {i}" for i in range(N)]
    assert infer({name: people, "spend": SPEND})[0][name].role == "id"
    people[-1] = people[0]
    columns, notices = infer({name: people, "spend": SPEND})
    assert columns[name].role == "ignore"
    assert notices[0].message == (
        "not the customer ID, because customers share values of it, so they get the numbers of "
        "their rows; name an ID with id="
    )


def test_names_that_many_share_are_left_out(infer):
    people = repeat(["Ann", "Bob", "Eve"])
    assert infer({"first_name": people, "spend": SPEND})[0]["first_name"].role == "ignore"
    assert infer({"contact": people, "spend": SPEND})[0]["contact"].role == "feature"


def test_a_customer_id_that_repeats_is_still_refused(infer):
    ids = [*range(N - 1), 0]
    with pytest.raises(InputError, match="1 customer ID appears more than once"):
        infer({"Kundennummer": ids, "spend": SPEND})


def test_the_named_index_of_a_pandas_frame_is_the_id():
    frame = pd.DataFrame({"spend": SPEND, "visits": repeat([1, 5, 9, 30])})
    frame.index = pd.Index([f"B{i}" for i in range(N)], name="holder of the pass")
    run = ilk.fit(frame, k=2, fast=True)
    assert run.customers.columns == ["holder of the pass", "segment", "segment_name"]
    assert run.customers["holder of the pass"][0] == "B0"
    assert run.model.predict(frame)["holder of the pass"][0] == "B0"


def test_an_index_without_a_name_or_with_repeats_is_not_the_id():
    frame = pd.DataFrame({"spend": SPEND, "visits": repeat([1, 5, 9, 30])})
    assert ilk.fit(frame, k=2, fast=True).customers.columns[0] == "row"
    frame.index = pd.Index(repeat(["a", "b", "c"]), name="region")
    run = ilk.fit(frame, k=2, fast=True)
    assert run.customers.columns[0] == "row"
