"""Laws 1 to 3 for k-means: threads, row order and weights change no byte."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from ilk.cluster.kmeans.fit import run_kmeans
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import choose_k

GROUPS, ROWS = 4, 8_000  # enough rows for several fits side by side


@pytest.fixture(scope="module")
def values():
    return grouped(ROWS)


def grouped(n: int):
    random = np.random.default_rng(7)
    centers = random.normal(size=(GROUPS, 3)) * 6
    return centers[random.integers(GROUPS, size=n)] + random.normal(size=(n, 3))


def test_threads_change_no_byte():
    code = f"""
import numpy as np
from ilk.selection.sweep import choose
from ilk.selection.settings import Terms
random = np.random.default_rng(3)
values = random.normal(size=({ROWS}, 5)) + 4.0 * random.integers(0, 2, size=({ROWS}, 1))
choice, partition = choose(values, Terms(k_max=5, restarts=3))
print(partition.centers.tobytes().hex(), repr(choice))
"""
    told = set()
    for threads in ("1", "2", "4"):
        limits = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **limits},
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(done.stdout)
    assert len(told) == 1


def test_row_order_changes_no_byte(values):
    turned = np.random.default_rng(1).permutation(len(values))
    first, found = choose_k(values, SelectionSettings(k_max=5, restarts=3))
    second, again = choose_k(values[turned], SelectionSettings(k_max=5, restarts=3))
    assert first == second
    assert found.centers.tobytes() == again.centers.tobytes()
    assert (found.predict(values).labels[turned] == again.predict(values[turned]).labels).all()


def test_column_order_changes_no_label(values):
    found, turned = (run_kmeans(each, GROUPS, seed=0) for each in (values, values[:, ::-1]))
    labels = found.predict(values).labels
    assert (labels == turned.predict(np.ascontiguousarray(values[:, ::-1])).labels).all()


def test_placing_the_rows_again_gives_the_clusters_that_were_fitted(values):
    found = run_kmeans(values, GROUPS, seed=0)
    placed = found.predict(values)
    for label, center in enumerate(found.centers):
        assert center == pytest.approx(values[placed.labels == label].mean(axis=0), abs=1e-9)
    own = ((values - found.centers[placed.labels]) ** 2).sum()
    assert found.inertia == pytest.approx(own, rel=1e-12)


def test_copies_are_weights_and_weights_are_copies():
    rows = grouped(300)
    weights = np.random.default_rng(2).integers(1, 5, size=300)
    copied = run_kmeans(np.repeat(rows, weights, axis=0), GROUPS, seed=0)
    weighted = run_kmeans(rows, GROUPS, seed=0, weights=weights.astype(float))
    assert copied.centers.tobytes() == weighted.centers.tobytes()
    assert copied.inertia == weighted.inertia
