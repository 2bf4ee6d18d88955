"""Snippets: code that is run gives the same run, whatever the columns are called."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ilk
from ilk import demo
from ilk.formatting.text import format_literal
from ilk.recipe import Reading, Recipe
from ilk.report.code import format_call, format_script
from ilk.segments.edits import Edits

NASTY = [
    "quote ' and \" both",
    'only " double',
    "only ' single",
    '"); open("pwned", "w"); ("',
    "'); open('pwned', 'w'); ('",
    "back \\ slash \\",
    "{brace} %s $HOME",
    "# no comment",
    "顧客 ü 🛒",
    "turned \u202e round",
    "=cmd()",
]


def executed(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ilk.Run:
    """The run that the code makes in a folder."""
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(compile(code, "snippet", "exec"), names)
    run = names["run"]
    assert isinstance(run, ilk.Run)
    return run


def test_the_code_of_the_demo_with_edits_makes_the_same_run(tmp_path, monkeypatch, capsys):
    dataset = demo.get_dataset("mall")
    run = ilk.fit(demo.load_customers("mall"), dataset.recipe).edit_segments(
        names={2: "Big \"spenders\" & 'friends'", 5: "<b>Young</b>"},
        actions={1: 'Say "hello".\\n', 2: "a" * 300},
    )
    again = executed(run.to_code('ilk.demo.load_customers("mall")'), tmp_path, monkeypatch)
    assert again.customers.equals(run.customers)
    assert again.segments == run.segments
    assert again.edits == run.edits
    assert (tmp_path / "assets" / "report.html").exists()
    assert capsys.readouterr().out.splitlines()[1].startswith('2 Big "spenders"')


def test_the_code_of_a_file_with_nasty_names_makes_the_same_run(tmp_path, monkeypatch):
    numbers = ilk.demo.load("shoppers").head(200).select(pl.selectors.numeric())
    frame = pl.DataFrame({name: numbers.to_series(i % 4) * (i + 1) for i, name in enumerate(NASTY)})
    (tmp_path / "a 'nasty' \"file\".csv").write_text(frame.write_csv(separator=";"))
    file = next(tmp_path.iterdir())
    run = ilk.fit(
        file, features=NASTY[:6], describe=NASTY[6:10], ignore=NASTY[10:], k=3, delimiter=";"
    ).edit_segments({1: NASTY[3], 2: NASTY[4]})
    again = executed(run.to_code(), tmp_path, monkeypatch)
    assert again.customers.equals(run.customers)
    assert again.model.recipe == run.model.recipe
    assert again.source.fingerprint() == run.source.fingerprint()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file.name, "assets"])


def test_the_command_of_the_report_is_the_same_run_in_one_line():
    run = ilk.fit(demo.load("mall"), describe=["Age"], k=4).edit_segments({1: "First"})
    command = run.build_summary()["reproduce"]["command"]
    assert command == 'ilk.fit("table", k=4, describe=["Age"]).edit_segments(names={1: "First"})'
    assert run.build_summary(command="ilk fit")["reproduce"]["command"] == "ilk fit"


def test_the_code_of_a_run_carries_every_choice_of_how_segments_are_found(tmp_path, monkeypatch):
    choices: dict[str, Any] = {
        "algorithm": "ward",
        "k_max": 5,
        "min_share": 0.1,
        "max_share": 0.6,
        "fast": True,
    }
    run = ilk.fit(demo.load("mall"), describe=["Age"], **choices)
    code = run.to_code('ilk.demo.load("mall")')
    for name, value in choices.items():
        assert f"{name}={format_literal(value)}" in code
        assert f"{name}={format_literal(value)}" in run.build_summary()["reproduce"]["command"]
    again = executed(code, tmp_path, monkeypatch)
    assert again.model.recipe == run.model.recipe
    assert again.customers.equals(run.customers)
    assert "require_structure=True" in format_call("a", Recipe(require_structure=True), Edits())


def test_a_short_call_stands_on_one_line_and_a_long_one_does_not():
    short = format_script("customers", Recipe(k=5), Edits())
    assert short.splitlines()[:3] == ["import ilk", "", "run = ilk.fit(customers, k=5)"]
    recipe = Recipe(
        k=5, features=("a" * 40, "b" * 40), describe=("Age",), reading=Reading(decimal=",")
    )
    long = format_script("customers", recipe, Edits({1: "One", 2: "Two"}, {2: "Write."}))
    assert long.splitlines()[2:12] == [
        "run = ilk.fit(",
        "    customers,",
        "    k=5,",
        "    features=[",
        f'        "{"a" * 40}",',
        f'        "{"b" * 40}",',
        "    ],",
        '    describe=["Age"],',
        '    decimal=",",',
        ")",
    ]
    assert long.splitlines()[12] == (
        'run = run.edit_segments(names={1: "One", 2: "Two"}, actions={2: "Write."})'
    )


def test_a_line_may_have_88_characters_and_no_more():
    assert len(format_script("c" * 68, Recipe(k=5), Edits()).splitlines()[2]) == 88
    assert format_script("c" * 69, Recipe(k=5), Edits()).splitlines()[2] == "run = ilk.fit("
    fits = format_script("customers", Recipe(ignore=("c" * 72,)), Edits()).splitlines()[4]
    assert (fits, len(fits)) == (f'    ignore=["{"c" * 72}"],', 88)
    assert (
        format_script("customers", Recipe(ignore=("c" * 73,)), Edits()).splitlines()[4]
        == "    ignore=["
    )


def test_no_line_is_longer_than_88_where_it_can_be_broken():
    recipe = Recipe(features=tuple(f"column number {n}" for n in range(20)))
    edits = Edits({n: f"Segment number {n}" for n in range(1, 9)})
    assert max(map(len, format_script("customers", recipe, edits).splitlines())) <= 88


def test_customers_left_out_are_told_of_and_not_named():
    run = ilk.fit(demo.load("mall"), describe=["Age"], exclude=["7", "100"])
    assert (
        "# 2 rows were left out. Name excluded customers again with exclude=[...]." in run.to_code()
    )
    assert "100" not in run.to_code()
    assert "#" not in ilk.fit(demo.load("mall"), describe=["Age"]).to_code()


@settings(deadline=None)  # the first call loads libraries
@given(st.text())
def test_a_literal_is_read_back_as_the_text(text: str):
    assert ast.literal_eval(format_literal(text)) == text
    assert format_literal(text).isprintable()
    if '"' not in text:
        assert format_literal(text).startswith('"')


TEXTS = st.dictionaries(st.integers(1, 9), st.text(max_size=60), max_size=4)


@settings(deadline=None)  # the first call loads libraries
@given(st.lists(st.text(max_size=60), max_size=5), TEXTS, TEXTS)
def test_a_script_says_exactly_what_it_was_told(columns, names, actions):
    recipe, edits = Recipe(features=tuple(columns), seed=7), Edits(names, actions)
    for code in (
        format_script("customers", recipe, edits),
        format_call("customers", recipe, edits),
    ):
        options = {
            keyword.arg: ast.literal_eval(keyword.value)
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        }
        expected = {"features": columns, "seed": 7, "names": names, "actions": actions}
        assert options == {name: value for name, value in expected.items() if value}
