"""Tables of more rows than are held in memory: the same labels, exact figures, whole files."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.cluster.partition import CentroidPartition
from ilk.errors import OutputError
from ilk.model.labels import label_source
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.report.html import MAX_IMAGE_BYTES
from ilk.report.plots import MAX_POINTS
from ilk.tables.base import NamedSource
from ilk.tables.source import open_source
from ilk.tables.spill import SpillBuffer
from ilk.workflow.fit import fit_candidates, inspect_source
from ilk.workflow.label_pass import run_label_pass
from ilk.workflow.refine import refine_centers


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    random = np.random.default_rng(0)
    group = random.integers(3, size=30_000)
    return pl.DataFrame(
        {
            "customer_id": [f"C{number:06}" for number in random.permutation(30_000)],
            "spend": group * 40 + random.normal(100, 8, size=30_000),
            "visits": random.poisson(4 + 6 * (group == 1)),
        }
    )


@pytest.fixture(scope="module")
def run(customers):
    return ilk.fit(customers, sample=2_000)


def encoded(run, customers):
    columns = run.model.schema.features
    return run.model.encoder.encode(
        customers.select(column.name for column in columns).cast(pl.Float64)
    )


@pytest.mark.thorough
def test_inertia_is_that_of_everyone(run, customers):
    values = encoded(run, customers).values
    labels = run.customers["segment"].to_numpy() - 1
    expected = ((values - run.model.partition.centers[labels]) ** 2).sum()
    assert run.inertia == pytest.approx(expected, rel=1e-12)
    assert run.n_sampled == 2_000
    (caveat,) = [
        caveat
        for caveat in run.build_summary()["caveats"]
        if "random sample of 2,000 of 30,000" in caveat
    ]
    assert f"{expected / 30_000:.4g} for everyone" in caveat


def test_inertia_does_not_depend_on_the_order_of_rows(run, customers):
    again = ilk.fit(customers.sample(fraction=1.0, shuffle=True, seed=1), sample=2_000)
    assert again.inertia == run.inertia
    assert again.segments == run.segments


@pytest.mark.parametrize("table_format", ["csv", "parquet"])
def test_labels_on_disk_are_those_in_memory(run, customers, tmp_path, table_format):
    model = run.model
    labels, n_rows = label_source(
        NamedSource(open_source(customers), "customers"),
        *(model.assigner, model.schema.id, lambda rows: len(rows.segments), lambda rows: None),
        max_rows_in_memory=1_000,
    )
    assert isinstance(labels.store, SpillBuffer)
    assert labels.store.n_rows_on_disk == n_rows == 30_000
    for place, batches in (("memory", run.labels), ("disk", labels)):
        batches.write(model, tmp_path / place, table_format)
    assert (tmp_path / "disk").read_bytes() == (tmp_path / "memory").read_bytes()
    assert pl.concat(labels.iter_tables(model)).equals(run.customers)


def test_the_record_holds_both_inertias(run, tmp_path):
    run.write(tmp_path)
    inertia = json.loads((tmp_path / "run.json").read_text())["inertia"]
    assert inertia == {"customers": run.inertia, "sample": run.model.partition.inertia}


def test_a_full_disk_is_an_error_that_names_the_way_out(customers, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_ipc", fail)
    recipe = Recipe(k=3, fast=True)
    inferred = inspect_source(open_source(customers), recipe)
    fitted = fit_candidates(inferred, recipe, ProgressReporter())
    with pytest.raises(OutputError, match=r"No space left on device.*TMPDIR.*E_OUTPUT_WRITE"):
        run_label_pass(
            *(inferred, fitted.encoder, fitted.sweep.select(3)[1], lambda rows: None),
            max_rows_in_memory=1_000,
        )


def test_a_buffer_returns_what_was_added():
    buffer = SpillBuffer(max_rows_in_memory=3)
    for start in range(0, 10, 2):
        buffer.add(pl.DataFrame({"x": [start, start + 1]}))
    for _ in range(2):
        assert pl.concat(buffer.iter_frames())["x"].to_list() == list(range(10))
    assert (buffer.n_rows, buffer.n_rows_on_disk) == (10, 8)


def test_polishing_takes_the_centers_to_the_means_of_all_rows(run, customers):
    polished = ilk.fit(customers, sample=2_000, polish=20)
    assert polished.inertia < run.inertia
    values = encoded(polished, customers).values
    labels = polished.customers["segment"].to_numpy() - 1
    means = [values[labels == label].mean(axis=0) for label in range(len(polished.segments))]
    np.testing.assert_allclose(polished.model.partition.centers, means, atol=5e-3)
    shuffled = ilk.fit(
        customers.sample(fraction=1.0, shuffle=True, seed=1), sample=2_000, polish=20
    )
    assert np.array_equal(shuffled.model.partition.centers, polished.model.partition.centers)


def test_polishing_everyone_changes_nothing_where_everyone_is_the_sample(customers):
    few = customers.head(3_000)
    plain, polished = (ilk.fit(few, polish=passes, k=3) for passes in (0, 3))
    np.testing.assert_allclose(
        polished.model.partition.centers, plain.model.partition.centers, atol=1e-9
    )


def test_a_recipe_keeps_the_passes():
    assert "polish = 3" in Recipe(polish=3).to_toml()


@pytest.mark.thorough
def test_many_customers_are_drawn_in_a_picture_that_fits_the_report(run, customers):
    everyone = ilk.fit(customers)
    axes = everyone.plot.scatter()
    drawn = sum(len(np.asarray(line.get_xdata())) for line in axes.lines)
    assert 4_900 <= drawn <= MAX_POINTS
    assert len(everyone.plot.render_images()["scatter"]) < MAX_IMAGE_BYTES


def test_columns_without_gaps_are_told_however_many_frames_there_are(customers):
    many = pl.concat([customers] * 4).with_columns(
        customer_id=pl.Series([f"C{number:06}" for number in range(120_000)])
    )
    assert dict(ilk.fit(many, sample=2_000, k=3, fast=True).missing) == {"spend": 0, "visits": 0}


def test_polishing_ends_where_a_pass_gains_nothing(customers):
    understood = inspect_source(open_source(customers.head(3_000)), Recipe(k=3, fast=True))
    explored = fit_candidates(understood, Recipe(k=3, fast=True), ProgressReporter())
    passed: list[int] = []
    partition = explored.sweep.select(3)[1]
    assert isinstance(partition, CentroidPartition)
    refine_centers(understood, explored.encoder, partition, 50, passed.append)
    # The first pass has nothing to be held against; the second finds what the first has found.
    assert sum(passed) == 2 * 3_000
