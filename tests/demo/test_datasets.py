from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

import ilk
from ilk import demo
from ilk.demo import independent, mall, orders, shoppers
from ilk.errors import UsageError

INCOME_AND_SCORE = ["Annual Income (k$)", "Spending Score (1-100)"]
HISTORY = [
    "age",
    "annual_income",
    "orders_per_year",
    "average_order_value",
    "days_since_last_order",
    "total_spend",
]


def standardized(frame: pl.DataFrame) -> NDArray[np.float64]:
    values = frame.to_numpy().astype(np.float64)
    return (values - values.mean(axis=0)) / values.std(axis=0)


def clusters(values: NDArray[np.float64], k: int) -> NDArray[np.int32]:
    return KMeans(k, n_init=5, random_state=0).fit_predict(values)


def silhouettes(values: NDArray[np.float64], most: int = 8) -> dict[int, float]:
    sampled = values[:2_000]
    return {k: silhouette_score(sampled, clusters(sampled, k)) for k in range(2, most + 1)}


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("mall", "2e2c09088bed58dd"),
        ("shoppers", "61e5072a076d37e3"),
        ("customers", "6a6fba4d22dd3408"),
        ("orders", "3cca747e843389bb"),
    ],
)
def test_the_bytes_are_the_same_everywhere(name: str, digest: str) -> None:
    text = demo.load(name).write_csv()
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(
        UsageError, match=r"no example data named 'mal'. Did you mean 'mall'"
    ) as info:
        demo.load("mal")
    assert info.value.code == "E_UNKNOWN_DEMO"


def test_every_recipe_names_columns_that_its_customers_have() -> None:
    for dataset in demo.DATASETS.values():
        names = set(demo.load_customers(dataset.name).columns)
        wanted = {*dataset.recipe.features, *dataset.recipe.describe, dataset.recipe.id} - {None}
        assert wanted <= names, dataset.name


@pytest.mark.parametrize(
    ("name", "k"),
    [("mall", 5), pytest.param("shoppers", 3, marks=pytest.mark.thorough), ("orders", 3)],
)
def test_the_number_of_segments_is_found_without_being_told(name: str, k: int) -> None:
    assert demo.get_dataset(name).recipe.k == "auto"
    assert ilk.fit(demo.load_customers(name), demo.get_dataset(name).recipe).selection.k == k


class TestMall:
    def test_it_has_the_columns_of_the_well_known_file(self, data_dir: Path) -> None:
        real = pl.read_csv(data_dir / "Mall_Customers.csv")
        assert mall.make_customers().schema == real.schema

    def test_it_is_not_the_well_known_file(self, data_dir: Path) -> None:
        real = pl.read_csv(data_dir / "Mall_Customers.csv")
        shared = mall.make_customers().join(real, on=real.columns[1:], how="semi")
        assert shared.height <= 2

    def test_numbers_stay_within_their_scales(self) -> None:
        frame = mall.make_customers()
        assert frame["CustomerID"].to_list() == list(range(1, 201))
        assert frame["Age"].is_between(18, 70).all()
        assert frame["Spending Score (1-100)"].is_between(1, 100).all()
        assert frame["Annual Income (k$)"].is_between(15, 137).all()
        assert set(frame["Gender"]) == {"Female", "Male"}

    def test_five_groups_come_back(self) -> None:
        drawn = mall.draw_customers()
        labels = clusters(standardized(drawn[INCOME_AND_SCORE]), 5)
        assert adjusted_rand_score(drawn["group"], labels) > 0.9

    def test_five_is_the_best_k_and_the_groups_are_clear_but_touch(self) -> None:
        silhouette_by_k = silhouettes(standardized(mall.make_customers()[INCOME_AND_SCORE]))
        assert max(silhouette_by_k, key=silhouette_by_k.__getitem__) == 5
        assert 0.5 < silhouette_by_k[5] < 0.6

    def test_big_spenders_are_younger(self) -> None:
        spends = pl.col("group").str.ends_with("high spending")
        ages = mall.draw_customers().group_by(spends).agg(pl.col("Age").mean()).sort("group")
        assert ages["Age"][1] < ages["Age"][0] - 10


