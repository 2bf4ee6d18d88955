from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from ilk.formatting.colors import compute_contrast, get_segment_color
from ilk.report import charts
from ilk.selection.k_choice import CLEAR_GAIN, WEAK_GAIN

if TYPE_CHECKING:
    from tests.report.conftest import Made

    from ilk.selection.candidates import Candidate

    Draw = Callable[[Made, Axes | None], Axes]


def count_points(line: Line2D) -> int:
    return len(np.asarray(line.get_xdata()))


DRAW: dict[str, Draw] = {
    "elbow": lambda made, ax: charts.draw_elbow(made.choice.candidates, ax),
    "silhouette_gain": lambda made, ax: charts.draw_silhouette_gain(
        compared(made.choice.candidates), ax
    ),
    "silhouette": lambda made, ax: charts.draw_silhouette(
        np.cos(made.income), made.labels, made.names, 0.5, ax
    ),
    "scatter": lambda made, ax: charts.draw_scatter(
        made.income,
        made.score,
        made.labels,
        made.centers,
        made.names,
        made.schema.columns[1].name,
        "score",
        ax,
    ),
    "profile": lambda made, ax: charts.draw_profile(
        made.segments, made.everyone, made.schema.profile_columns, ax
    ),
    "sizes": lambda made, ax: charts.draw_sizes(made.segments, ax),
}


def compared(candidates: Sequence[Candidate], gain: float = 0.02) -> list[Candidate]:
    """The candidates with K = 1 before them, and a silhouette gain that grows with K."""
    one = replace(candidates[0], k=1, inertia=1000.0, elbow=None, silhouette=None, chosen=False)
    return [
        replace(candidate, silhouette_gain=gain * (candidate.k - 1))
        for candidate in (one, *candidates)
    ]


each_chart = pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
each_run = pytest.mark.parametrize("run", ["five", "twelve"])


def texts(ax: Axes) -> list[Text]:
    """All texts that are drawn, once they are where they will be."""
    charts.render_png(ax)
    titles = [text for text in ax.findobj(Text) if text.get_text() == ax.get_title(loc="left")]
    shown = [*ax.texts, ax.xaxis.label, ax.yaxis.label, *titles]
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        shown += [label for tick in ticks for label in (tick.label1, tick.label2)]
    return [text for text in shown if text.get_visible() and text.get_text()]


def title(ax: Axes) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


@each_chart
def test_draws_on_the_axes_given(five: Made, draw: Draw) -> None:
    ours, other = Figure().subplots(1, 2)
    assert draw(five, ours) is ours
    assert ours.has_data()
    assert not other.has_data()
    assert charts.render_png(ours).startswith(b"\x89PNG")


@each_chart
def test_the_same_run_gives_the_same_bytes(five: Made, draw: Draw) -> None:
    first = charts.render_png(draw(five, None))
    assert charts.render_png(draw(five, None)) == first
    assert b"Software" not in first
    assert b"tIME" not in first


@each_chart
def test_no_text_is_cut_off_at_the_edge(twelve: Made, five: Made, draw: Draw) -> None:
    for made in (five, twelve):
        ax = draw(made, None)
        figure = ax.get_figure(root=True)
        assert figure is not None
        page = figure.bbox
        for text in texts(ax):
            box = text.get_window_extent()
            inside = (
                box.x0 >= page.x0 - 1
                and box.y0 >= page.y0 - 1
                and box.x1 <= page.x1 + 1
                and box.y1 <= page.y1 + 1
            )
            assert inside, text.get_text()


@each_chart
@each_run
def test_no_text_covers_another(run: str, draw: Draw, request: pytest.FixtureRequest) -> None:
    ax = draw(request.getfixturevalue(run), None)
    boxes = [(text.get_text(), Text.get_window_extent(text).padded(-1)) for text in texts(ax)]
    for (one, box), (other, beside) in combinations(boxes, 2):
        assert not box.overlaps(beside), (one, other)


@each_chart
def test_pyplot_and_settings_stay_as_they_were(five: Made, draw: Draw) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw(five, None)
    assert dict(matplotlib.rcParams) == before


