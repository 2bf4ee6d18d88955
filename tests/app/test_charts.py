from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import ilk
from ilk.app import charts
from ilk.app.charts.layout import make_unique
from ilk.formatting.colors import SEGMENT_COLORS, compute_contrast, get_difference_color
from ilk.formatting.numbers import format_number
from ilk.report.box_stats import BoxStats
from ilk.report.profile_table import ProfileCell, ProfileRow, build_profile_rows
from ilk.segments.segment import Figures, Segment
from ilk.selection.candidates import Candidate, Selection
from ilk.selection.k_choice import CLEAR_GAIN, N_GAP_ERRORS, WEAK_GAIN
from ilk.workflow.run import Run

HOSTILE = (
    "<script>alert('x')</script>",
    'datum.x\'] + "quoted" \\',
    "evil \u202e gnidneps hgih \x1b[31m\nnext line",
    "[a].b['c']",
    "title",
    "image",
    "view_1",
    "param_79c4_0",
    "__proto__",
    "",
    "x" * 200,
    "x" * 199 + "y",
)
PLAIN_FIELD = re.compile(r"[a-z][a-z0-9_]*")
EXPRESSIONS = {"expr", "test", "labelExpr"}


def segment(number: int, name: str, customers: int = 10) -> Segment:
    return Segment(number, name, "", Figures(customers, customers / 120, (), ()), ())


SEGMENTS = tuple(segment(number, name, number) for number, name in enumerate(HOSTILE, start=1))


def candidate(k: int, *, chosen: bool = False, silhouette: float | None = 0.5) -> Candidate:
    return Candidate(
        *("kmeans", k, 98765.4 / k, None, silhouette, 0.0, None),
        calinski_harabasz=1000.5 * k,
        davies_bouldin=2.0 / k,
        chosen=chosen,
    )


def choice(in_use: int, ks: range = range(2, 10)) -> Selection:
    return Selection(tuple(candidate(k, chosen=k == in_use) for k in ks), "", ())


def dots(
    x: list[float], labels: list[int], hover: pl.DataFrame, segments: tuple[Segment, ...] = SEGMENTS
) -> alt.LayerChart:
    axes = [charts.AxisData(name, np.array(x)) for name in HOSTILE[1:3]]
    centers = np.arange(2.0 * len(segments)).reshape(-1, 2)
    return charts.draw_scatter(axes[0], axes[1], np.array(labels), hover, segments, centers)


def hostile_comparisons(rows: int = len(HOSTILE)) -> list[ProfileRow]:
    cells = tuple(
        ProfileCell(f"{10 * z:.1f}", z) for z in np.linspace(-3, 3, len(SEGMENTS)).tolist()
    )
    names = [HOSTILE[i] if i < len(HOSTILE) else f"column {i}" for i in range(rows)]
    level = ProfileCell(f"{HOSTILE[0]} 40%", 0.1, top=HOSTILE[0], share=0.4)
    return [ProfileRow(name, "number", ProfileCell("1"), (*cells[1:], level)) for name in names]


def compared(tried: Selection) -> tuple[Candidate, ...]:
    """The candidates with K = 1 before them, and how they compare with chance."""
    one = replace(candidate(1, silhouette=None), davies_bouldin=None, calinski_harabasz=None)
    return tuple(
        replace(
            one_k,
            silhouette_gain=0.02 * (one_k.k - 1),
            gap=0.5 + 0.1 * one_k.k,
            gap_error=0.01 * one_k.k,
        )
        for one_k in (one, *tried.candidates)
    )


