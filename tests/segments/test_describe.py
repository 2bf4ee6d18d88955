"""Real and made-up customers, from partition to named segments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.cluster import KMeans

from ilk.schema import Column, Schema
from ilk.segments.describe import describe_segments
from ilk.segments.playbook_file import load_playbook
from ilk.segments.profile import profile_batch
from ilk.segments.segment import Segment

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


def segmented(
    frame: pl.DataFrame, features: list[str], describers: list[str], k: int
) -> tuple[Segment, ...]:
    """Segments by k-means on standardized numbers, the largest first."""
    schema = Schema(
        tuple(
            Column(
                name,
                kind="number" if frame[name].dtype.is_numeric() else "category",
                role="feature" if name in features else "describe",
                reason="a test",
            )
            for name in features + describers
        )
    )
    values = frame.select(features).to_numpy().astype(float)
    standardized = (values - values.mean(0)) / values.std(0)
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(standardized)
    rank = np.argsort(np.argsort(-np.bincount(labels), kind="stable"))
    numbers = [column.name for column in schema if column.kind == "number"]
    figures = profile_batch(
        frame.with_columns(pl.col(numbers).cast(pl.Float64)),
        rank[labels].astype(np.int32),
        schema.profile_columns,
        magnitudes={name: float(frame[name].abs().max()) for name in numbers},  # type: ignore[arg-type]
    )
    return describe_segments(figures, schema, load_playbook())


@pytest.fixture(scope="module")
def mall(data_dir: Path) -> tuple[Segment, ...]:
    frame = pl.read_csv(data_dir / "Mall_Customers.csv")
    return segmented(frame, [INCOME, SCORE], ["Gender", "Age"], k=5)


def test_the_five_mall_segments_have_the_names_that_analysts_give_them(mall):
    assert [(segment.name, segment.figures.customers) for segment in mall] == [
        ("Middle-income average spenders", 81),
        ("High-income high spenders", 39),
        ("High-income low spenders", 35),
        ("Low-income low spenders", 23),
        ("Low-income high spenders", 22),
    ]
    assert [segment.number for segment in mall] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "ideas"),
    [
        ("High-income high spenders", ["premium", "early access"]),
        ("Low-income high spenders", ["loyalty program", "promotions"]),
        ("High-income low spenders", ["holds them back", "personal offer"]),
        ("Low-income low spenders", ["low", "basics"]),
        ("Middle-income average spenders", ["regular", "cross-selling"]),
    ],
)
def test_the_five_mall_actions_hold_the_expected_ideas(mall, name, ideas):
    (action,) = [segment.action for segment in mall if segment.name == name]
    assert all(idea in action.lower() for idea in ideas)


def test_the_five_mall_actions_differ(mall):
    assert len({segment.action for segment in mall}) == 5


def test_mall_figures_agree_with_the_published_means(mall):
    means = {segment.name: [part.mean for part in segment.figures.numbers[:2]] for segment in mall}
    assert means["High-income high spenders"] == pytest.approx([86.54, 82.13], abs=0.005)
    assert means["Middle-income average spenders"] == pytest.approx([55.30, 49.52], abs=0.005)


def test_traits_stand_from_the_strongest_to_the_weakest(mall):
    rich = mall[1]
    assert [trait.column for trait in rich.traits] == [SCORE, INCOME, "Age", "Gender"]
    assert rich.traits[1].text == f"{INCOME}: 86.5 on average, 43% above the overall 60.6"


def test_what_the_name_mentions_stands_first(mall):
    for segment in mall:
        assert {trait.column for trait in segment.traits[:2]} == {INCOME, SCORE}
    strength = [abs(trait.effect) for trait in mall[0].traits]
    assert strength[0] < strength[2]  # or nothing would have had to be moved


@pytest.mark.parametrize("k", [2, 3, 4, 6, 7, 8, 9, 10, 11, 12])
def test_names_stay_unique_at_any_k(data_dir, k):
    frame = pl.read_csv(data_dir / "Mall_Customers.csv")
    segments = segmented(frame, [INCOME, SCORE], ["Gender", "Age"], k)
    assert len({segment.name for segment in segments}) == k
    assert not any("group" in segment.name for segment in segments)


def test_age_is_said_in_the_names_when_it_shapes_the_segments(data_dir):
    frame = pl.read_csv(data_dir / "Mall_Customers.csv")
    segment_names = {
        segment.name for segment in segmented(frame, ["Age", INCOME, SCORE], ["Gender"], k=6)
    }
    assert segment_names == {
        "Older customers",
        "Younger customers",
        "High-income high spenders",
        "High-income low spenders",
        "Low-income high spenders",
        "Low-income low spenders",
    }


def test_card_customers_are_named_by_what_a_bank_would_say(data_dir):
    frame = pl.read_csv(data_dir / "BankChurners.csv")[:, 1:-2]
    numbers = [name for name in frame.columns if frame[name].dtype.is_numeric()]
    action_by_name = {
        segment.name: segment.action for segment in segmented(frame, numbers, ["Gender"], k=5)
    }
    assert "rewards that grow with use" in action_by_name["Frequent high spenders"]
    assert "cashback" in action_by_name["High credit limit, low utilization"]
    assert "loyalty" in action_by_name["Older long-standing customers"]
    assert len(set(action_by_name.values())) == 5


def test_shoppers_with_habits_get_advice_on_their_habits():
    rng = np.random.default_rng(1)
    kind = np.repeat([0, 1, 2], 100)
    shoppers = pl.DataFrame(
        {
            "annual_income": rng.normal(np.array([120e3, 60e3, 40e3])[kind], 9e3),
            "purchase_frequency": rng.normal(np.array([8, 22, 3])[kind], 2),
            "days_since_last_purchase": rng.normal(np.array([30, 10, 120])[kind], 8),
        }
    )
    action_by_name = {
        segment.name: segment.action for segment in segmented(shoppers, shoppers.columns, [], k=3)
    }
    assert set(action_by_name) == {
        "High-income customers",
        "Frequent, recently active customers",
        "Low-income long-absent customers",
    }
    assert "habit" in action_by_name["Frequent, recently active customers"]
    assert "offer to return" in action_by_name["Low-income long-absent customers"]


def test_names_in_another_language_keep_their_capitals():
    names = ("Aufenthalte", "Umsatz pro Aufenthalt (€)", "Frühstück")
    columns = tuple(Column(name, "number", "feature", "") for name in names)
    rng = np.random.default_rng(1)
    labels = np.repeat(np.array([0, 1], dtype=np.int32), 20)
    frame = pl.DataFrame({name: 20.0 * labels + rng.random(40) + 1 for name in names})
    profile = profile_batch(frame, labels, columns, magnitudes=dict.fromkeys(names, 50.0))
    segments = describe_segments(profile, Schema(columns), load_playbook())
    assert segments[0].name.startswith("Low Aufenthalte, low Umsatz pro Aufenthalt")