def test_drawing_does_not_load_pyplot() -> None:
    code = "import sys, ilk.report.charts; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_title_says_where_the_curve_bends(five: Made) -> None:
    def named(chosen: int, sharpest: int) -> str:
        shape = [
            replace(
                candidate,
                chosen=candidate.k == chosen,
                elbow=2.0 if candidate.k == sharpest else 1.0,
            )
            for candidate in five.choice.candidates
        ]
        return title(charts.draw_elbow(shape))

    assert named(5, 5) == "Five segments: the curve bends at K = 5"
    assert named(5, 3) == "Five segments, though the curve bends most at K = 3"
    assert named(12, 12) == "12 segments: the curve bends at K = 12"
    two = [replace(five.choice.candidates[0], k=k, elbow=None, chosen=k == 2) for k in (2, 3)]
    assert title(charts.draw_elbow(two)) == "Two segments, chosen from 2 numbers tried"


def test_the_curve_goes_through_the_inertias_and_marks_the_chosen(five: Made) -> None:
    curve, mark = charts.draw_elbow(five.choice.candidates).get_lines()
    assert np.asarray(curve.get_xydata()).tolist() == [[k, 1000 / k] for k in range(2, 13)]
    assert np.asarray(mark.get_xydata()).tolist() == [[5, 200]]


def test_one_segment_begins_the_curve_and_is_no_number_that_was_tried(five: Made) -> None:
    candidates = compared(five.choice.candidates)
    curve, _ = charts.draw_elbow(candidates).get_lines()
    assert np.asarray(curve.get_xydata()).tolist() == [[k, 1000 / k] for k in range(1, 13)]
    chosen = replace(candidates[1], chosen=True)
    alone = charts.draw_elbow([candidates[0], chosen])
    assert title(alone) == "Two segments: no other number was tried"
    unknown = [replace(candidate, elbow=None) for candidate in candidates]
    assert title(charts.draw_elbow(unknown)) == "Five segments, chosen from 11 numbers tried"


def test_the_silhouette_gain_is_drawn_with_zero_weak_and_clear(five: Made) -> None:
    ax = charts.draw_silhouette_gain(compared(five.choice.candidates))
    curve, mark, *levels = ax.get_lines()
    drawn = [[k, pytest.approx(0.02 * (k - 1))] for k in range(1, 13)]
    assert np.asarray(curve.get_xydata()).tolist() == drawn
    assert np.asarray(mark.get_xydata()).tolist() == [drawn[4]]
    assert [np.asarray(line.get_ydata())[0] for line in levels] == [0.0, WEAK_GAIN, CLEAR_GAIN]
    named = [text.get_text() for text in ax.texts if text.get_text() in {"weak", "clear"}]
    assert named == ["weak", "clear"]
    low, high = ax.get_ylim()
    assert low < 0 < CLEAR_GAIN < 0.22 < high
    assert title(ax) == "Five segments: 0.08 above random data"
    below = charts.draw_silhouette_gain(compared(five.choice.candidates, gain=-0.01))
    assert title(below) == "Five segments: 0.04 below random data"
    assert below.get_ylim()[0] < -0.11
    assert (
        title(charts.draw_silhouette_gain(five.choice.candidates))
        == "Five segments: not compared with random data"
    )


def test_bars_are_as_long_as_segments_are_large(five: Made) -> None:
    ax = charts.draw_sizes(five.segments)
    assert [bar.get_width() for bar in ax.patches if isinstance(bar, Rectangle)] == [
        segment.figures.customers for segment in five.segments
    ]
    notes = [text.get_text() for text in ax.texts]
    for segment, note in zip(five.segments, notes, strict=True):
        assert note.startswith(f"{segment.figures.customers:,}  ·")


def test_a_segment_has_one_color_everywhere(five: Made) -> None:
    wanted = [get_segment_color(n) for n in range(1, 6)]

    def colors(faces: list[object]) -> list[str]:
        return [to_hex(face).upper() for face in faces]  # type: ignore[arg-type]

    assert colors([bar.get_facecolor() for bar in DRAW["sizes"](five, None).patches]) == wanted
    assert colors([bar.get_facecolor() for bar in DRAW["profile"](five, None).patches]) == wanted
    blades = DRAW["silhouette"](five, None).collections
    assert colors([blade.get_facecolor()[0] for blade in blades]) == wanted
    scatter = DRAW["scatter"](five, None)
    assert colors([disc.get_facecolor()[0] for disc in scatter.collections]) == wanted
    dots = [line for line in scatter.get_lines() if count_points(line)]
    assert colors([line.get_color() for line in dots]) == wanted


