"""Tables that are described as a whole: the demos, real tables, and small ones made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.workflow.run import Run


def make_flags() -> pl.DataFrame:
    app, news = (np.tile(x, 10) for x in ([0, 0, 1, 1], [0, 1, 0, 1]))
    answers = np.array(["No", "Yes"])
    return pl.DataFrame({"has_app": answers[app], "newsletter": answers[news]})


def make_plans() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], 30)
    return pl.DataFrame(
        {
            "tenure": rng.normal(np.array([4, 40, 60])[kind], 2),
            "Contract": np.array(["Month-to-month", "One year", "Two year"])[kind],
            "MonthlyCharges": rng.normal(np.array([70, 60, 100])[kind], 3),
            "PhoneService": np.array(["Yes", "No", "Yes"])[kind],
        }
    )


def make_levels() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1], 40)
    return pl.DataFrame(
        {
            "credit_score": rng.normal(np.array([520, 760])[kind], 20),
            "bounce_rates": rng.normal(np.array([0.18, 0.02])[kind], 0.01),
            "spend_level": np.array(["Average", "High"])[kind],
            "ŞEHİR": np.array(["İzmir", "Ankara"])[kind],
        }
    )


MADE: Mapping[str, Callable[[], pl.DataFrame]] = {
    "flags": make_flags,
    "plans": make_plans,
    "levels": make_levels,
}
REAL: Mapping[str, int] = {
    "Mall_Customers.csv": 6,
    "Wholesale_customers.csv": 4,
    "segmentation_data.csv": 9,
    "BankChurners.csv": 5,
}
"""Files that are tables of customers, and into how many segments they are divided."""

_MAX_ROWS = 2_000  # of a real table; what is said is checked against the figures of these


@cache
def _fit(name: str, folder: Path | None) -> Run:
    if folder is not None:
        table = pl.read_csv(folder / name, n_rows=_MAX_ROWS)
        return ilk.fit(table, k=REAL[name], fast=True)
    if name in MADE:
        return ilk.fit(MADE[name](), fast=True, k_max=6)
    recipe = replace(ilk.demo.get_dataset(name).recipe, fast=True)
    return ilk.fit(ilk.demo.load_customers(name), recipe)


@pytest.fixture(params=[*ilk.demo.DATASETS, *MADE, *REAL])
def described(request: pytest.FixtureRequest) -> Run:
    """A run on one of the tables, made once for all tests."""
    real = request.param in REAL
    return _fit(request.param, request.getfixturevalue("data_dir") if real else None)
