"""The order of the steps: exact sizes decide numbers, excluded people leave no trace."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import AgglomerativeClustering

import ilk
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.errors import GateError, InputError, NoticeWarning
from ilk.model import serialization
from ilk.model.cell_counts import CellCounts
from ilk.model.labels import LabeledBatches
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.schema import Column
from ilk.segments.profile import profile_batch
from ilk.tables.source import open_source
from ilk.tables.spill import SpillBuffer
from ilk.workflow.fit import fit, fit_candidates, inspect_source
from ilk.workflow.label_pass import LabelPass

AGE = Column("Age", kind="number", role="feature", reason="a number")


def label_pass(segments: list[int], borderline: tuple[int, ...] = ()) -> LabelPass:
    labels = np.array(segments, dtype=np.int32) - 1
    frame = pl.DataFrame({"Age": np.arange(len(segments), dtype=float)})
    profile = profile_batch(frame, labels, [AGE], magnitudes={"Age": float(len(segments))})
    numbers = np.arange(max(segments) + 1, dtype=np.int32)
    batches = LabeledBatches(SpillBuffer(), numbers, len(segments), segments.count(0))
    counts = np.array(borderline or [0] * max(segments))
    return LabelPass(batches, profile, CellCounts(), counts, 0.0)


def test_the_exact_counts_decide_the_numbers():
    done = label_pass([1, 2, 2, 3, 3, 3, 0], borderline=(1, 0, 2))
    order = done.sort_by_size()
    assert order == [2, 1, 0]
    renumbered = done.renumber(order)
    assert renumbered.labels.numbers.tolist() == [0, 3, 2, 1]
    assert renumbered.renumber(order).labels.numbers.tolist() == [0, 1, 2, 3]
    assert renumbered.profile.groups[-1].customers == 1
    assert [renumbered.profile.compute_figures(label).customers for label in range(3)] == [3, 2, 1]
    assert renumbered.profile.compute_figures(0).numbers[0].mean == 4.0
    assert done.compute_borderline_shares() == (1.0, 0.0, 2 / 3)
    assert renumbered.compute_borderline_shares() == (2 / 3, 0.0, 1.0)


def test_a_tie_keeps_the_order_of_the_sample():
    assert label_pass([1, 2, 2, 1]).sort_by_size() == [0, 1]


def test_a_sample_labels_everyone_and_counts_exactly():
    customers = ilk.demo.load("shoppers")
    run = ilk.fit(customers, sample=500)
    assert (run.row_counts.sampled, run.row_counts.labeled) == (500, 5000)
    counts = run.customers["segment"].value_counts().sort("segment")["count"].to_list()
    assert [segment.figures.customers for segment in run.segments] == counts
    assert counts == sorted(counts, reverse=True)
    means = customers.group_by(run.customers["segment"]).agg(pl.col("annual_income").mean())
    for number, mean in means.iter_rows():
        figures = {part.column: part for part in run.segments[number - 1].figures.numbers}
        assert figures["annual_income"].mean == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("k", [6, 8, 10])
def test_segments_are_numbered_by_their_exact_sizes_not_the_samples(k):
    run = ilk.fit(ilk.demo.load("shoppers"), k=k, sample=120)
    sizes = [segment.figures.customers for segment in run.segments]
    assert sizes == sorted(sizes, reverse=True)
    labels = run.model.assign(ilk.demo.load("shoppers")).segments
    assert labels.tolist() == run.customers["segment"].to_list()


def test_rows_are_counted_on_from_batch_to_batch():
    customers = ilk.demo.load("customers")
    many = pl.concat([customers] * 1_100)  # more than a source gives at once
    assert len(list(open_source(many).iter_frames())) > 1
    run = ilk.fit(customers, k=3)
    assert run.model.predict(many)["row"].to_list() == list(range(1, many.height + 1))
    assert ilk.fit(many, k=3, k_max=3).customers["row"].to_list() == list(range(1, many.height + 1))


def test_who_objected_leaves_no_trace():
    customers = ilk.demo.load("mall")
    kept = customers.filter(~pl.col("CustomerID").is_in([7, 100]))
    recipe = Recipe(describe=("Age",))
    with_objection = fit(customers, recipe, exclude={"7", "100"})
    assert serialization.dumps(with_objection.model) == serialization.dumps(fit(kept, recipe).model)
    assert with_objection.row_counts.excluded == 2


def test_nobody_can_be_excluded_without_ids():
    with pytest.raises(InputError, match="no column holds customer IDs"):
        fit(ilk.demo.load("customers"), Recipe(), exclude={"7"})


def test_a_watch_is_told_of_every_row_in_both_scans():
    rows: Counter[str] = Counter()

    class Counting(ProgressReporter):
        def step(self, name, total=None):
            from contextlib import contextmanager

            @contextmanager
            def entered():
                def advance(done: int) -> None:
                    rows[name] += done

                yield advance

            return entered()

    fit(ilk.demo.load("mall"), Recipe(describe=("Age",)), progress=Counting())
    assert rows == {"Reading the customers": 200, "Labeling the customers": 200}


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
    with pytest.warns(NoticeWarning, match="product_category: 1 customer"):
        assert model.predict(new)["segment"].is_between(1, 5).all()
    assert model.assign(new).unseen == {"product_category": 1}
    assert model.assign(new).missing["product_category"] == 1


def test_an_algorithm_that_leaves_customers_out_gives_them_segment_0(tmp_path):
    random = np.random.default_rng(0)
    values = random.normal(size=(200, 2)) + np.repeat([[0, 0], [15, 5]], [120, 80], axis=0)
    far = [[60.0, -60.0], [90.0, 90.0], [-40.0, 30.0]]
    customers = pl.DataFrame(np.vstack([values, far]), schema=["spend", "visits"])
    run = ilk.fit(
        customers, skew="none", numeric=["spend", "visits"], algorithm="dbscan", fast=True
    )
    assert run.customers["segment"].to_list()[-3:] == [0, 0, 0]
    assert run.row_counts.unassigned == (run.customers["segment"] == 0).sum()
    assert run.row_counts.sampled == 203
    assert (
        sum(segment.figures.customers for segment in run.segments) + run.row_counts.unassigned
        == 203
    )
    assert run.plot_sample.labels.min() == 0
    assert (
        len(run.plot_sample.labels)
        == run.plot_sample.frame.height
        == 203 - run.row_counts.unassigned
    )
    run.write(tmp_path / "assets")
    assert run.model.predict(customers)["segment"].equals(run.customers["segment"])


CLOUD = Recipe(require_structure=True)


def test_required_segments_that_are_not_there_are_refused():
    with pytest.raises(GateError, match=r"No number of segments passed every test.*Leave that out"):
        fit(ilk.demo.load("customers"), CLOUD)
    assert fit(ilk.demo.load("customers"), Recipe(k=4)).selection.structure == "none"


def test_required_segments_that_are_there_pass():
    recipe = Recipe(describe=("Age",), require_structure=True)
    assert fit(ilk.demo.load("mall"), recipe).selection.structure == "clear"


def test_the_stability_of_a_segment_goes_with_its_number():
    shoppers = ilk.demo.load("shoppers")
    recipe = Recipe(k=8, k_max=8, sample=120)
    run = fit(shoppers, recipe)
    choice, partition = run.model.selection, run.model.partition
    assert [segment.stability for segment in run.segments] == list(choice.stability)
    explored = fit_candidates(
        inspect_source(open_source(shoppers), recipe), recipe, ProgressReporter()
    )
    before, after = explored.sweep.select(8)
    assert before.stability != choice.stability  # the exact sizes gave other numbers
    sure, again = (
        {tuple(row): jaccard for row, jaccard in zip(centers, jaccards, strict=True)}
        for centers, jaccards in (
            (after.centers, before.stability),
            (partition.centers, choice.stability),
        )
    )
    assert again == sure


def test_a_run_without_segments_warns_and_one_with_them_does_not():
    cloud, mall = ilk.demo.load("customers"), ilk.demo.load("mall")
    assert "W_NO_STRUCTURE" in [notice.code for notice in ilk.fit(cloud).notices]
    assert ilk.fit(mall, describe=["Age"]).notices == ()
    assert ilk.fit(cloud, fast=True).selection.structure == "untested"
    assert "W_NO_STRUCTURE" not in [notice.code for notice in ilk.fit(cloud, fast=True).notices]


def test_what_the_model_changed_of_the_algorithms_labels_is_told_above_five_percent():
    run = ilk.fit(ilk.demo.load("customers"), algorithm="ward", k=5, fast=True)
    values = deduplicate_rows(run.plot_sample.values)
    wards = AgglomerativeClustering(5).fit_predict(values.values)
    ours = run.model.partition.predict(values.values).labels
    # Ward's clusters under our numbers: the two share most customers where they are the same.
    table = np.zeros((5, 5))
    np.add.at(table, (wards, ours), values.weights)
    changed = 1 - table[linear_sum_assignment(-table)].sum() / values.weights.sum()
    assert run.selection.chosen_candidate.relabeled_share == pytest.approx(changed)
    assert changed > 0.05
    [notice] = run.notices
    assert notice.code == "W_RELABELED"
    assert notice.message.startswith(f"{changed:.0%} of the customers")
    agreed = ilk.fit(ilk.demo.load("mall"), describe=["Age"], algorithm="ward", k=2, fast=True)
    relabeled = agreed.selection.chosen_candidate.relabeled_share
    assert relabeled is not None
    assert (relabeled <= 0.05) == (agreed.notices == ())


def test_a_column_that_has_no_logarithm_is_told_by_fit_and_compare():
    random = np.random.default_rng(3)
    customers = pl.DataFrame(
        {"spend": random.lognormal(3, 1, 60), "balance": random.normal(0, 9, 60)}
    )
    chosen: dict[str, Any] = {"skew": "log1p", "fast": True, "k_max": 3}
    chosen["features"] = customers.columns
    for done in (ilk.fit(customers, **chosen), ilk.compare(customers, **chosen)):
        [notice] = [notice for notice in done.notices if notice.code == "W_NEGATIVE_LOG"]
        assert notice.column == "balance"
    assert ilk.fit(customers, **chosen).model.encoder.log_columns == {"spend"}