def test_every_customer_is_one_dot(five: Made) -> None:
    labels = five.labels.copy()
    labels[:7] = 0
    ax = charts.draw_scatter(
        five.income, five.score, labels, five.centers, five.names, "income", "score"
    )
    drawn = [line for line in ax.get_lines() if count_points(line)]
    assert sum(count_points(line) for line in drawn) == len(labels)
    assert to_hex(drawn[0].get_color()).upper() == get_segment_color(0)
    assert count_points(drawn[0]) == 7


def test_dots_of_large_segments_do_not_hide_the_others(five: Made) -> None:
    n = 10_000
    labels = np.arange(n) % 5 + 1
    x = np.linspace(1, 9, n)
    ax = charts.draw_scatter(x, x, labels, five.centers, five.names, "a", "b")
    lines = [line for line in ax.get_lines() if count_points(line)]
    assert sum(count_points(line) for line in lines) == n
    order = [line.get_color() for line in lines]
    assert order.index(get_segment_color(1), 5) < len(order) - 5
    assert all(line.get_rasterized() for line in lines)
    few = next(line for line in DRAW["scatter"](five, None).get_lines() if count_points(line))
    assert lines[0].get_markersize() < few.get_markersize()
    assert (lines[0].get_alpha() or 1.0) < (few.get_alpha() or 1.0)


def test_centers_stand_where_they_are_and_carry_number_and_name(five: Made) -> None:
    ax = DRAW["scatter"](five, None)
    discs = np.vstack([disc.get_offsets() for disc in ax.collections])
    np.testing.assert_allclose(discs, five.centers)
    shown = [text.get_text().replace("\n", " ") for text in ax.texts]
    assert [str(n) for n in range(1, 6)] == shown[:5]
    assert five.names == shown[5:]


@pytest.mark.parametrize("away", [0.0, 200.0])
def test_names_stand_near_their_centers(five: Made, away: float) -> None:
    # Only some dots may be drawn, so that a center can lie outside all of them.
    centers = five.centers + np.outer([0, 0, 0, 0, 1], [away, away])
    ax = charts.draw_scatter(five.income, five.score, five.labels, centers, five.names, "a", "b")
    charts.render_png(ax)
    spots = ax.transData.transform(centers)
    names = [text for text in ax.texts if isinstance(text, Annotation)][5:]
    for name, spot in zip(names, spots, strict=True):
        box = Text.get_window_extent(name)
        way = np.clip(spot, (box.x0, box.y0), (box.x1, box.y1)) - spot
        assert 10 < np.hypot(*way) < 250
        assert ax.get_window_extent().padded(1).contains(box.x0, box.y0)
        assert ax.get_window_extent().padded(1).contains(box.x1, box.y1)


def test_a_center_that_is_not_known_is_not_drawn(five: Made) -> None:
    centers = five.centers.copy()
    centers[2] = np.nan
    ax = charts.draw_scatter(
        five.income, five.score, five.labels, centers, five.names, "income", "score"
    )
    shown = {text.get_text().replace("\n", " ") for text in ax.texts}
    assert "3" not in shown
    assert five.names[2] not in shown
    assert {"1", "2", "4", "5"} <= shown


def test_names_give_way_to_numbers_beyond_twelve_segments() -> None:
    k = 20
    spots = np.column_stack([np.arange(k), np.arange(k) % 4])
    names = [f"Name {n}" for n in range(k)]
    ax = charts.draw_scatter(spots[:, 0], spots[:, 1], np.arange(k) + 1, spots, names, "a", "b")
    assert [text.get_text() for text in ax.texts] == [str(n) for n in range(1, k + 1)]


@pytest.mark.parametrize(
    ("largest", "smallest", "scale"),
    [(1e6, 1.0, "log"), (20.0, 1.0, "linear"), (1e6, 0.0, "linear")],
)
def test_a_long_tail_is_drawn_on_a_logarithmic_scale(
    five: Made, largest: float, smallest: float, scale: str
) -> None:
    x = np.linspace(5, 15, 200)
    x[:2] = smallest, largest
    ax = charts.draw_scatter(x, five.score, five.labels, five.centers, five.names, "spend", "score")
    assert ax.get_xscale() == scale
    assert ax.get_yscale() == "linear"
    assert ax.get_xlabel() == ("spend (log scale)" if scale == "log" else "spend")


