"""The file of labels: what it may hold, and every refusal with its way out."""

from __future__ import annotations

import pytest

from ilk.column_labels import LabelTables, is_unfilled, render_labels
from ilk.errors import UsageError
from ilk.recipe import Recipe, read_recipe, resolve_recipe

SEX = {"Sex": {"name": "Gender", "levels": {"0": "male", "1": "female"}}}


def write(folder, text):
    file = folder / "labels.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_path_and_a_mapping_say_the_same(tmp_path):
    file = write(tmp_path, '[Sex]\nname = "Gender"\n[Sex.levels]\n0 = "male"\n1 = "female"\n')
    assert resolve_recipe({"labels": file}).labels == SEX
    assert resolve_recipe({"labels": str(file)}).labels == SEX
    assert Recipe(labels={"Sex": {"name": "Gender", "levels": {0: "male", 1: "female"}}}) == Recipe(
        labels=SEX
    )
    assert Recipe(labels={"Sex": " Gender "}).labels == {"Sex": {"name": "Gender"}}


def test_labels_survive_a_recipe_file(tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text(Recipe(labels=SEX).to_toml(), encoding="utf-8")
    assert resolve_recipe({}, read_recipe(file)).labels == SEX


def test_what_is_empty_says_nothing(tmp_path):
    empty = {"Sex": {"name": "", "levels": {"0": "", "1": " "}, "order": []}}
    assert Recipe(labels=empty).labels is None
    assert is_unfilled(write(tmp_path, render_labels(empty)))
    assert not is_unfilled(write(tmp_path, render_labels(SEX)))
    assert not is_unfilled(write(tmp_path, "[Sex"))


def test_rendered_labels_read_back(tmp_path):
    labels = {"Kind, of (job)": {"name": 'The "job"', "levels": {"ü 1": "é"}, "order": ["ü 1"]}}
    assert LabelTables().check(write(tmp_path, render_labels(labels))) == labels


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"a": {"name": "x"}, "b": {"name": "X"}}, r"the columns 'a' and 'b' have the same name"),
        ({"a": {"name": "b"}, "b": {"order": ["1"]}}, r"the columns 'a' and 'b' have the same"),
        (
            {"a": {"levels": {"1": "x", "2": "X "}}},
            r"the values '1' and '2' have the same name, 'X' \(labels=, column 'a'\). Give them",
        ),
        ({"a": {"order": ["1", "1"]}}, r"'1' stands twice in the order"),
        ({"a": {"names": "x"}}, r"there is no entry 'names' .*Did you mean 'name'"),
        ({"a": {"name": 5}}, r"'5' is no text"),
        ({"a": {"name": "x\ny"}}, r"has a line break .*Use one line"),
        ({"a": {"levels": ["x"]}}, r"'levels' is no table"),
        ({"a": {"order": "1,2"}}, r"'order' is no list"),
        ({"a": 5}, r"'5' is no table"),
    ],
)
def test_labels_that_cannot_be(labels, message):
    with pytest.raises(UsageError, match=message) as refusal:
        Recipe(labels=labels)
    assert refusal.value.code == "E_LABELS"


def test_files_that_are_none(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be opened: .* Check the path of the file of"):
        resolve_recipe({"labels": tmp_path / "none.toml"})
    with pytest.raises(UsageError, match=r"is not valid TOML: .* Correct the line named"):
        resolve_recipe({"labels": write(tmp_path, "name: x")})
    for encoding in ("cp1252", "utf-16"):
        (tmp_path / "labels.toml").write_text('[a]\nname = "Größe"', encoding=encoding)
        with pytest.raises(UsageError, match=r"is not encoded as UTF-8 .*Save it as UTF-8"):
            resolve_recipe({"labels": tmp_path / "labels.toml"})
    with pytest.raises(UsageError, match=r"is not a valid value \(labels=\). Use a TOML file"):
        resolve_recipe({"labels": 7})