class TestShoppers:
    def test_ids_are_text_of_six_digits_that_begin_with_zeros(self) -> None:
        ids = shoppers.make_customers()["customer_id"]
        assert ids.dtype == pl.String
        assert ids.n_unique() == 5_000
        assert ids.str.contains(r"^0\d{5}$").all()

    def test_the_purchase_history_adds_up(self) -> None:
        frame = shoppers.make_customers()
        product = frame["orders_per_year"] * frame["average_order_value"]
        assert ((product - frame["total_spend"]).abs() < 1e-9).all()
        assert frame["days_since_last_order"].is_between(0, 365).all()
        assert frame["orders_per_year"].min() == 1

    def test_three_groups_come_back(self) -> None:
        drawn = shoppers.draw_customers()
        values = drawn[HISTORY].to_numpy().astype(np.float64)
        for prepared in (pl.DataFrame(values), pl.DataFrame(np.log1p(values))):
            labels = clusters(standardized(prepared), 3)
            assert 0.85 < adjusted_rand_score(drawn["group"], labels) < 0.97

    def test_three_is_the_best_k(self) -> None:
        silhouette_by_k = silhouettes(standardized(shoppers.make_customers()[HISTORY]), most=6)
        assert max(silhouette_by_k, key=silhouette_by_k.__getitem__) == 3

    def test_money_has_a_long_right_tail(self) -> None:
        frame = shoppers.make_customers()
        for column in ("annual_income", "average_order_value", "total_spend"):
            values = frame[column].to_numpy()
            assert np.mean(values) > 1.1 * np.median(values)


class TestCustomers:
    def test_columns_and_categories(self) -> None:
        frame = independent.make_customers()
        assert frame.columns == [
            "annual_income",
            "spending_score",
            "number_of_purchases",
            "age",
            "years_with_company",
            "average_order_value",
            "activity_per_week",
            "product_category",
        ]
        assert set(frame["product_category"]) == set(independent.CATEGORIES)

    def test_no_column_tells_of_another(self) -> None:
        numbers = (
            independent.make_customers().drop("product_category").to_numpy().T.astype(np.float64)
        )
        together = np.corrcoef(numbers) - np.eye(len(numbers))
        assert np.abs(together).max() < 0.25

    def test_clusters_are_no_clearer_than_with_every_column_shuffled(self) -> None:
        values = standardized(independent.make_customers().drop("product_category"))
        shuffled = np.random.default_rng(0).permuted(values, axis=0)
        assert max(silhouettes(values).values()) < 0.2
        assert max(silhouettes(values).values()) < max(silhouettes(shuffled).values()) + 0.03


class TestOrders:
    def test_lines_are_in_order_of_date_over_two_years(self) -> None:
        log = orders.make_orders()
        assert log["order_date"].is_sorted()
        assert log["order_date"].dt.year().unique().to_list() == [2024, 2025]
        assert log.height == pytest.approx(6_000, rel=0.05)
        assert log["customer_id"].n_unique() == pytest.approx(800, rel=0.02)
        assert log["customer_id"].str.contains(r"^00\d{4}$").all()

    def test_a_refund_follows_an_order_of_the_same_customer_and_never_exceeds_it(self) -> None:
        log = orders.make_orders()
        sales = log.filter(pl.col("amount") > 0)
        refunds = log.filter(pl.col("amount") < 0)
        pairs = refunds.join(sales, on=["order_id", "customer_id"], suffix="_sold")
        assert 100 < refunds.height == pairs.height
        assert sales.height + refunds.height == log.height
        assert (pairs["order_date"] > pairs["order_date_sold"]).all()
        assert (-pairs["amount"] <= pairs["amount_sold"]).all()
        assert (
            pairs.select((-pl.col("items")).is_between(1, pl.col("items_sold"))).to_series().all()
        )

    def test_christmas_customers_order_in_november_and_december_only(self) -> None:
        sales = orders.draw_orders().filter(pl.col("habit") == "christmas", pl.col("amount") > 0)
        days = sales["order_date"].dt.strftime("%m-%d")
        assert days.is_between(pl.lit("11-01"), pl.lit("12-24")).all()

    def test_habits_show_in_what_is_computed_from_the_log(self) -> None:
        habits = orders.draw_orders().group_by("customer_id").agg(pl.col("habit").first())
        table = demo.load_customers("orders").join(habits, on="customer_id")
        typical = table.group_by("habit").agg(pl.exclude("customer_id").median())
        figures = {row["habit"]: row for row in typical.iter_rows(named=True)}
        assert figures["regular"]["orders"] > 3 * figures["newcomer"]["orders"]
        assert figures["lapsed"]["recency_days"] > 300
        assert figures["newcomer"]["tenure_days"] < 120
        assert figures["one-time"]["orders"] == 1
        assert figures["christmas"]["average_order_value"] > 100