@cache
def hostile_charts() -> dict[str, alt.LayerChart]:
    n = len(SEGMENTS)
    hover = pl.DataFrame({name: list(HOSTILE) for name in HOSTILE})
    tested = Selection(compared(choice(3)), "", ())
    inertia, silhouette, gain, gap = charts.draw_k_curves(tested, recommended=5)
    return {
        "gain": gain,
        "gap": gap,
        "inertia": inertia,
        "silhouette": silhouette,
        "scatter": dots([float(i) for i in range(n)], list(range(n)), hover),
        "heat_map": charts.draw_heat_map(hostile_comparisons(), SEGMENTS),
        "boxes": charts.draw_boxes(
            HOSTILE[1],
            [BoxStats(segment.number, 1, 2, 3, 4, 5, 9) for segment in SEGMENTS],
            SEGMENTS,
        ),
    }


@dataclass(frozen=True)
class Spec:
    """A chart as Vega-Lite gets it."""

    whole: dict[str, Any]

    @property
    def layers(self) -> list[dict[str, Any]]:
        return self.whole["layer"]

    def rows(self, mark: str, nth: int = 0) -> list[dict[str, Any]]:
        """Rows of a layer with this mark."""
        return rows_of(self.layer(mark, nth))

    def layer(self, mark: str, nth: int = 0) -> dict[str, Any]:
        return [layer for layer in self.layers if layer["mark"]["type"] == mark][nth]

    def tips(self, mark: str, nth: int = 0) -> list[dict[str, str]]:
        """Tooltips as a reader sees them: title and text."""
        shows = self.layer(mark, nth)["encoding"]["tooltip"]
        return [{tip["title"]: row[tip["field"]] for tip in shows} for row in self.rows(mark, nth)]

    def find_values(self, *keys: str) -> Iterator[Any]:
        """Every value under one of these keys, outside the rows."""
        waiting: list[Any] = [self.whole]
        while waiting:
            here = waiting.pop()
            if isinstance(here, dict):
                yield from (value for key, value in here.items() if key in keys)
                waiting += [value for key, value in here.items() if key != "values"]
            elif isinstance(here, list):
                waiting += here


def rows_of(layer: dict[str, Any]) -> list[dict[str, Any]]:
    return layer["data"]["values"]


def spec(chart: alt.LayerChart) -> Spec:
    return Spec(chart.to_dict(validate=True))


@pytest.fixture(scope="module")
def mall() -> Run:
    return ilk.fit(ilk.demo.load("mall"), describe=["Age", "Gender"])


each_chart = pytest.mark.parametrize("drawn", hostile_charts().values(), ids=hostile_charts())


@each_chart
def test_names_from_outside_are_texts_only(drawn: alt.LayerChart) -> None:
    made = spec(drawn)
    fields = {field for field in made.find_values("field") if isinstance(field, str)}
    rows = [row for layer in made.layers for row in rows_of(layer)]
    assert fields | {key for row in rows for key in row}
    assert all(PLAIN_FIELD.fullmatch(name) for name in fields)
    assert all(PLAIN_FIELD.fullmatch(key) for row in rows for key in row)
    assert all(isinstance(value, str | int | float) for row in rows for value in row.values())
    expressions = "".join(str(value) for value in made.find_values(*EXPRESSIONS))
    assert not [name for name in HOSTILE if name and name in expressions]


@each_chart
def test_no_text_steers_turns_or_stands_for_something_else(drawn: alt.LayerChart) -> None:
    made = spec(drawn)
    written = json.dumps(made.whole, ensure_ascii=False)
    assert not [steering for steering in ("\u202e", "\\u001b", "\\r") if steering in written]
    texts = [
        value
        for layer in made.layers
        for row in rows_of(layer)
        for value in row.values()
        if isinstance(value, str)
    ]
    titles = [tip["title"] for tips in made.find_values("tooltip") for tip in tips or []]
    assert not {"image", "title", "__proto__", "view_1", "param_79c4_0"} & {*texts, *titles}
    assert not [title for title in titles if "\\" in title or not title]


