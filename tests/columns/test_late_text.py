"""A column that is numeric for a million rows and text after: every row is looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.columns.kinds import ColumnEvidence, infer_kind
from ilk.columns.summary import summarize
from ilk.errors import InputError
from ilk.tables.source import open_source

NUMBERS = 1_000_000


def _table(path: Path, late: list[str]) -> Path:
    """Two numbers, of which one is text from row 1,000,001 on; all cells of the file are text."""
    rows = NUMBERS + len(late)
    amounts = pl.Series(np.random.default_rng(0).normal(size=rows).round(2)).cast(pl.String)
    frame = pl.DataFrame({"spend": pl.concat([amounts[:NUMBERS], pl.Series(late)])}).with_columns(
        visits=amounts.reverse()
    )
    frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_one_late_word_is_a_mistake_among_numbers_and_named(tmp_path: Path, name: str) -> None:
    path = _table(tmp_path / name, ["1.5", "about ten", "2.5"])
    seen = summarize(open_source(path))
    assert seen.column_stats["spend"].numbers == NUMBERS + 2
    assert seen.column_stats["spend"].first_non_number == (NUMBERS + 2, "about ten")
    assert infer_kind(ColumnEvidence("spend", seen)) == "number"
    with pytest.raises(InputError, match=r"row 1,000,002 contains 'about ten'") as caught:
        ilk.fit(path, fast=True)
    assert caught.value.code == "E_TEXT_IN_NUMBER"


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_many_late_words_make_a_column_of_text(tmp_path: Path, name: str) -> None:
    path = _table(tmp_path / name, [f"word {number}" for number in range(NUMBERS // 8)])
    seen = summarize(open_source(path))
    assert seen.column_stats["spend"].n_non_numbers == NUMBERS // 8
    assert infer_kind(ColumnEvidence("spend", seen)) == "text"
    assert infer_kind(ColumnEvidence("visits", seen)) == "number"
