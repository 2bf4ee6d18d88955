from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from ilk.columns.summary import summarize, summarize_frame
from ilk.tables.number_format import NumberFormat
from ilk.tables.sample import RowSample, hash_rows
from ilk.tables.source import open_source


def tally(values, dtype=pl.String, *, decimal=".", thousands="", name="x"):
    frame = pl.DataFrame({name: pl.Series(values, dtype=dtype)})
    return summarize_frame(frame, NumberFormat(decimal, thousands)).column_stats[name]


def test_text_is_counted_by_hand():
    seen = tally(["12", " 7 ", "", "n/a", "0042", "-3.5", "twelve", "none", None, "inf"])
    assert (seen.n_rows, seen.missing, seen.numbers, seen.infinite) == (10, 4, 4, 1)
    assert seen.null_category == 3  # "none" may be the name of a category
    assert (seen.minimum, seen.maximum, seen.integers, seen.leading_zeros) == (-3.5, 42.0, 3, 1)
    assert seen.n_non_numbers == 1
    assert seen.first_non_number == (7, "twelve")
    assert seen.levels["0042"] == 1


def test_typed_numbers_are_counted_by_hand():
    seen = tally([1.0, float("nan"), None, float("inf"), 2.5, 1.0], pl.Float64)
    assert (seen.missing, seen.null_category, seen.numbers, seen.infinite) == (2, 2, 3, 1)
    assert (seen.minimum, seen.maximum, seen.integers) == (1.0, 2.5, 2)
    assert seen.first_non_number is None
    assert seen.levels == {1.0: 2, 2.5: 1, float("inf"): 1}


_COUNTS = (
    *("n_rows", "missing", "null_category", "numbers", "infinite", "integers"),
    *("leading_zeros", "n_non_numbers"),
)


def test_tall_columns_of_few_values_are_counted_like_short_ones():
    pattern = ["1", "2", "n/a", "x", "007", None, "inf", " 2"]
    short, tall = tally(pattern), tally(pattern * 1000)
    for counter in _COUNTS:
        assert getattr(tall, counter) == 1000 * getattr(short, counter), counter
    assert (tall.minimum, tall.maximum, tall.first_non_number) == (
        short.minimum,
        short.maximum,
        short.first_non_number,
    )


def test_the_first_failure_is_found_far_down():
    seen = tally(["1"] * 30_000 + ["?", "oops", "again"])
    assert seen.first_non_number == (30_002, "oops")


def test_numerals_are_followed():
    seen = tally(["1.234,5", "2,5"], decimal=",", thousands=".")
    assert (seen.minimum, seen.maximum) == (2.5, 1234.5)


def test_dates_and_flags_have_no_text_to_fail_on():
    dates = tally([None, 3, 4], pl.Date)
    assert (dates.missing, dates.numbers, dates.first_non_number) == (1, 0, (2, "1970-01-04"))
    flags = tally([True, None, False], pl.Boolean)
    assert (flags.missing, flags.numbers, flags.maximum) == (1, 2, 1.0)


def test_possible_ids_are_told_apart_exactly():
    keys = tally(["a", "b", "a", "", "c", "c"], name="CustomerID").distinct_counter
    assert (keys.n_distinct, keys.n_repeated) == (3, 2)
    assert tally(["a", "b"]).distinct_counter is None
    source = open_source(pl.DataFrame({"x": ["a", "b"]}))
    counter = summarize(source, id_columns=["x"]).column_stats["x"].distinct_counter
    assert counter is not None
    assert counter.n_distinct == 2


def test_a_small_table_is_kept_whole_and_in_order():
    frame = pl.DataFrame({"x": [3, 1, 1, 2]})
    seen = summarize(open_source(frame))
    assert seen.is_complete
    assert seen.sample.equals(frame)


def test_an_empty_table_has_columns():
    seen = summarize_frame(pl.DataFrame(schema={"x": pl.String, "y": pl.Int64}), NumberFormat())
    assert (seen.n_rows, seen.sample.columns) == (0, ["x", "y"])


def test_a_large_table_is_sampled_evenly():
    frame = pl.DataFrame({"x": np.arange(40_000)})
    sample = RowSample.of(frame, max_rows=10_000).frame["x"].to_numpy()
    assert len(set(sample.tolist())) == 10_000
    quarters = np.bincount(sample // 10_000)
    # Hypergeometric: the standard deviation of each is about 37.
    assert abs(quarters - 2500).max() < 150


def test_copies_of_rows_keep_their_share_of_the_sample():
    frame = pl.DataFrame({"x": [0] * 8000 + [1] * 1500 + [2] * 500})
    sample = RowSample.of(frame, max_rows=1000).frame["x"].to_numpy()
    np.testing.assert_allclose(np.bincount(sample), [800, 150, 50], atol=1)


def test_fewer_copies_than_asked_for_are_all_there():
    frame = pl.DataFrame({"x": list(range(100)) * 2})
    halves = [
        RowSample.of(frame[:100], max_rows=150),
        RowSample.of(frame[100:], max_rows=150, first_row=101),
    ]
    merged = halves[0].merge(halves[1])
    assert merged.replicates.tolist() == [2] * 100
    assert merged.frame.height == 150


def test_a_hash_is_the_same_in_another_process_and_in_whatever_order():
    made = (
        "import polars as pl; from ilk.tables.sample import hash_rows;"
        "rows = pl.DataFrame({'a': [1, None], 'b': ['x', 'y'], 'c': [0.5, 2.0]});"
        "print(hash_rows(rows).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    rows = pl.DataFrame({"c": [2.0, 0.5], "a": [None, 1], "b": ["y", "x"]})
    assert hash_rows(rows).tolist()[::-1] == json.loads(done.stdout)


def test_a_hash_does_not_depend_on_how_a_value_is_stored():
    moment = datetime(2024, 3, 1, 12, 30)
    wide = pl.DataFrame({"n": [7], "x": [0.5], "t": [moment], "c": ["Rome"]})
    narrow = wide.cast(
        {"n": pl.UInt8, "x": pl.Float32, "t": pl.Datetime("ms"), "c": pl.Categorical}
    )
    assert hash_rows(narrow) == hash_rows(wide)


def test_hashes_of_neighboring_rows_differ_and_lie_evenly():
    n = 300_000
    rows = pl.DataFrame({"a": np.arange(n) % 500, "b": (np.arange(n) // 500).astype(str)})
    hashes = hash_rows(rows)
    assert len(np.unique(hashes)) == n
    shares = np.bincount((hashes >> np.uint64(58)).astype(int), minlength=64) / n
    # Binomial: the standard deviation of each is 0.00023.
    assert abs(shares - 1 / 64).max() < 0.0012


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        ([None, "a"], ["", "a"]),
        (["a", None], ["a\0", None]),
        (["12345678", ""], ["12345678\0", ""]),
        (["a", "b"], ["b", "a"]),
    ],
)
def test_rows_that_look_alike_have_different_hashes(one, other):
    rows = pl.DataFrame([one, other], schema={"a": pl.String, "b": pl.String}, orient="row")
    hashes = hash_rows(rows)
    assert hashes[0] != hashes[1]