@each_chart
def test_fits_its_place_and_says_what_it_shows(drawn: alt.LayerChart) -> None:
    whole = spec(drawn).whole
    assert whole["autosize"]["type"] == "fit-x"
    assert not {"width", "background", "data", "datasets"} & set(whole)
    assert re.fullmatch(r"[^\n]*\d[^\n]*\.", whole["description"])
    addresses = re.findall(r"https?://[^\"]+", json.dumps(whole))
    assert addresses == [whole["$schema"]]


def test_streamlit_sends_names_that_look_like_its_own_as_they_are() -> None:
    def page() -> None:
        import numpy as np
        import polars as pl
        import streamlit as st

        from ilk.app import charts
        from ilk.segments.segment import Figures, Segment

        one = Segment(1, "Everyone", "", Figures(1, 1.0, (), ()), ())
        axis = charts.AxisData("view_7", np.array([1.0]))
        hover = pl.DataFrame({"view_9": ["param_abc"]})
        chart = charts.draw_scatter(axis, axis, np.array([0]), hover, [one], np.array([[1.0, 1.0]]))
        st.altair_chart(chart, theme="streamlit", width="stretch")

    app = AppTest.from_function(page).run()
    assert not app.exception
    sent = json.loads(app.main[0].proto.spec)
    texts = json.dumps(sent)
    assert all(name in texts for name in ("view_7", "view_9", "param_abc"))
    assert sent["autosize"]["type"] == "fit-x"


@pytest.mark.parametrize(
    ("in_use", "recommended", "flags"),
    [
        (5, 5, {5: "recommended"}),
        (3, 5, {3: "in use", 5: "recommended"}),
        (9, 2, {2: "recommended", 9: "in use"}),
        (4, 30, {4: "in use"}),
    ],
)
def test_marks_the_recommended_k_and_the_one_in_use(
    in_use: int, recommended: int, flags: dict[int, str]
) -> None:
    for chart in charts.draw_k_curves(choice(in_use), recommended):
        made = spec(chart)
        rows = [rows_of(layer) for layer in made.layers if layer["mark"]["type"] == "text"]
        assert {row["k"]: row["flag"] for (row,) in rows} == flags
        assert all(f"at K = {k} ({flag})" in made.whole["description"] for k, flag in flags.items())


def test_words_beside_neighbors_point_away_from_each_other() -> None:
    for in_use, recommended, side in ((4, 5, "right"), (5, 4, "left"), (2, 3, "right")):
        made = spec(charts.draw_k_curves(choice(in_use), recommended)[0])
        texts = [layer for layer in made.layers if layer["mark"]["type"] == "text"]
        aligned = {row["flag"]: layer["mark"]["align"] for layer in texts for row in rows_of(layer)}
        assert aligned["in use"] == side


def test_the_curves_tell_every_index_as_the_library_writes_it() -> None:
    tried = choice(3)
    curves = [spec(chart) for chart in charts.draw_k_curves(tried, 5)]
    for made, field in zip(curves, ("inertia", "silhouette"), strict=True):
        points = [(row["k"], row["value"]) for row in made.rows("line")]
        assert points == [(one_k.k, getattr(one_k, field)) for one_k in tried.candidates]
        assert made.tips("circle") == [
            {
                "Segments (K)": str(one_k.k),
                "Inertia": format_number(one_k.inertia),
                "Silhouette": format_number(one_k.silhouette or 0),
                "Silhouette gain": "–",
                "Gap": "–",
                "Davies-Bouldin": format_number(one_k.davies_bouldin or 0),
                "Calinski-Harabasz": format_number(one_k.calinski_harabasz or 0),
            }
            for one_k in tried.candidates
        ]


def test_the_silhouette_gain_has_lines_for_zero_weak_and_clear() -> None:
    made = spec(hostile_charts()["gain"])
    assert [(row["k"], row["value"]) for row in made.rows("line")] == [
        (k, pytest.approx(0.02 * (k - 1))) for k in range(1, 10)
    ]
    assert [row["value"] for row in made.rows("rule")] == [0.0, WEAK_GAIN, CLEAR_GAIN]
    assert {row["level"]: row["value"] for row in made.rows("text")} == {
        "weak": WEAK_GAIN,
        "clear": CLEAR_GAIN,
    }
    assert "0.08 at K = 5 (recommended)" in made.whole["description"]


