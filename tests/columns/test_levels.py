"""One form for levels that are spelled in several ways, at fit and at predict."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilk
from ilk.columns.levels import fold_levels, is_yes_no, match_levels
from ilk.columns.roles import infer_roles
from ilk.columns.summary import summarize
from ilk.errors import InputError, NoticeWarning
from ilk.recipe import Recipe
from ilk.tables.source import open_source

SPEND = [20.0, 21.5, 90.0, 92.5] * 10


def _make(levels: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"spend": SPEND, "member": levels * (len(SPEND) // len(levels))})


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Yes", "No"),
        ("ja", "nein"),
        ("Oui", "Non"),
        ("Sí", "No"),
        ("SIM", "NÃO"),
        ("sì", "no"),
        ("Ja", "Nee"),
        ("tak", "nie"),
        ("EVET", "HAYIR"),
        ("да", "нет"),
        ("true", "false"),
        ("1", "0"),
    ],
)
def test_yes_and_no_are_known_in_many_languages(yes: str, no: str) -> None:
    assert is_yes_no([yes, no])
    assert match_levels([yes.upper(), no.lower()], [yes, no]) == {
        level: known for level, known in ((yes.upper(), yes), (no.lower(), no)) if level != known
    }


def test_two_other_letters_are_no_answer() -> None:
    assert not is_yes_no(["E", "N"])
    assert not is_yes_no(["Yes", "Maybe"])


def test_all_spellings_of_an_answer_become_its_word() -> None:
    counts = {"no ": 2, "No": 9, "N": 12, "Y": 11, "yes": 4, "Yes": 3}
    assert fold_levels(counts) == {"no ": "No", "N": "No", "Y": "Yes", "yes": "Yes"}


def test_letters_beside_other_levels_are_only_folded_by_case() -> None:
    assert fold_levels({"Y": 3, "yes": 4, "maybe": 2, "Maybe": 1}) == {"Maybe": "maybe"}


@given(st.dictionaries(st.text(max_size=4), st.integers(1, 9), max_size=8))
def test_folding_twice_changes_nothing(counts: dict[str, int]) -> None:
    folded = fold_levels(counts)
    kept = {level: count for level, count in counts.items() if level not in folded}
    assert set(folded.values()) <= kept.keys()
    assert not fold_levels(kept)


def test_spellings_are_one_level_and_told() -> None:
    summary = summarize(open_source(_make(["Yes", "Yes", "yes", "N", "No"])))
    schema, notices = infer_roles(summary, Recipe())
    member = schema.columns[1]
    assert (member.meaning, member.reason) == ("yes_no", "yes or no")
    assert sorted(member.cells.levels) == ["No", "Yes"]
    assert [notice.code for notice in notices] == ["W_SPELLINGS"]
    assert "'yes' as 'Yes'" in notices[0].message


def test_flags_are_yes_or_no_and_no_codes() -> None:
    schema, notices = infer_roles(summarize(open_source(_make([1, 0]))), Recipe())
    assert (schema.columns[1].kind, schema.columns[1].meaning) == ("category", "yes_no")
    assert not notices


@pytest.mark.parametrize(
    ("training", "new"),
    [
        (["1.0", "2.0", "3.0", "2.0"], ["1", "2", "3", "2"]),
        ([1, 2, 3, 2], ["1.0", " 2", "3.00", "2.0"]),
        ([True, True, False, False], ["True", "TRUE", "false", "False"]),
        ([True, True, False, False], [1, 1, 0, 0]),
        (["yes", "yes", "no", "no"], ["Y", "YES", "n", " No "]),
        (["Gold", "Gold", "Basic", "Plus"], ["gold", "GOLD ", "BASIC", "plus"]),
    ],
)
def test_a_level_spelled_otherwise_is_the_same_level(
    training: list[object], new: list[object], tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    _make(new).write_csv(path)
    run = ilk.fit(_make(training), k=3, fast=True, categorical=["member"])
    segments = run.customers["segment"]
    assert run.model.predict(path)["segment"].equals(segments)
    assert run.model.predict(_make(new))["segment"].equals(segments)
    segmenter = ilk.Segmenter(n_segments=3, fast=True, categorical=["member"]).fit(_make(training))
    assert segmenter.predict(_make(new)).tolist() == segmenter.labels_.tolist()


def test_unseen_levels_are_told_by_the_library() -> None:
    model = ilk.fit(_make(["a", "b"]), k=2, fast=True).model
    segmenter = ilk.Segmenter(n_segments=2, fast=True).fit(_make(["a", "b"]))
    with pytest.warns(NoticeWarning, match=r"member: 10 customers \(25%\) with a value that"):
        model.predict(_make(["a", "b", "a", "new"]))
    with pytest.warns(NoticeWarning, match=r"10 customers \(25%\)"):
        segmenter.predict(_make(["a", "b", "a", "new"]))


def test_only_unseen_levels_are_refused() -> None:
    model = ilk.fit(_make(["a", "b"]), k=2, fast=True).model
    segmenter = ilk.Segmenter(n_segments=2, fast=True).fit(_make(["a", "b"]))
    for predict in (model.predict, segmenter.predict):
        with pytest.raises(InputError, match="40 of 40 values of 'member' were never seen"):
            predict(_make(["x", "y"]))
    with pytest.warns(NoticeWarning, match="1 customer"):
        model.predict({"spend": 20.0, "member": "x"})
