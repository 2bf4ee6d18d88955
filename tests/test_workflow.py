"""The order of the steps: exact sizes decide numbers, excluded people leave no trace."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

import ilk
from ilk import artifact
from ilk.errors import InputError
from ilk.recipe import Recipe
from ilk.scan import Scan
from ilk.schema import Column
from ilk.segments.profile import profile
from ilk.tables.source import open_source
from ilk.watch import Watch
from ilk.workflow import fit

AGE = Column("Age", kind="number", role="feature", reason="a number")


def scan(segments: list[int]) -> Scan:
    numbers = np.array(segments, dtype=np.int32)
    frame = pl.DataFrame({"Age": np.arange(len(segments), dtype=float)})
    found = profile(frame, numbers - 1, [AGE], magnitudes={"Age": float(len(segments))})
    return Scan(pl.Series("row", range(len(segments))), numbers, found, Counter())


def test_the_exact_counts_decide_the_numbers():
    done = scan([1, 2, 2, 3, 3, 3, 0])
    order = done.largest_first()
    assert order == [2, 1, 0]
    renumbered = done.renumbered(order)
    assert renumbered.segments.tolist() == [3, 2, 2, 1, 1, 1, 0]
    assert [renumbered.profile.figures(label).customers for label in range(3)] == [3, 2, 1]
    assert renumbered.profile.figures(0).numbers[0].mean == 4.0


def test_a_tie_keeps_the_order_of_the_sample():
    assert scan([1, 2, 2, 1]).largest_first() == [0, 1]


def test_a_sample_labels_everyone_and_counts_exactly():
    customers = ilk.demo.load("shoppers")
    run = ilk.fit(customers, sample=500)
    assert (run.rows.sampled, run.rows.labelled) == (500, 5000)
    counts = run.customers["segment"].value_counts().sort("segment")["count"].to_list()
    assert [segment.figures.customers for segment in run.segments] == counts
    assert counts == sorted(counts, reverse=True)
    means = customers.group_by(run.customers["segment"]).agg(pl.col("annual_income").mean())
    for number, mean in means.iter_rows():
        figures = {part.column: part for part in run.segments[number - 1].figures.numbers}
        assert figures["annual_income"].mean == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("k", [6, 8, 10])
def test_segments_are_numbered_by_their_exact_sizes_not_the_samples(k):
    run = ilk.fit(ilk.demo.load("shoppers"), k=k, sample=150)
    sizes = [segment.figures.customers for segment in run.segments]
    assert sizes == sorted(sizes, reverse=True)
    labels = run.model.assign(ilk.demo.load("shoppers")).segments
    assert labels.tolist() == run.customers["segment"].to_list()


def test_rows_are_counted_on_from_batch_to_batch():
    customers = ilk.demo.load("customers")
    many = pl.concat([customers] * 1_100)  # more than a source gives at once
    assert len(list(open_source(many).frames())) > 1
    run = ilk.fit(customers, k=3)
    assert run.model.predict(many)["row"].to_list() == list(range(1, many.height + 1))
    assert ilk.fit(many, k=3, k_max=3).customers["row"].to_list() == list(range(1, many.height + 1))


def test_who_objected_leaves_no_trace():
    customers = ilk.demo.load("mall")
    kept = customers.filter(~pl.col("CustomerID").is_in([7, 100]))
    recipe = Recipe(describe=("Age",))
    with_objection = fit(customers, recipe, exclude={"7", "100"})
    assert artifact.dumps(with_objection.model) == artifact.dumps(fit(kept, recipe).model)
    assert with_objection.rows.excluded == 2


def test_nobody_can_be_excluded_without_ids():
    with pytest.raises(InputError, match="no column holds their ids"):
        fit(ilk.demo.load("customers"), Recipe(), exclude={"7"})


def test_a_watch_is_told_of_every_row():
    class Counting(Watch):
        rows = 0

        def step(self, name, total=None):
            from contextlib import contextmanager

            @contextmanager
            def entered():
                def advance(rows: int) -> None:
                    Counting.rows += rows

                yield advance

            return entered()

    fit(ilk.demo.load("mall"), Recipe(describe=("Age",)), watch=Counting())
    assert Counting.rows == 200


def test_rows_with_missing_values_get_no_segment_when_dropped(data_dir):
    run = fit(data_dir / "Mall_Customers_missing.csv", Recipe(missing="drop"))
    missing = pl.read_csv(data_dir / "Mall_Customers_missing.csv").select(
        pl.any_horizontal(pl.col("Age", "Annual Income (k$)").is_null())
    )
    nowhere = (run.customers["segment"] == 0).to_list()
    assert nowhere == missing.to_series().to_list()
    assert run.customers.filter(pl.col("segment") == 0)["segment_name"].null_count() == sum(nowhere)


def test_a_category_without_a_value_is_no_crash():
    customers = ilk.demo.load("customers")
    model = ilk.fit(customers, k=5).model
    new = customers.head(2).with_columns(product_category=pl.Series([None, "never seen"]))
    assert model.predict(new)["segment"].is_between(1, 5).all()
    assert model.assign(new).unseen == {"product_category": 1}
    assert model.assign(new).missing["product_category"] == 1