def test_the_gap_counts_from_one_segment_and_its_bars_are_those_of_the_rule() -> None:
    made = spec(hostile_charts()["gap"])
    points = {row["k"]: row["value"] for row in made.rows("line")}
    assert points == {k: pytest.approx(0.1 * (k - 1)) for k in range(1, 10)}
    (zero,) = made.rows("rule")
    assert zero["value"] == 0.0
    bars = {row["k"]: (row["low"], row["high"]) for row in made.rows("rule", 1)}
    assert set(bars) == set(range(2, 10))
    for k, ends in bars.items():
        wanted = (points[k] - N_GAP_ERRORS * 0.01 * k, points[k] + N_GAP_ERRORS * 0.01 * k)
        assert ends == pytest.approx(wanted)
    assert made.tips("circle")[1]["Gap"] == "0.7"
    # Bars and dots share an axis, so that neither is beside the other.
    bar, dot = made.layer("rule", 1)["encoding"], made.layer("line")["encoding"]
    assert (bar["x"], bar["y"]["scale"]) == (dot["x"], dot["y"]["scale"])


def test_what_was_not_tested_has_no_curve() -> None:
    assert len(charts.draw_k_curves(choice(3), 5)) == 2
    without_gap = tuple(replace(one_k, gap=None, gap_error=None) for one_k in compared(choice(3)))
    drawn = charts.draw_k_curves(Selection(without_gap, "", ()), 5)
    assert [spec(curve).whole["title"]["text"] for curve in drawn][2:] == [
        "Silhouette gain over random data"
    ]


def test_a_silhouette_that_is_not_defined_is_left_out() -> None:
    one, two = candidate(1, silhouette=None), candidate(2, chosen=True)
    three = candidate(3, silhouette=math.nan)
    nothing = replace(one, davies_bouldin=None, chosen=True)
    inertia, silhouette = charts.draw_k_curves(Selection((one, two, three), "", ()), 1)
    assert [row["k"] for row in spec(inertia).rows("line")] == [1, 2, 3]
    assert [row["k"] for row in spec(silhouette).rows("line")] == [2]
    (alone,) = charts.draw_k_curves(Selection((nothing,), "", ()), 1)
    assert spec(alone).tips("circle")[0]["Silhouette"] == "–"
    assert spec(alone).tips("circle")[0]["Davies-Bouldin"] == "–"


def test_segments_have_the_colors_of_the_report_in_order() -> None:
    drawn = hostile_charts()
    scale = spec(drawn["scatter"]).layer("circle")["encoding"]["color"]["scale"]
    assert scale["range"] == list(SEGMENT_COLORS)
    assert [name.split()[0] for name in scale["domain"]] == [str(i) for i in range(1, 13)]
    for name, mark in (("boxes", "bar"), ("scatter", "point")):
        assert [row["color"] for row in spec(drawn[name]).rows(mark)] == list(SEGMENT_COLORS)
    assert [row["color"] for row in spec(drawn["heat_map"]).rows("rect")] == list(SEGMENT_COLORS)


@pytest.mark.parametrize(
    ("name", "mark"), [("scatter", "text"), ("boxes", "tick"), ("heat_map", "text")]
)
def test_marks_on_colors_are_seen(name: str, mark: str) -> None:
    made = spec(hostile_charts()[name])
    rows = [row for layer in made.layers if layer["mark"]["type"] == mark for row in rows_of(layer)]
    assert min(compute_contrast(row["text_color"], row["color"]) for row in rows) >= 4.5


