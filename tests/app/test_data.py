"""The page of the data: customers are brought, shown as understood, and put right by hand."""

from __future__ import annotations

import gzip
import io

import polars as pl
import pytest

import ilk
from ilk.app.access import ACCESS_RULES
from ilk.columns.infer import InferredSchema, infer_schema, summarize_source
from ilk.recipe import Recipe
from ilk.tables.source import open_source

PAGES_AFTER = ("Choose", "Segments", "Predict", "Export")


def understood(table: object, recipe: Recipe = Recipe()) -> InferredSchema:  # noqa: B008 - frozen
    return infer_schema(summarize_source(open_source(table, recipe.reading), recipe), recipe)


def shows(person, expected: InferredSchema) -> bool:
    schema = expected.schema
    missing = sum(column.missing for column in schema.profile_columns)
    assert person.figures == [expected.n_rows, len(schema.columns), len(schema.features), missing]
    assert person.roles == {column.name: column.role for column in schema}
    assert person.kinds == {column.name: column.kind for column in schema}
    return True


@pytest.mark.parametrize("page", PAGES_AFTER)
def test_without_customers_every_page_leads_to_them(person, page):
    person.go(page)
    assert not person.at.exception
    assert not person.refusals
    person.click("to Data")
    assert person.uploader("upload")


@pytest.mark.parametrize("name", ilk.demo.DATASETS)
def test_bundled_customers_are_shown_as_they_are_understood(person, name):
    person.take(name)
    assert shows(
        person, understood(ilk.demo.load_customers(name), ilk.demo.get_dataset(name).recipe)
    )
    assert not person.refusals


def test_the_first_result_is_three_clicks_away(person):
    person.click("bundled mall").click("to Choose").click("to Segments")
    assert person.cards.count("<article") == 5
    for segment in ilk.fit(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe).segments:
        assert segment.name in person.cards
        assert f">{segment.figures.customers}<" in person.cards


