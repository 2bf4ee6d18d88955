"""Names of whole runs, read for the faults that make a name useless or wrong."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import ilk
from ilk.segments.segment import Segments

FAULTS = {
    "a quoted level": re.compile(r"[“”\"']"),
    "a code of a column": re.compile(r"_|[A-Z]{2}\w*\d|\b\w+ [01]\b"),
    "mostly twice": re.compile(r"mostly.*mostly", re.IGNORECASE),
    "an answer without its question": re.compile(r"\b(yes|no|true|false)\b", re.IGNORECASE),
    "a cut": re.compile("…"),
    "a number in place of a difference": re.compile(r"group \d"),
    "average by default": re.compile("otherwise average"),
    "a stray dot": re.compile("\u0307"),
    "too many words": re.compile(r"(\S+ ){7}"),
}


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


MADE = {"flags": make_flags, "plans": make_plans, "levels": make_levels}


@pytest.fixture(scope="module", params=[*ilk.demo.DATASETS, *MADE])
def segments(request: pytest.FixtureRequest) -> Segments:
    if request.param in MADE:
        return ilk.fit(MADE[request.param](), fast=True, k_max=6).segments
    recipe = replace(ilk.demo.get_dataset(request.param).recipe, fast=True)
    return ilk.fit(ilk.demo.load_customers(request.param), recipe).segments


@pytest.mark.parametrize("fault", FAULTS)
def test_names_are_free_of_faults(segments, fault):
    faulty = [segment.name for segment in segments if FAULTS[fault].search(segment.name)]
    assert faulty == []


def test_names_are_short_and_different(segments):
    names = [segment.name for segment in segments]
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) <= 60


def test_every_word_of_a_name_has_its_figures(segments):
    for segment in segments:
        texts = {trait.text for trait in segment.traits}
        assert segment.name == "Average customers" or segment.name_reasons
        assert all(reason.text in texts for reason in segment.name_reasons)
