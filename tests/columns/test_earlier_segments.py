"""An earlier segmentation does not shape a new one, and says so; other columns stay."""

from __future__ import annotations

import polars as pl
import pytest

import ilk

N = 60
SPEND = [(i * i * 7.5) % 991 for i in range(N)]


def repeat(levels):
    return [levels[i % len(levels)] for i in range(N)]


@pytest.mark.parametrize(
    "table",
    [
        {"segment": repeat([1, 2, 3]), "segment_name": repeat(["Big ones", "Middle", "Small"])},
        {"segment": repeat([1, 2, 3]), "segment_name": repeat("abc"), "margin": SPEND},
        {"RFM_Score": repeat([111, 345, 555]), "rfm_segment": repeat(["Champions", "Lost", "New"])},
        {"R": repeat([1, 2, 3, 4, 5]), "F": repeat([5, 4, 3, 1]), "M": repeat([1, 5, 3])},
        {"R_Score": repeat([1, 2]), "F_Score": repeat([5, 4, 3]), "mscore": repeat([1, 5, 3])},
        {"recency_score": repeat([1, 2, 3, 4, 5])},
        {"Kundensegment": repeat(["A", "B", "C"])},
        {"cluster": repeat([0, 1, 2]), "group_title": repeat(["big", "middle", "small"])},
    ],
)
def test_an_earlier_segmentation_is_left_out_with_a_notice(infer, table):
    columns, notices = infer({"id": range(N), "spend": SPEND, "x": SPEND[::-1], **table})
    assert {columns[name].role for name in table} == {"ignore"}
    assert {notice.column for notice in notices} == set(table)
    assert all("earlier" in notice.message for notice in notices)


def test_columns_with_words_of_a_segmentation_stay(infer):
    table = {
        "market segmentation budget": SPEND,
        "margin": SPEND[::-1],
        "f": repeat([1, 2, 3]),
        "m_score": repeat([1, 2, 3, 3, 2]),
        "PURCHASES": repeat([3.5, 1.0, 7.25, 9.5]),
        "ONEOFF_PURCHASES": repeat([2.5, 1.0, 0.25]),
        "PURCHASES_FREQUENCY": repeat([0.5, 0.25, 0.75, 0.1, 0.9]),
        "ONEOFF_PURCHASES_FREQUENCY": repeat([0.1, 0.9, 0.3, 0.6, 0.7, 0.2, 0.4]),
    }
    assert {name: column.role for name, column in infer(table)[0].items()} == dict.fromkeys(
        table, "feature"
    )


def test_a_segmentation_that_was_chosen_is_used(infer):
    table = {"segment": repeat(["a", "b", "c"]), "spend": SPEND}
    assert infer(table, features=("segment", "spend"))[0]["segment"].role == "feature"


OWN = ["segment", "segment_name", "customers", "share", "stability", "borderline_share", "action"]


def test_columns_called_like_those_of_the_results_do_not_collide(tmp_path):
    frame = pl.DataFrame(
        {
            "id": range(N),
            **{name: [(i * i * (7 + j)) % 89 for i in range(N)] for j, name in enumerate(OWN)},
            "plan": repeat(["a", "b", "c"]),
            "plan share": SPEND,
        }
    )
    run = ilk.fit(frame, k=2, fast=True, features=[*OWN, "plan share"], describe=["plan"])
    run.write(tmp_path / "out")
    table = pl.read_csv(tmp_path / "out" / "segments.csv")
    assert table["segment"].to_list() == [1, 2]
    assert table["segment_name"].to_list() == [segment.name for segment in run.segments]
    assert table["customers"].sum() == N
    for name in [*OWN, "plan share"]:
        means = [
            next(figures.mean for figures in segment.figures.numbers if figures.column == name)
            for segment in run.segments
        ]
        column = name if name == "plan share" else f"{name} (mean)"
        assert table[column].to_list() == pytest.approx(means)
    assert "plan share (of the most common)" in table.columns


@pytest.mark.parametrize(
    "name", ["segment", "segment_name", "action", "margin", "row", "segment_1"]
)
def test_an_id_called_like_a_column_of_labels_is_kept(name, tmp_path):
    frame = pl.DataFrame(
        {name: [f"S{i}" for i in range(N)], "spend": SPEND, "visits": [i % 7 for i in range(N)]}
    )
    run = ilk.fit(frame, k=2, fast=True, id=name)
    run.write(tmp_path / "out")
    for table in (
        run.customers,
        run.model.predict(frame),
        run.model.transform(frame),
        pl.read_csv(tmp_path / "out" / "customers.csv"),
    ):
        assert table.to_series(0).to_list() == frame[name].to_list()
    assert run.model.predict(frame)["segment"].to_list() == run.customers["segment"].to_list()