def excel(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_excel(buffer)
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


FILES = {
    "comma.csv": lambda frame: frame.write_csv().encode(),
    "semicolon.csv": lambda frame: frame.write_csv(separator=";", decimal_comma=True).encode(),
    "tab.tsv": lambda frame: frame.write_csv(separator="\t").encode(),
    "bar.txt": lambda frame: frame.write_csv(separator="|").encode("utf-16"),
    "packed.csv.gz": lambda frame: gzip.compress(frame.write_csv().encode()),
    "book.xlsx": excel,
    "Columns.PARQUET": parquet,
    "lines.jsonl": lambda frame: frame.write_ndjson().encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_an_uploaded_file_is_understood_whatever_its_format(person, mall, name, tmp_path):
    frame = mall.with_columns(
        pl.col("Annual Income (k$)") + 0.25,
        Age=pl.when(pl.col("CustomerID") % 40 == 0).then(None).otherwise("Age"),
    )
    content = FILES[name](frame)
    person.upload(name, content)
    assert person.at.title[0].value.replace("\\", "") == name
    file = tmp_path / name.lower()
    file.write_bytes(content)
    expected = understood(file)
    assert shows(person, expected)
    assert person.figures[0] == 200
    assert expected.schema.id == "CustomerID"
    assert [column.missing for column in expected.schema if column.name == "Age"] == [5]
    for fact, text in expected.source.read_details.items():
        assert f"**{fact.capitalize()}:** {text}" in person.said


def test_the_page_shows_how_a_text_file_was_read(person, mall):
    person.upload("mall.csv", mall.write_csv(separator=";").encode("utf-16"))
    assert "semicolon" in person.said
    assert "utf-16" in person.said.lower()


def test_another_file_can_be_loaded(person, mall_csv):
    person.take("customers")
    person.press("Change file")
    person.upload("mall.csv", mall_csv)
    assert person.figures[0] == 200
    assert person.session.recipe == Recipe()
    assert person.session.k == "auto"


def test_a_file_is_read_from_where_it_is(person, mall_file, monkeypatch):
    person.open_path(mall_file)
    assert shows(person, understood(mall_file))
    assert list(person.session.folder.iterdir()) == []
    assert person.session.table.origin == mall_file


def test_a_path_may_be_copied_in_quotes(person, mall_file):
    person.open_path(f' "{mall_file}" ')
    assert person.figures[0] == 200
    assert person.session.table.expression == f'"{mall_file}"'


@pytest.mark.parametrize("path", ["/nowhere/mall.csv", "~nobody-of-that-name/mall.csv", "/"])
def test_a_path_that_leads_nowhere_is_refused(person, path):
    person.open_path(path)
    assert person.codes == ["E_INPUT_OPEN"]
    assert path in person.refusals[0]


@pytest.mark.parametrize("page", ["Data", "Predict"])
@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.168.1.5"])
def test_where_others_can_reach_the_app_nobody_is_asked_for_a_path(owner, listening, page, address):
    asked = "path of a file"
    if page == "Data":
        owner.session.unload_table()
    owner.go(page)
    assert any(asked in field.label for field in owner.at.text_input)
    listening(address)
    owner.go(page)
    assert not any(asked in field.label for field in owner.at.text_input)
    assert owner.at.file_uploader


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.168.1.5"])
def test_where_others_may_open_files_a_path_stays_in_the_folder_of_the_app(
    person, listening, mall_file, monkeypatch, address
):
    listening(address)
    monkeypatch.setattr(ACCESS_RULES, "paths", True)
    person.go("Data")
    folder = mall_file.parent / "started here"
    folder.mkdir()
    (folder / "link.csv").symlink_to(mall_file)
    monkeypatch.chdir(folder)
    for path in (mall_file, "../mall.csv", "link.csv"):
        person.open_path(path)
        assert person.codes == ["E_PATH_OUTSIDE"]
        assert person.session.table is None
    mall_file.rename(folder / "mine.csv")
    person.open_path("mine.csv")
    assert person.figures[0] == 200


def test_a_file_can_be_read_differently(person):
    # A point and three digits: thousands, unless somebody says that it is a decimal mark.
    rows = "".join(f"{n},{n % 7},2.{n * 7 % 1000:03}\n" for n in range(100, 200))
    person.upload("odd.csv", f"id,x,y\n{rows}".encode())
    before = person.session.get_inferred_schema().sample["y"].max()
    decimal = person.labeled("selectbox", "Decimal")
    other = next(label for label in decimal.options if "comma" in label)
    decimal.set_value(other)
    person.submit("reading")
    assert person.session.recipe.reading.decimal == ","
    after = person.session.get_inferred_schema().sample["y"].max()
    assert (before, after) == (2.994, 2994.0)
    assert person.labeled("selectbox", "Decimal").value == other
    person.go("Choose").go("Data")
    assert person.labeled("selectbox", "Decimal").value == other


def test_a_role_and_a_kind_are_changed_in_the_table(person):
    person.take("mall")
    person.edit_column("Age", role="feature")
    assert person.roles["Age"] == "feature"
    assert person.figures[2] == 3
    person.edit_column("Gender", role="ignore").edit_column("Age", kind="category")
    assert (person.roles["Gender"], person.kinds["Age"]) == ("ignore", "category")
    person.go("Choose").go("Data")
    assert (person.roles["Gender"], person.kinds["Age"]) == ("ignore", "category")
    assert person.roles["Annual Income (k$)"] == "feature"


def test_a_change_that_cannot_be_is_refused_and_can_be_taken_back(person):
    person.take("mall").edit_column("Annual Income (k$)", role="describe")
    before = person.session.recipe
    person.edit_column("Spending Score (1-100)", role="describe")
    assert person.codes == ["E_NO_FEATURES"]
    assert person.session.recipe == before
    person.edit_column("Spending Score (1-100)", role="feature")
    assert person.refusals == []
    assert person.session.recipe == before


def test_the_id_can_be_moved_to_another_column_and_back(person):
    rows = "".join(f"a{n},b{n},{n * n % 17},{n * 7 % 23}\n" for n in range(60))
    person.upload("two ids.csv", f"first,second,x,y\n{rows}".encode())
    assert person.roles["first"] == "id"
    for name in ("second", "first", "second"):
        person.edit_column(name, role="id")
        assert [column for column, role in person.roles.items() if role == "id"] == [name]


def test_the_number_of_segments_is_chosen_again_when_columns_change(person):
    rows = "".join(f"{n},{n * n % 17},{n * 7 % 23},{n % 3}\n" for n in range(60))
    person.upload("few.csv", f"id,x,y,z\n{rows}".encode()).go("Choose")
    person.at.slider[0].set_value(4).run()
    assert person.session.k == 4
    # Of three different customers there cannot be four segments.
    person.go("Data").edit_column("x", role="describe").edit_column("y", role="describe")
    person.go("Choose").go("Segments")
    assert person.refusals == []
    assert len(person.session.get_run().segments) <= 3


def test_columns_are_named_by_hand_where_the_rules_find_no_way(person):
    lines = [f"{n},{n * n % 17},{n * 7 % 23}" for n in range(60)]
    lines[40] = "40,many,3"
    person.upload("hand.csv", "\n".join(["id,x,y", *lines]).encode())
    assert person.codes == ["E_TEXT_IN_NUMBER"]
    person.labeled("multiselect", "Columns to leave out").set_value(["x"])
    person.submit("by hand")
    assert person.refusals == []
    assert person.roles == {"id": "id", "x": "ignore", "y": "feature"}
    assert person.session.recipe == Recipe(ignore=("x",))
