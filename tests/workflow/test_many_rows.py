"""Tables of more rows than are held in memory: the same labels, exact figures, whole files."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.errors import OutputError
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.report.html import MAX_IMAGE_BYTES
from ilk.report.plots import MAX_POINTS
from ilk.tables import spill
from ilk.tables.source import open_source
from ilk.tables.spill import SpillBuffer
from ilk.workflow.fit import fit_candidates, inspect_source
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


def test_a_spool_on_disk_gives_the_same_files(customers, tmp_path, monkeypatch):
    ilk.fit(customers, sample=2_000).write(tmp_path / "memory")
    monkeypatch.setattr(spill.SpillBuffer.__init__, "__defaults__", (1_000,))
    for table_format in ("csv", "parquet"):
        run = ilk.fit(customers, sample=2_000)
        assert run.labels.buffer._files
        run.write(tmp_path / table_format, table_format=table_format)
    in_memory = (tmp_path / "memory" / "customers.csv").read_bytes()
    assert (tmp_path / "csv" / "customers.csv").read_bytes() == in_memory
    parquet = pl.read_parquet(tmp_path / "parquet" / "customers.parquet")
    assert parquet.equals(pl.read_csv(tmp_path / "memory" / "customers.csv"))


def test_the_record_holds_both_inertias(run, tmp_path):
    run.write(tmp_path)
    found = json.loads((tmp_path / "run.json").read_text())["inertia"]
    assert found == {"customers": run.inertia, "sample": run.model.partition.inertia}


def test_a_disk_that_is_full_leaves_the_old_results(customers, tmp_path, monkeypatch):
    ilk.fit(customers, k=2, sample=2_000).write(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spill.SpillBuffer.__init__, "__defaults__", (1_000,))
    monkeypatch.setattr(pl.DataFrame, "write_ipc", full)
    with pytest.raises(OutputError, match="No space left on device"):
        ilk.fit(customers, k=3, sample=2_000).write(tmp_path, overwrite=True)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_a_spool_gives_out_what_it_took_in():
    kept = SpillBuffer(max_rows_in_memory=3)
    for start in range(0, 10, 2):
        kept.add(pl.DataFrame({"x": [start, start + 1]}))
    for _ in range(2):
        assert pl.concat(kept.iter_frames())["x"].to_list() == list(range(10))
    assert kept.n_rows == 10


def test_polishing_takes_the_centres_to_the_means_of_all_rows(run, customers):
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
    refine_centers(understood, explored.encoder, partition, 50, passed.append)
    # The first pass has nothing to be held against; the second finds what the first has found.
    assert sum(passed) == 2 * 3_000
