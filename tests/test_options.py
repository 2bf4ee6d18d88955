"""A choice is declared once: every surface offers it from there, and names it in its own way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import typer.main

import ilk
from ilk.app.markdown import spell_label
from ilk.app.option_form import select_form_options
from ilk.cli import options as cli_options
from ilk.cli.main import app
from ilk.errors import InputError, UsageError, format_place, spell_parameter
from ilk.options import OneOf, Share, format_parameters, list_options, option
from ilk.recipe import GROUPS, OPTIONS, READING, SEGMENTS, Reading, Recipe

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ilk"


@dataclass(frozen=True, kw_only=True)
class LongerRecipe(Recipe):
    """A recipe with one option more, which no surface has ever heard of."""

    patience: Literal["little", "much"] = option(
        "much", group=SEGMENTS, help="How long to look", label="Patience"
    )


def find_flags(command: str) -> set[str]:
    group: Any = typer.main.get_command(app)
    return {flag for param in group.commands[command].params for flag in param.opts}


def test_every_option_is_on_every_surface_unless_its_declaration_says_otherwise():
    declared = {name for choices in (Recipe, Reading) for name in vars(choices())}
    assert OPTIONS.keys() == declared - {"reading"}
    on_command_line = {entry.flag for entry in OPTIONS.values() if entry.on_command_line}
    assert on_command_line <= find_flags("fit")
    hidden = {entry.flag for entry in OPTIONS.values() if not entry.on_command_line}
    assert hidden.isdisjoint(find_flags("fit"))
    on_forms = {
        entry.name
        for choices in (Recipe, Reading)
        for entry in select_form_options(choices, *GROUPS)
    }
    assert on_forms == {name for name, entry in OPTIONS.items() if entry.on_form}
    for choices in (Recipe, Reading):
        for entry in list_options(choices):
            assert f"\n    {entry.name} : " in str(choices.__doc__)
    for name in ilk.Segmenter().get_params():
        assert f"\n    {name} : " in str(ilk.Segmenter.__doc__)


def test_a_new_option_reaches_the_surfaces_from_its_declaration_alone():
    added = next(entry for entry in list_options(LongerRecipe) if entry.name == "patience")
    assert LongerRecipe().patience == "much"
    assert LongerRecipe(patience="little").to_dict()["patience"] == "little"
    with pytest.raises(UsageError, match=r"\(patience=\)\. Use 'little' or 'much'"):
        LongerRecipe(patience="some")  # type: ignore[arg-type]
    assert added in cli_options.RecipeOptions().select(list_options(LongerRecipe))
    parameter = cli_options.make_parameter(added)
    assert parameter.annotation.__metadata__[0].help == (
        "How long to look: little or much. [default: much]"
    )
    assert added in select_form_options(LongerRecipe, SEGMENTS)
    assert "patience : str, optional" in format_parameters([added])


@pytest.mark.parametrize("name", ["min_share", "onehot", "max_bad_rows"])
def test_an_option_is_named_only_where_it_is_declared_and_where_it_acts(name):
    naming = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(rf"\b{name}\b", path.read_text("utf-8"))
    }
    surfaces = {place for place in naming if place.startswith(("cli/", "app/", "api", "estimator"))}
    # `predict` reads every row, so it has no use for a number of rows to skip.
    assert surfaces == ({"cli/main.py"} if name == "max_bad_rows" else set())
    assert "recipe.py" in naming


def test_options_have_a_help_text_a_label_and_a_group():
    for entry in OPTIONS.values():
        assert entry.label
        assert entry.help[0].isupper()
        assert not entry.help.endswith(".")
        assert entry.group in GROUPS
        assert entry.check(entry.default) == entry.default
        for suggestion in entry.suggestions.values():
            assert entry.check(suggestion) == suggestion


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("k", "auto", "auto"),
        ("k", "7", 7),
        ("pca", "3", 3),
        ("pca", "0.9", 0.9),
        ("pca", "none", None),
        ("delimiter", "tab", "\t"),
        ("delimiter", "\\t", "\t"),
        ("features", 'a, b,"c, d"', ("a", "b", "c, d")),
        ("sheet", "March", "March"),
    ],
)
def test_what_is_typed_is_read_as_it_is_meant(name, typed, kept):
    entry = OPTIONS[name]
    assert entry.check(entry.values.parse(typed)) == kept


@pytest.mark.parametrize("value", [-0.01, 1, 1.01, "0.5", True, None, float("nan"), 10**400])
def test_a_share_is_a_number_from_0_to_1(value):
    with pytest.raises(UsageError, match=r"not a valid value \(min_share=\)"):
        OPTIONS["min_share"].check(value)
    assert [Share().check(share) for share in (0, 0.5, 1)] == [0.0, 0.5, 1.0]


def test_punctuation_is_not_listed_in_a_help_text():
    assert OneOf(("csv", "parquet")).notation == "csv or parquet"
    assert OneOf((".", ",")).notation == ""


def test_each_surface_spells_an_option_its_own_way():
    error = InputError(
        "E_X",
        "too few for {k_max}",
        place=format_place("a.csv", line=3),
        way_out="Use {missing}, {ignore} or {fast}, not {other}.",
        options={"k_max": None, "missing": "median", "ignore": ["Age", "Fax"], "fast": True},
    )
    assert error.render(spell_parameter) == str(error)
    assert str(error) == (
        "too few for k_max= (a.csv, line 3). "
        'Use missing="median", ignore=["Age", "Fax"] or fast=True, not {other}. [E_X]'
    )
    assert error.render(cli_options.spell_flag) == (
        "too few for --k-max (a.csv, line 3). "
        'Use --missing median, --ignore "Age","Fax" or --fast, not {other}. [E_X]'
    )
    assert error.render(spell_label) == (
        "too few for “Largest number of segments tried” (a.csv, line 3). "
        "Use “Missing values: median”, “Columns to leave out: Age, Fax” or “Skip the tests”, "
        "not {other}. [E_X]"
    )
    assert error.options == ("k_max", "missing", "ignore", "fast")


def test_what_an_error_names_exists_on_the_command_line():
    for path in SOURCE.rglob("*.py"):
        for names in re.findall(r"options=[({]([^)}]*)[)}]", path.read_text("utf-8")):
            for name in re.findall(r"\"(\w+)\"(?=[:,]|$)", names):
                if name in OPTIONS or name in ("exclude", "overwrite"):
                    assert cli_options.spell_flag(name) in find_flags("fit")


def list_texts(path: Path) -> Iterator[str]:
    """The strings of a module, without docstrings and the parts of them that are code."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in docstrings:
            yield text


def test_no_text_outside_the_command_line_spells_an_option_as_it_does():
    spelled = [
        (path.relative_to(SOURCE), text)
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] != "cli"
        for text in list_texts(path)
        if re.search(r"(^|[^\w-])--[a-z]", text)
    ]
    assert spelled == []


def test_reading_a_file_is_offered_in_the_order_of_its_declaration():
    names = [entry.name for entry in select_form_options(Reading, READING)]
    assert names[:2] == ["delimiter", "decimal"]