def test_customers_without_a_place_are_left_out() -> None:
    hover = pl.DataFrame({"Customer": ["a", "b", "c", "d"]})
    x = charts.AxisData("Age", np.array([1.0, np.nan, 3.0, 4.0]))
    y = charts.AxisData("Income", np.array([5.0, 6.0, np.inf, 8.0]))
    labels, centers = np.array([0, 1, 2, 3]), np.ones((4, 2))
    made = spec(charts.draw_scatter(x, y, labels, hover, SEGMENTS[:4], centers))
    drawn = [
        (row["x"], row["y"], row["segment"].split()[0], row["h0"]) for row in made.rows("circle")
    ]
    assert drawn == [(1.0, 5.0, "1", "a"), (4.0, 8.0, "4", "d")]
    assert made.whole["description"].startswith("2 customers")


def test_centers_stand_where_they_are_given_and_only_there() -> None:
    axis = charts.AxisData("Age", np.array([1.0, 2.0]))
    two = SEGMENTS[:2]
    centers = np.array([[np.nan, 3.0], [20.0, 30.0]])
    made = spec(
        charts.draw_scatter(axis, axis, np.array([0, 1]), pl.DataFrame({"a": [1, 2]}), two, centers)
    )
    assert [(row["x"], row["y"], row["number"]) for row in made.rows("text")] == [(20, 30, "2")]


def test_hovering_tells_the_segment_and_the_columns_as_the_library_writes_them(mall: Run) -> None:
    frame = mall.plot_sample.frame
    income, score = (
        charts.AxisData(name, frame[name].cast(pl.Float64).to_numpy()) for name in frame.columns[:2]
    )
    centers = np.zeros((len(mall.segments), 2))
    drawn = charts.draw_scatter(
        income, score, mall.plot_sample.labels, frame, mall.segments, centers
    )
    tips = spec(drawn).tips("circle")
    for tip, label, row in zip(tips, mall.plot_sample.labels, frame.to_dicts(), strict=True):
        own = mall.segments[label]
        wanted = {
            name: value if isinstance(value, str) else format_number(value)
            for name, value in row.items()
        }
        assert tip == {"Segment": f"{own.number}  {own.name}", **wanted}


def test_hover_columns_with_gaps_and_with_the_same_name_as_ours() -> None:
    hover = pl.DataFrame({"Segment": [None, 1.5], "b": [float("nan"), 12345.6], "c": [True, False]})
    made = spec(dots([1.0, 2.0], [0, 1], hover))
    tips = [{k: v for k, v in tip.items() if k != "Segment"} for tip in made.tips("circle")]
    assert tips[0] == {"Segment (2)": "–", "b": "–", "c": "True"}
    assert tips[1] == {"Segment (2)": "1.5", "b": "12,346", "c": "False"}


def test_a_long_tail_is_drawn_on_a_log_scale_and_says_so() -> None:
    for values, kind in (([1, 2, 3], "linear"), ([1, 2, 900], "log"), ([0, 2, 900], "linear")):
        axis = charts.AxisData("spend", np.array(values, dtype=float))
        made = spec(
            charts.draw_scatter(
                axis,
                axis,
                np.zeros(3, dtype=int),
                pl.DataFrame({"a": values}),
                SEGMENTS[:1],
                np.ones((1, 2)),
            )
        )
        for channel in ("x", "y"):
            encoding = made.layer("circle")["encoding"][channel]
            assert encoding["scale"].get("type", "linear") == kind
            assert ("log scale" in encoding["axis"]["title"]) == (kind == "log")


def test_the_legend_picks_and_the_wheel_zooms() -> None:
    params = {param["name"]: param for param in hostile_charts()["scatter"].to_dict()["params"]}
    assert params["picked"]["bind"] == "legend"
    assert params["picked"]["select"] == {"type": "point", "fields": ["segment"]}
    assert params["zoom"]["bind"] == "scales"


