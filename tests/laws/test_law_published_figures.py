"""Law 8: figures that others published about these files hold to the printed digit."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import ilk

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="module")
def mall(data_dir: Path) -> Path:
    return data_dir / "Mall_Customers.csv"


@pytest.fixture(scope="module")
def five(mall: Path):
    return ilk.fit(mall, features=FEATURES)


def candidate(run, k):
    return next(candidate for candidate in run.selection.candidates if candidate.k == k)


def test_the_elbow_of_the_mall_is_five(five):
    assert five.selection.k == 5


def test_inertia_and_silhouette_standardized(five):
    chosen = candidate(five, 5)
    assert repr(chosen.inertia) == "65.56840815571681"
    assert math.isclose(chosen.silhouette, 0.5546571631111091, rel_tol=1e-13)
    assert repr(five.model.partition.inertia) == "65.56840815571681"


def test_sizes(five):
    assert [segment.figures.customers for segment in five.segments] == [81, 39, 35, 23, 22]


def test_unscaled_inertias(mall):
    run = ilk.fit(mall, features=FEATURES, scale="none", k=5, k_max=6)
    published = {
        2: 181363.596,
        3: 106348.373,
        4: 73679.789,
        5: 44448.45544793371,
        6: 37233.8145,
    }
    for k, inertia in published.items():
        digits = len(str(inertia).split(".")[1])
        assert round(candidate(run, k).inertia, digits) == inertia
    assert math.isclose(candidate(run, 5).silhouette, 0.553931997444648, rel_tol=1e-13)
    assert [segment.figures.customers for segment in run.segments] == [81, 39, 35, 23, 22]


def test_age_income_and_score_unscaled_give_six(mall):
    run = ilk.fit(mall, features=["Age", *FEATURES], scale="none")
    assert run.selection.k == 6
    assert round(candidate(run, 6).inertia, 4) == 58300.4433
    assert round(candidate(run, 6).silhouette, 4) == 0.4523
    assert [segment.figures.customers for segment in run.segments] == [45, 39, 38, 35, 22, 21]


def test_the_five_names_that_analysts_give(five):
    income_and_score = {
        "High-income low spenders",
        "Middle-income average spenders",
        "High-income high spenders",
        "Low-income high spenders",
        "Low-income low spenders",
    }
    assert {segment.name for segment in five.segments} == income_and_score


def test_the_centers_in_original_units(five):
    means = {
        segment.name: tuple(
            round(part.mean, 1) for part in segment.figures.numbers if part.column in FEATURES
        )
        for segment in five.segments
    }
    assert means == {
        "Middle-income average spenders": (55.3, 49.5),
        "High-income high spenders": (86.5, 82.1),
        "High-income low spenders": (88.2, 17.1),
        "Low-income low spenders": (26.3, 20.9),
        "Low-income high spenders": (25.7, 79.4),
    }


def test_actions_fit_the_segments(five):
    actions = {segment.name: segment.action.lower() for segment in five.segments}
    assert "premium" in actions["High-income high spenders"]
    assert "loyalty" in actions["Low-income high spenders"]
    assert "promotion" in actions["Low-income high spenders"]
