"""Law 2: batches, row order, column order and threads change no label and no exact figure.

Law 3: changing a column's unit changes no label under scaling.
"""

from __future__ import annotations

import os
import subprocess
import sys

import polars as pl
import pytest

import ilk
from ilk.cluster.algorithms import ALGORITHMS
from ilk.tables.source import open_source

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="module")
def mall() -> pl.DataFrame:
    return ilk.demo.load("mall")


@pytest.fixture(scope="module")
def run(mall: pl.DataFrame):
    return ilk.fit(mall, features=FEATURES)


def by_id(run) -> dict[str, int]:
    return dict(run.customers.select("CustomerID", "segment").iter_rows())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_row_order_changes_nothing(mall, run, seed):
    shuffled = ilk.fit(mall.sample(fraction=1.0, shuffle=True, seed=seed), features=FEATURES)
    assert by_id(shuffled) == by_id(run)
    assert shuffled.segments == run.segments
    assert shuffled.model.encoder == run.model.encoder
    assert shuffled.selection == run.selection


def test_column_order_changes_nothing(mall, run):
    turned = ilk.fit(mall.select(reversed(mall.columns)), features=FEATURES)
    assert by_id(turned) == by_id(run)
    figures = {part.column: part for part in turned.segments[0].figures.numbers}
    assert figures == {part.column: part for part in run.segments[0].figures.numbers}


@pytest.mark.thorough
@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_row_order_and_batches_change_nothing_for_any_algorithm(mall, algorithm):
    choices = {"features": FEATURES, "algorithm": algorithm, "k_max": 5, "fast": True}
    run = ilk.fit(mall, **choices)
    shuffled = ilk.fit(mall.sample(fraction=1.0, shuffle=True, seed=1), **choices)
    assert by_id(shuffled) == by_id(run)
    assert shuffled.segments == run.segments
    assert shuffled.selection == run.selection
    cut = ilk.fit(Batches(open_source(mall), 7), **choices)
    assert cut.customers.equals(run.customers)
    assert cut.segments == run.segments


@pytest.mark.thorough
@pytest.mark.parametrize("algorithm", ["ward", "hdbscan"])
def test_row_order_changes_no_test_of_other_algorithms(mall, algorithm):
    choices = {"features": FEATURES, "algorithm": algorithm, "k_max": 5}
    run = ilk.fit(mall, **choices)
    shuffled = ilk.fit(mall.sample(fraction=1.0, shuffle=True, seed=2), **choices)
    assert shuffled.selection == run.selection


class Batches:
    """A source cut into batches of another size."""

    def __init__(self, source, size: int) -> None:
        self._source, self._size = source, size

    def __getattr__(self, name: str):
        return getattr(self._source, name)

    def iter_frames(self):
        for frame in self._source.iter_frames():
            yield from frame.iter_slices(self._size)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_batch_size_changes_nothing(mall, run, size):
    cut = ilk.fit(Batches(open_source(mall), size), features=FEATURES)
    assert cut.customers.equals(run.customers)
    assert cut.segments == run.segments


@pytest.mark.parametrize("factor", [0.001, 1000.0, 2.2046])
def test_units_change_no_label(mall, run, factor):
    scaled = mall.with_columns(pl.col(FEATURES[0]).cast(pl.Float64) * factor)
    assert by_id(ilk.fit(scaled, features=FEATURES)) == by_id(run)


@pytest.mark.thorough
def test_threads_change_no_byte(tmp_path):
    code = (
        "import ilk, sys; from ilk.model import serialization;"
        "runs = [ilk.fit(ilk.demo.load('mall')), ilk.fit(ilk.demo.load('shoppers'), fast=True)];"
        "sys.stdout.write(''.join(serialization.dumps(run.model) for run in runs))"
    )
    texts = set()
    for threads in ("1", "3"):
        limits = {"OMP_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **limits, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        texts.add(done.stdout)
    assert len(texts) == 1