def test_many_dots_are_painted_and_few_are_drawn() -> None:
    for n, renderer in ((1000, "svg"), (3000, "canvas")):
        made = spec(dots([1.0] * n, [0] * n, pl.DataFrame({"a": [1] * n})))
        assert made.whole["usermeta"]["embedOptions"]["renderer"] == renderer
        assert len(made.rows("circle")) == n


def test_cells_are_those_of_the_comparison(mall: Run) -> None:
    rows = build_profile_rows(mall.segments, mall.model.everyone, mall.model.schema.profile_columns)
    made = spec(charts.draw_heat_map(rows, mall.segments))
    cells = [cell for row in rows for cell in (row.everyone, *row.segments)]
    drawn = made.rows("rect", 1)
    assert [row["value"] for row in drawn] == [cell.text for cell in cells]
    groups = len(mall.segments) + 1
    for i, (row, cell) in enumerate(zip(drawn, cells, strict=True)):
        everyone = i % groups == 0
        assert row["color"] == ("#FFFFFF" if everyone else get_difference_color(cell.difference))
        if cell.difference and not everyone:
            size = format_number(round(abs(cell.difference), 2))
            side = "above" if cell.difference > 0 else "below"
            assert row["difference"] == f"{size} standard deviations {side} average"
        else:
            assert row["difference"] == "–"
    gender = next(row for row in made.rows("text") if row["column"] == "Gender")
    assert re.fullmatch(r"Female\n\d+\s?%", gender["text"])


def test_columns_that_are_shortened_to_the_same_stay_apart() -> None:
    made = spec(charts.draw_heat_map(hostile_comparisons(), SEGMENTS))
    domain = made.layer("rect", 1)["encoding"]["y"]["scale"]["domain"]
    assert len(set(domain)) == len(domain) == len(HOSTILE)
    assert {row["column"] for row in made.rows("rect", 1)} == set(domain)


def test_with_many_columns_the_most_telling_are_drawn() -> None:
    weak = [replace(row, segments=(ProfileCell("1", 0.1),)) for row in hostile_comparisons(40)]
    rows = [
        replace(row, segments=(ProfileCell("9", 2.0),)) if i % 2 else row
        for i, row in enumerate(weak)
    ]
    made = spec(charts.draw_heat_map(rows, SEGMENTS[:1]))
    drawn = made.rows("rect", 1)
    assert len(drawn) == 24 * 2
    assert sum(row["value"] == "9" for row in drawn) == 20


def test_boxes_tell_their_figures_and_leave_out_segments_without_values() -> None:
    box_stats = [
        BoxStats(2, 1.0, 20.37, 3000.7, 4e4, 1234567.8, 1200),
        BoxStats(4, 0, 0, 0, 0, 0, 1),
    ]
    made = spec(charts.draw_boxes("Age", box_stats, SEGMENTS))
    assert made.layer("bar")["encoding"]["y"]["scale"]["domain"] == [
        row["segment"] for row in made.rows("bar")
    ]
    first, second = made.tips("bar")
    assert first.pop("Segment") == f"2 {HOSTILE[1]}"
    assert second["Segment"].startswith("4 ")
    assert first == {
        "Customers": "1,200",
        "Lowest (without outliers)": "1",
        "Lower quartile": "20.4",
        "Median": "3,001",
        "Upper quartile": "40,000",
        "Highest (without outliers)": "1,234,568",
    }
    assert [made.rows("bar")[0][end] for end in ("low", "q1", "median", "q3", "high")] == [
        *(1.0, 20.37, 3000.7, 4e4, 1234567.8)
    ]


def test_numbers_behind_texts_that_came_up_before_are_new_too() -> None:
    assert make_unique(["a", "a (2)", "a", "a"]) == ["a", "a (2)", "a (3)", "a (4)"]


def test_charts_load_neither_streamlit_nor_pandas() -> None:
    code = "import sys, ilk.app.charts; sys.exit(bool({'streamlit', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