def test_blades_are_as_thick_as_segments_and_as_long_as_silhouettes() -> None:
    values = np.array([0.1, 0.5, 0.3, -0.2, 0.9])
    ax = charts.draw_silhouette(values, [1, 1, 1, 2, 2], ["A", "B"], 0.32)
    first, second = (blade.get_paths()[0].get_extents() for blade in ax.collections)
    assert (first.x0, first.x1) == pytest.approx((0.0, 0.5))
    assert (second.x0, second.x1) == pytest.approx((-0.2, 0.9))
    assert (first.height, second.height) == pytest.approx((3.0, 2.0))
    assert title(ax) == "80% of customers are closest to their own segment"
    assert title(charts.draw_silhouette([0.1, 0.2], [1, 2], ["A", "B"], 0.15)) == (
        "Every customer is closest to their own segment"
    )


def test_names_beside_thin_blades_keep_apart(twelve: Made) -> None:
    labels = np.repeat(np.arange(1, 13), [389, *[1] * 11])
    ax = charts.draw_silhouette(np.full(400, 0.5), labels, twelve.names, 0.5)
    names = [text for text in texts(ax) if isinstance(text, Annotation)][:12]
    boxes = [Text.get_window_extent(text).padded(-1) for text in names]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    tops = [box.y1 for box in boxes]
    assert tops == sorted(tops, reverse=True)


def test_thick_blades_keep_their_ends() -> None:
    values = np.linspace(-0.3, 0.8, 5001)
    (blade,) = charts.draw_silhouette(values, np.ones(5001), ["A"], 0.25).collections
    extent = blade.get_paths()[0].get_extents()
    assert (extent.x0, extent.x1, extent.height) == pytest.approx((-0.3, 0.8, 5001.0))
    assert len(np.asarray(blade.get_paths()[0].vertices)) < 2500


def test_a_segment_that_no_drawn_customer_is_in_has_an_empty_blade() -> None:
    ax = charts.draw_silhouette([0.1, 0.2], [1, 3], ["A", "B", "C"], 0.15)
    assert [text.get_text() for text in ax.texts[:3]] == ["1  A", "2  B", "3  C"]


@each_run
def test_figures_of_the_heat_map_stand_on_readable_colors(
    run: str, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(run)
    ax = DRAW["profile"](made, None)
    picture = np.asarray(ax.get_images()[0].get_array())
    cells = [text for text in ax.texts if not isinstance(text, Annotation)]
    assert len(cells) == picture.shape[0] * picture.shape[1] == 2 * (len(made.segments) + 1)
    for cell in cells:
        x, y = cell.get_position()
        behind = to_hex(picture[int(y), int(x)])
        assert compute_contrast(to_hex(cell.get_color()), behind) >= 4.5


def test_the_heat_map_shows_original_units(five: Made) -> None:
    ax = DRAW["profile"](five, None)
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    mean = five.segments[1].figures.numbers[0].mean
    assert mean is not None
    assert shown[2, 0] == f"{mean:.1f}"
    top, count = five.segments[0].figures.categories[0].counts[0]
    assert shown[1, 1] == f"{top}\n{100 * count / five.segments[0].figures.customers:.0f}%"
    assert title(ax) == "The largest difference is in Income (k$)"


def test_a_name_with_dollars_is_not_a_formula() -> None:
    ax = charts.draw_scatter(
        [1, 2], [1, 2], [1, 1], [[1, 1]], ["$a$ and $b_2$"], "$x^2$", "k$ to $"
    )
    assert not any(text.get_parse_math() for text in (*ax.texts, ax.xaxis.label, ax.yaxis.label))


def test_letters_that_no_font_has_become_a_box_without_a_warning(twelve: Made) -> None:
    ax = DRAW["sizes"](twelve, None)
    charts.render_png(ax)
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[2] == "3  □ High spenders □ & friends"
    assert names[1].startswith("2  العملاء")


def test_axes_without_a_figure_are_refused() -> None:
    figure = Figure()
    ax = figure.subplots()
    ax.remove()
    with pytest.raises(ValueError, match="the axes belong to no figure"):
        charts.render_png(ax)
