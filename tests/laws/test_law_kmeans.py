"""Laws 1 to 3 for k-means: threads, row order and weights change no byte."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from ilk.cluster.kmeans.fit import run_kmeans_for_ks
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k

GROUPS, ROWS = 4, 8_000  # enough rows for several fits side by side


@pytest.fixture(scope="module")
def values():
    return grouped(ROWS)


def grouped(n: int):
    random = np.random.default_rng(7)
    centers = random.normal(size=(GROUPS, 3)) * 6
    return centers[random.integers(GROUPS, size=n)] + random.normal(size=(n, 3))


def fit_groups(values, weights=None):
    rows = deduplicate_rows(values, weights)
    return run_kmeans_for_ks(rows, [GROUPS], seed=0, restarts=10)[GROUPS]


@pytest.mark.thorough
def test_threads_change_no_byte():
    code = f"""
import numpy as np
from ilk.selection.sweep import sweep_k
from ilk.selection.settings import SelectionSettings
random = np.random.default_rng(3)
values = random.normal(size=({ROWS}, 5)) + 4.0 * random.integers(0, 2, size=({ROWS}, 1))
selection, partition = sweep_k(values, SelectionSettings(k_max=5, restarts=3)).select()
print(partition.centers.tobytes().hex(), selection.candidates, repr(selection))
"""
    outputs = set()
    for threads in ("1", "2", "4"):
        limits = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **limits},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_row_order_changes_no_byte(values):
    order = np.random.default_rng(1).permutation(len(values))
    settings = SelectionSettings(k_max=5, restarts=3)
    selection, partition = sweep_k(values, settings).select()
    shuffled_selection, shuffled = sweep_k(values[order], settings).select()
    assert selection == shuffled_selection
    assert partition.centers.tobytes() == shuffled.centers.tobytes()
    labels = partition.predict(values).labels
    assert (labels[order] == shuffled.predict(values[order]).labels).all()


def test_column_order_changes_no_label(values):
    reversed_values = np.ascontiguousarray(values[:, ::-1])
    labels = fit_groups(values).predict(values).labels
    partition = fit_groups(reversed_values)
    assert (labels == partition.predict(reversed_values).labels).all()


def test_predicting_the_fitted_rows_gives_the_clusters_that_were_fitted(values):
    partition = fit_groups(values)
    labels = partition.predict(values).labels
    for label, center in enumerate(partition.centers):
        assert center == pytest.approx(values[labels == label].mean(axis=0), abs=1e-9)
    inertia = ((values - partition.centers[labels]) ** 2).sum()
    assert partition.inertia == pytest.approx(inertia, rel=1e-12)


def test_copies_are_weights_and_weights_are_copies():
    rows = grouped(300)
    weights = np.random.default_rng(2).integers(1, 5, size=300)
    copied = fit_groups(np.repeat(rows, weights, axis=0))
    weighted = fit_groups(rows, weights=weights.astype(float))
    assert copied.centers.tobytes() == weighted.centers.tobytes()
    assert copied.inertia == weighted.inertia
