"""How deep a gap is, and that a shallow one makes no clear segments."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy.stats import norm

from ilk.cluster.kmeans.restarts import run_restarts
from ilk.cluster.weighted_rows import deduplicate_rows
from ilk.selection.k_choice import MAX_GAP_DENSITY
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import sweep_k
from ilk.selection.valley_test import ValleyTest


def draw_pair(distance: float, n: int) -> np.ndarray:
    """Two normal groups of the same size; quantiles, so that chance has no part."""
    half = norm.ppf((np.arange(n // 2) + 0.5) / (n // 2))
    return np.concatenate([half, half + distance])[:, None]


def test_the_limit_is_the_density_between_groups_2_95_apart():
    middle, peak = 2 * norm.pdf(2.95 / 2), norm.pdf(0) + norm.pdf(2.95)
    assert middle / peak == pytest.approx(MAX_GAP_DENSITY, abs=0.002)


@pytest.mark.parametrize("distance", [3.0, 4.0, 6.0])
def test_the_density_is_between_that_at_the_bottom_and_that_of_the_groups(distance):
    rows = deduplicate_rows(draw_pair(distance, 2000))
    test = ValleyTest(rows, partial(run_restarts, starts=3, seed=0))
    density = test.find_separations([2])[2].density
    bottom = 2 * norm.pdf(distance / 2) / (norm.pdf(0) + norm.pdf(distance))
    assert density is not None
    assert bottom - 0.02 < density < bottom + 0.25


@pytest.mark.parametrize(("distance", "structure"), [(2.6, "weak"), (4.0, "clear")])
def test_a_gap_that_is_proved_but_shallow_makes_no_clear_segments(distance, structure):
    sweep = sweep_k(draw_pair(distance, 6000), SelectionSettings(k_max=4))
    assert sweep.recommended_k == 2
    selection, _ = sweep.select()
    assert selection.chosen_candidate.n_separated_groups == 2
    assert selection.structure == structure
    assert ("shallow" in selection.reasons[0]) == (structure == "weak")
