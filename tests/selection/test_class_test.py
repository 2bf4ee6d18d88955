from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.selection.class_test import HeldOut, find_best_k
from ilk.tables.source import open_source
from ilk.workflow.fit import FittedCandidates, fit_candidates, inspect_source

CERTAIN = np.ones(400)


def make_frame(codes: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {f"c{j}": [f"level {code}" for code in column] for j, column in enumerate(codes.T)}
    )


def draw_classes(k: int, own: float, n: int = 600, columns: int = 10) -> np.ndarray:
    """A share of each class has its own level of as many as there are classes."""
    random = np.random.default_rng([k, n])
    truth = random.integers(k, size=(n, 1))
    return np.where(random.random((n, columns)) < own, truth, random.integers(k, size=(n, columns)))


def fit(codes: np.ndarray, **options: object) -> FittedCandidates:
    recipe = Recipe(k_max=6, **options)  # type: ignore[arg-type]
    inferred = inspect_source(open_source(make_frame(codes)), recipe)
    return fit_candidates(inferred, recipe, ProgressReporter())


@pytest.mark.parametrize("k", [2, 4])
def test_classes_that_categories_show_are_clear(k: int) -> None:
    sweep = fit(draw_classes(k, 0.7)).sweep
    assert (sweep.structure, sweep.recommended_k) == ("clear", k)
    selection, _ = sweep.select("auto")
    certainty = selection.chosen_candidate.class_certainty
    assert certainty is not None
    assert certainty >= 0.9
    assert "The categories show" in selection.reasons[0]


@pytest.mark.thorough
def test_independent_categories_are_none() -> None:
    sweep = fit(np.random.default_rng(0).integers(4, size=(600, 10))).sweep
    assert sweep.structure == "none"
    assert all(candidate.class_certainty is None for candidate in sweep.candidates)


@pytest.mark.thorough
def test_classes_that_overlap_are_not_clear() -> None:
    assert fit(draw_classes(3, 0.25)).sweep.structure != "clear"


def test_the_smallest_k_within_a_standard_error_of_the_best_counts() -> None:
    noise = np.tile([-1.0, 1.0], 200)
    held_out = {
        k: HeldOut(mean + amplitude * noise, CERTAIN)
        for k, mean, amplitude in ((1, -5.0, 0.0), (2, -4.0, 1.0), (3, -3.0, 2.0), (4, -2.99, 3.0))
    }
    assert find_best_k(held_out) == 3


def test_a_k_that_is_hardly_better_than_the_next_smaller_proves_nothing() -> None:
    noise = np.tile([-1.0, 1.0], 200)
    held_out = {1: HeldOut(-5.0 + noise, CERTAIN), 2: HeldOut(np.full(400, -4.9), CERTAIN)}
    # 0.1 is two standard errors of 1 / 20.
    assert find_best_k(held_out) == 1
