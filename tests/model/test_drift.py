"""New customers compared with those of the training: who cries wolf, and who sees the wolf."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
import pytest

from ilk.errors import Notice
from ilk.features.encoder import CategoricalEncoding, Encoder, NumericEncoding
from ilk.formatting.numbers import format_percent
from ilk.model.assign import ReadRows
from ilk.model.drift import compute_outside_probability
from ilk.model.notices import check_doubts, list_cell_notices
from ilk.model.ranges import make_range
from ilk.model.training import TrainingRecord
from ilk.schema import Column, DateConversion
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures

Draw = Callable[[np.random.Generator, int], "np.ndarray[tuple[int], np.dtype[np.float64]]"]

DRAWS: dict[str, Draw] = {
    "normal": lambda random, n: random.normal(50, 10, size=n),
    "exponential": lambda random, n: random.exponential(size=n),
    "lognormal": lambda random, n: random.lognormal(size=n),
    "counts": lambda random, n: random.poisson(3, n).astype(float),
    "mostly zero": lambda random, n: random.exponential(size=n) * (random.random(n) < 0.3),
}
N = 200


def record(frame: pl.DataFrame, conversion: DateConversion | None = None) -> TrainingRecord:
    """What a model would know of these customers."""
    numbers = [cells for cells in frame.iter_columns() if cells.dtype == pl.Float64]
    texts = [cells for cells in frame.iter_columns() if cells.dtype == pl.String]
    figures = Figures(
        frame.height,
        1.0,
        tuple(
            NumberFigures(c.name, float(c.to_numpy().mean()), float(c.to_numpy().std()), 0)
            for c in numbers
        ),
        tuple(CategoryFigures(c.name, tuple(c.value_counts().iter_rows()), 0) for c in texts),
    )
    return TrainingRecord(
        (
            *(Column(c.name, "number", "feature", "", conversion=conversion) for c in numbers),
            *(Column(c.name, "category", "feature", "") for c in texts),
        ),
        Encoder(
            (
                *(NumericEncoding(c.name, 0.0, None, None, False, 0.0, 1.0) for c in numbers),
                *(CategoricalEncoding(c.name, tuple(c.unique().sort()), 1.0) for c in texts),
            )
        ),
        tuple(
            make_range(
                c.name, c.to_numpy(), float(c.to_numpy().min()), float(c.to_numpy().max()), len(c)
            )
            for c in numbers
        ),
        figures,
    )


def tell(training: TrainingRecord, new: pl.DataFrame, size: int | None = None) -> list[Notice]:
    """The notices about new customers, counted in frames of a size."""
    parts = [
        training.count(ReadRows(part, 1 + start, part, training.encoder.encode(part)))
        for start, part in _slice(new, size or new.height)
    ]
    return list(list_cell_notices(training, sum(parts[1:], parts[0])))


def _slice(frame: pl.DataFrame, size: int) -> Iterator[tuple[int, pl.DataFrame]]:
    for start in range(0, frame.height, size):
        yield start, frame.slice(start, size)


def codes(training: TrainingRecord, new: pl.DataFrame) -> list[str]:
    return [notice.code for notice in tell(training, new)]


@pytest.fixture(scope="module")
def mall() -> pl.DataFrame:
    random = np.random.default_rng(5)
    return pl.DataFrame(
        {
            "income": random.gamma(5, 12, N).round(),
            "score": random.uniform(1, 99, N).round(),
            "plan": random.choice(["basic", "gold", "plus"], N, p=[0.6, 0.3, 0.1]),
        }
    )


@pytest.mark.parametrize("name", DRAWS)
def test_ordinary_customers_are_rarely_doubted(name: str) -> None:
    random, doubted = np.random.default_rng(1), 0
    for _ in range(100):
        training = record(pl.DataFrame({"x": DRAWS[name](random, N)}))
        doubted += bool(tell(training, pl.DataFrame({"x": DRAWS[name](random, N)})))
    assert doubted <= 3


@pytest.mark.parametrize("name", DRAWS)
def test_broken_columns_are_doubted_once(name: str) -> None:
    random = np.random.default_rng(2)
    training = record(pl.DataFrame({"x": DRAWS[name](random, N)}))
    x = pl.DataFrame({"x": DRAWS[name](random, N)})
    fifth = pl.int_range(N) % 5 == 0
    faults = {
        "W_SHIFT": [pl.col("x") * 100, pl.col("x") * 1000, pl.lit(0.0), pl.lit(None, pl.Float64)],
        "W_RANGE": [pl.when(fifth).then(pl.col("x") * 20).otherwise("x")],
    }
    for code, changes in faults.items():
        for change in changes:
            told = codes(training, x.with_columns(change.alias("x")))
            # A fifth of mostly zeros is little, and a hundred times zero is zero.
            assert told == [code] or (name == "mostly zero" and told in (["W_RANGE"], ["W_SHIFT"]))


def test_a_month_that_is_a_bit_different_is_not_broken(mall: pl.DataFrame) -> None:
    month = mall.with_columns(pl.col("income") * 1.08, (pl.col("score") + 5).clip(1, 99))
    assert tell(record(mall), month) == []
    assert tell(record(mall), mall.sort("income").tail(50)) == []


def test_a_category_that_is_always_the_same_is_told_but_no_doubt(mall: pl.DataFrame) -> None:
    part = mall.filter(pl.col("plan") == "gold")
    [notice] = tell(record(mall), part)
    assert (notice.code, notice.column) == ("W_ONE_LEVEL", "plan")
    share = format_percent(part.height / N)
    assert notice.message.startswith(f"all {part.height} values are 'gold', in training {share} we")
    check_doubts([notice])
    assert tell(record(mall), part.head(3)) == []


def test_a_hundredth_is_told_with_both_shares(mall: pl.DataFrame) -> None:
    low = float(mall["income"].to_numpy().min())
    [notice] = tell(record(mall), mall.with_columns(pl.col("income") / 100))
    assert (notice.code, notice.column) == ("W_SHIFT", "income")
    assert notice.message.startswith(f"200 customers (100%) outside {low:.0f}–")
    assert "100 times smaller; check the unit" in notice.message
    spread = record(pl.DataFrame({"x": np.concatenate([[0.0], np.arange(1.0, N)])}))
    [notice] = tell(spread, pl.DataFrame({"x": np.arange(0.0, N) / 100}))
    assert notice.message == (
        "100% of the values are at most 19, in training 10% were; the mean is 0.995 instead of "
        "99.5, 100 times smaller; check the unit"
    )


def test_one_value_far_outside_is_told_with_its_customer(mall: pl.DataFrame) -> None:
    odd = mall.with_columns(
        pl.when(pl.int_range(N) == 7).then(9000.0).otherwise("income").alias("income")
    )
    [notice] = tell(record(mall), odd)
    assert notice.message.startswith("1 customer (0.5%) outside")
    assert "such as 9,000 (row 8)" in notice.message
    assert notice.message.endswith("check the value")


def test_one_customer_is_told_of_every_value_outside(mall: pl.DataFrame) -> None:
    top = float(mall["income"].to_numpy().max())
    one = pl.DataFrame({"income": [top + 1], "score": [50.0], "plan": ["gold"]})
    [notice] = tell(record(mall), one)
    assert notice.code == "W_RANGE"
    assert notice.message.startswith(f"{top + 1:.0f} is outside")
    assert tell(record(mall), one.with_columns(pl.lit(top).alias("income"))) == []
    among_others = mall.vstack(one.select(mall.columns))
    assert tell(record(mall), among_others) == []


def test_frames_do_not_matter(mall: pl.DataFrame) -> None:
    odd = mall.with_columns(
        pl.when(pl.int_range(N) % 5 == 0).then(pl.col("income") * 20).otherwise("income")
    ).with_columns(pl.lit("plus").alias("plan"))
    whole = tell(record(mall), odd)
    assert [notice.code for notice in whole] == ["W_RANGE", "W_SHIFT"]
    assert tell(record(mall), odd, size=33) == whole


def test_swapped_columns_are_one_notice(mall: pl.DataFrame) -> None:
    swapped = mall.rename({"income": "score", "score": "income"})
    [notice] = tell(record(mall), swapped)
    assert notice.column == "income"
    assert "those that 'score' had in training" in notice.message


def test_stand_ins_are_told_as_such(mall: pl.DataFrame) -> None:
    odd = mall.with_columns(
        pl.when(pl.int_range(N) % 20 == 0).then(999.0).otherwise("income").alias("income")
    )
    [notice] = tell(record(mall), odd)
    assert notice.message.endswith("clear such cells if they mean unknown")


def test_levels_of_other_shares_are_told_with_them(mall: pl.DataFrame) -> None:
    training = record(mall)
    counts = dict(mall["plan"].value_counts().iter_rows())
    [notice] = tell(training, mall.with_columns(pl.lit("plus").alias("plan")))
    assert notice.message == (
        f"100% of the values are 'plus', in training {counts['plus'] / N:.0%} were; check the "
        "column"
    )
    assert tell(training, mall.filter(pl.col("plan") != "basic").head(9)) == []


def test_dates_after_the_day_of_the_model_are_told_with_the_latest() -> None:
    days = DateConversion("seen", "%Y-%m-%d", "days", "2024-03-01", name="x")
    training = record(pl.DataFrame({"x": np.arange(0.0, N)}), days)
    [notice] = tell(training, pl.DataFrame({"x": np.arange(-3.0, N)}))
    assert notice.message == (
        "3 customers with a date after 2024-03-01, to which the model counts; the latest is "
        "2024-03-04. If the table is newer, name the day of the table with as_of="
    )
    check_doubts([notice])
    for late, told in ((N - 1, ["W_NEWER_DATE"]), (N, ["W_LATE_DATE"])):
        assert codes(training, pl.DataFrame({"x": np.arange(-late, N, dtype=float)})) == told
    old = pl.DataFrame({"x": [-3.0, *np.arange(0.0, N), 40_000.0]})
    newer, far = tell(training, old)
    assert (newer.code, far.code) == ("W_NEWER_DATE", "W_RANGE")
    assert far.message.startswith("1 customer (0.5%) outside 0–199, the range in training, such as")


def test_a_model_without_ranges_says_nothing_of_them(mall: pl.DataFrame) -> None:
    known = record(mall)
    older = TrainingRecord(known.features, known.encoder, (), known.everyone)
    assert tell(older, mall.with_columns(pl.col("income") * 100)) == []


def test_the_probability_of_values_outside_is_that_of_random_orders() -> None:
    random = np.random.default_rng(0)
    order = random.random((4000, 30))
    n_above = (order[:, 10:] > order[:, :10].max(axis=1, keepdims=True)).sum(axis=1)
    for count in (1, 3, 8):
        share = float((n_above >= count).mean())
        assert share == pytest.approx(compute_outside_probability(count, 20, 10), abs=0.025)
