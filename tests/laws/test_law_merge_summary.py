"""Law: the summaries of parts, merged in any order, are the summary of the whole."""

from __future__ import annotations

import random
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.columns.summary import summarize, summarize_frame
from ilk.tables.number_format import NumberFormat
from ilk.tables.sample import RowSample
from ilk.tables.source import open_source

cells = st.none() | st.sampled_from(
    ["1", "2.5", "-7", "007", " 3 ", "n/a", "", "x", "inf", "1e200"]
)
numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0])
tables = st.lists(st.tuples(cells, numbers, st.booleans(), st.sampled_from("ab")), max_size=40)
cuts = st.lists(st.integers(0, 40), max_size=4)
limits = st.sampled_from([1, 3, 8, 1000])


def table(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    schema = {"text": pl.String, "number": pl.Float64, "flag": pl.Boolean, "customer_id": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@given(tables, cuts, limits, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_merged_parts_equal_the_whole(rows, cuts, limit, shuffler: random.Random):
    whole = table(rows)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    parts = [
        summarize_frame(whole[start:end], NumberFormat(), sample_size=limit, first_row=start + 1)
        for start, end in pairwise(edges)
    ] or [summarize_frame(whole, NumberFormat(), sample_size=limit)]
    shuffler.shuffle(parts)
    merged = parts[0].merge(*parts[1:])
    assert merged == summarize_frame(whole, NumberFormat(), sample_size=limit)
    one_by_one = parts[0]
    for part in parts[1:]:
        one_by_one = one_by_one.merge(part)
    assert one_by_one == merged


@given(tables, limits, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_sample_does_not_depend_on_the_order_of_rows_and_columns(rows, limit, shuffler):
    frame = table(rows)
    turned = rows.copy()
    shuffler.shuffle(turned)
    names = frame.columns
    shuffler.shuffle(names)
    one = RowSample.of(frame, max_rows=limit).frame
    other = RowSample.of(table(turned).select(names), max_rows=limit).frame.select(frame.columns)
    assert one.cast(pl.String).sort(pl.all()).equals(other.cast(pl.String).sort(pl.all()))


def test_a_source_is_summarized_as_if_it_were_one_frame():
    frame = pl.DataFrame({"id": range(250_000), "x": [i % 3000 for i in range(250_000)]})
    source = open_source(frame)
    assert sum(1 for _ in source.iter_frames()) > 1
    assert summarize(source, sample_size=5000) == summarize_frame(
        frame, NumberFormat(), sample_size=5000
    )


def test_values_are_listed_up_to_a_cap_that_parts_do_not_move():
    frame = pl.DataFrame({"x": [str(i) for i in range(1001)]})
    parts = [
        summarize_frame(part, NumberFormat(), first_row=row)
        for row, part in ((1, frame[:600]), (601, frame[600:]))
    ]
    assert len(parts[0].column_stats["x"].levels or ()) == 600
    assert parts[0].merge(parts[1]).column_stats["x"].levels is None
    assert summarize_frame(frame, NumberFormat()).column_stats["x"].levels is None
    fewer = summarize_frame(frame[:1000], NumberFormat())
    assert len(fewer.column_stats["x"].levels or ()) == 1000
