from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from ilk.errors import Notice
from ilk.recipe import Recipe
from ilk.report.facts import RowCounts, RunMetadata
from ilk.report.summary import summarize_run
from ilk.report.summary_types import RunSummary
from ilk.schema import Column, Schema
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures, Segment, Trait
from ilk.selection.candidates import Candidate, Selection

HOSTILE = (
    "<script>alert('x')</script>",
    "العملاء ذوو الدخل المرتفع",
    "🛒 High spenders 🎉 & friends",
    "顧客の収入が高く支出が低いセグメント",
    "Very high income, very low spending, mostly married, often G",
    '"><img src=x onerror=alert(1)>',
    "evil \u202e gnidneps hgih \x1b[31m",
    "Low-income low spenders",
    "x" * 60,
    "$60K - $80K, $120K +",
    "{{ 7 * 7 }} {% raw %}",
    "https://example.com/track.gif",
)


@dataclass(frozen=True)
class Made:
    """A run made up for tests: 200 customers, one number, one category, k segments."""

    segments: tuple[Segment, ...]
    everyone: Figures
    choice: Selection
    schema: Schema
    recipe: Recipe
    facts: RunMetadata
    income: np.ndarray
    score: np.ndarray
    labels: np.ndarray

    @property
    def names(self) -> list[str]:
        return [segment.name for segment in self.segments]

    @property
    def centers(self) -> np.ndarray:
        own = [self.labels == segment.number for segment in self.segments]
        return np.array([[self.income[i].mean(), self.score[i].mean()] for i in own])

    @property
    def summary(self) -> RunSummary:
        return summarize_run(
            self.facts, self.segments, self.everyone, self.choice, self.schema, self.recipe
        )


def make(names: Sequence[str], column: str = "Income (k$)", rows: int = 200) -> Made:
    """A run with these segment names; the same every time."""
    k, rng = len(names), np.random.default_rng(0)
    labels = np.sort(rng.integers(1, k + 1, rows))
    labels[:k] = np.arange(1, k + 1)
    income = 10.0 * labels + rng.normal(0, 2, rows)
    score = 50 + 30 * np.sin(2.0 * labels) + rng.normal(0, 4, rows)
    level = np.where((labels + rng.integers(0, 3, rows)) % 2 == 0, "Gold", "None at all <b>")

    def figures(own: np.ndarray) -> Figures:
        levels, counts = np.unique(level[own], return_counts=True)
        ranked = sorted(zip(levels.tolist(), counts.tolist(), strict=True), key=lambda c: -c[1])
        number = NumberFigures(column, float(income[own].mean()), float(income[own].std()), 0)
        card = CategoryFigures("Card", tuple(ranked), 0)
        return Figures(int(own.sum()), float(own.mean()), (number,), (card,))

    segments = tuple(
        Segment(
            number,
            name,
            f"Write to them & <i>call</i> {number}.",
            figures(labels == number),
            (Trait(column, "high", 1.0, f"{column}: {number}0 on average, above everyone's 30"),),
        )
        for number, name in enumerate(names, start=1)
    )
    return Made(
        segments=segments,
        everyone=figures(np.full(rows, True)),
        choice=Selection(
            candidates(max(k, 2)), f"{k} segments: the curve bends there.", ("A <reason>.",)
        ),
        schema=Schema(
            (
                Column("Customer", "text", "id", "every row has its own value"),
                Column(column, "number", "feature", "a number", missing=3),
                Column("Card", "category", "describe", "asked for"),
            )
        ),
        recipe=Recipe(),
        facts=RunMetadata(
            source="<mall> & sons.csv",
            rows=RowCounts(read=rows, labeled=rows, sampled=rows),
            command="ilk fit '<mall>.csv' --k 5",
            seed=0,
            data_hash="sha256:abc",
            source_facts={"delimiter": 'comma, "," <in> every line'},
            preprocessing=("Income: missing filled with 61",),
            notices=(Notice("W_SKEW", "a <long> tail", column="Income"), Notice("W_X", "mind")),
            versions={"ilk": "0.1.0"},
            created="2026-11-21",
        ),
        income=income,
        score=score,
        labels=labels,
    )


def candidates(chosen: int, sharpest: int | None = None) -> tuple[Candidate, ...]:
    """Candidates for K = 2..12; the curve bends most at ``sharpest``."""
    sharpest = chosen if sharpest is None else sharpest
    return tuple(
        Candidate(
            algorithm="kmeans",
            k=k,
            inertia=1000.0 / k,
            elbow=None if k in {2, 12} and k != sharpest else 1.0 + (k == sharpest),
            silhouette=0.4 + 0.1 * (k == chosen),
            silhouette_error=0.0,
            silhouette_squared=math.nan,
            calinski_harabasz=100.0,
            davies_bouldin=0.7,
            chosen=k == chosen,
        )
        for k in range(2, 13)
    )


@pytest.fixture(scope="session")
def five() -> Made:
    return make([f"Segment with the name {letter}" for letter in "ABCDE"])


@pytest.fixture(scope="session")
def twelve() -> Made:
    return make(HOSTILE, column="Naive_Bayes_Classifier_Attrition_Flag_$x$_<b>_Category_Months_12")
