"""The form of readable names: its rows and the labels they make are two forms of the same."""

from __future__ import annotations

import ilk
from ilk.app.label_form import apply_labels, collect_labels, list_level_rows, list_name_rows
from ilk.columns.coded import make_label_template
from ilk.columns.infer import infer_schema, summarize_source
from ilk.recipe import Recipe
from ilk.tables.source import open_source

LABELS = {
    "Gender": {"name": "Sex", "levels": {"Male": "men"}, "order": ["Male", "Female"]},
    "CustomerID": {"name": "Customer"},
}


def infer(recipe):
    source = open_source(ilk.demo.load("mall"))
    return infer_schema(summarize_source(source, recipe), recipe).schema


def test_saving_what_is_shown_changes_nothing():
    recipe = Recipe(labels=LABELS)
    template = make_label_template(infer(recipe), recipe.labels)
    levels = list_level_rows(template)
    assert [(row["Value"], row["Readable name"], row["Order"]) for row in levels] == [
        ("Male", "men", 1),
        ("Female", "", 2),
    ]
    saved = collect_labels(recipe.labels, list_name_rows(template), levels)
    assert apply_labels(recipe, saved) == recipe


def test_what_is_typed_is_kept():
    template = make_label_template(infer(Recipe()))
    names, levels = list_name_rows(template), list_level_rows(template)
    next(row for row in names if row["Column"] == "Age")["Readable name"] = "Years of age"
    levels[0] |= {"Readable name": "women", "Order": 2}
    levels[1] |= {"Order": 1}
    recipe = apply_labels(Recipe(), collect_labels(None, names, levels))
    assert recipe.labels == {
        "Age": {"name": "Years of age"},
        "Gender": {"levels": {"Female": "women"}, "order": ["Male", "Female"]},
    }
    assert "Years of age" in [column.name for column in infer(recipe)]


def type_name(person, column, name):
    editor = person.at.data_editor[1]
    row = list(editor.value["Column"]).index(column)
    state = {"edited_rows": {row: {"Readable name": name}}, "added_rows": [], "deleted_rows": []}
    person.at.session_state[str(editor.key)] = state
    return person.submit("labels")


def test_names_are_saved_shown_and_downloaded(person):
    type_name(person.take("mall"), "Age", "Years of age")
    assert person.session.recipe.labels == {"Age": {"name": "Years of age"}}
    assert "Years of age" in person.roles
    assert b'name = "Years of age"' in person.downloads["labels.toml"]
    type_name(person, "Gender", "years of age")
    assert person.codes == ["E_LABELS"]
    assert person.session.recipe.labels == {"Age": {"name": "Years of age"}}
