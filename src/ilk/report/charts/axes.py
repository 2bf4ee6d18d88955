"""Axes to draw on, the style they share, and how they become a PNG."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Affine2D, Bbox

from ilk.formatting.colors import TEXT_COLOR
from ilk.formatting.numbers import format_number
from ilk.formatting.text import format_single_line
from ilk.report.wrap import wrap_text

MUTED_COLOR = "#52606D"
"""Secondary text and lines."""

GRID_COLOR = "#E4E7EB"
"""Lines that only guide the eye."""

FONT_SIZE = 9.0
"""Points; titles are larger."""

NAME_WIDTH = 30
"""Characters of a segment's name in a line beside an axis."""

NAME_INCHES = 2.7
"""Inches that such a name needs."""

_TITLE_SIZE = 12.5
_TITLE_LETTER = 0.66 * _TITLE_SIZE
_DPI = 110

# Only tried for letters that the default font lacks.
_FALLBACK_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Segoe UI",
    "Arial Unicode MS",
)


class Margins(NamedTuple):
    """Space around the axes, in inches."""

    left: float
    right: float
    bottom: float
    top: float


class StandaloneAxes(Axes):
    """Axes in a figure of their own. A notebook shows them, though pyplot does not know them."""

    def _repr_png_(self) -> bytes:
        """The figure in a notebook."""
        return render_png(self)


def make_axes(width: float, height: float, margins: Margins) -> Axes:
    """Axes of ``width`` x ``height`` inches in a figure of their own, unknown to pyplot.

    The margins are given rather than found by a layout engine, which would draw everything twice.
    """
    total = (margins.left + width + margins.right, margins.bottom + height + margins.top)
    figure = Figure(figsize=total, dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    bounds = (margins.left / total[0], margins.bottom / total[1], width / total[0])
    ax = figure.add_axes((*bounds, height / total[1]), axes_class=StandaloneAxes)
    ax.grid(visible=False)  # a theme that the caller has set, such as seaborn's, may draw one
    return ax


def render_png(ax: Axes) -> bytes:
    r"""The figure of the axes as a PNG; the same figure gives the same bytes.

    Examples
    --------
    >>> render_png(make_axes(1, 1, Margins(0.2, 0.2, 0.2, 0.2)))[:4]
    b'\x89PNG'
    """
    figure = get_figure(ax)
    png = io.BytesIO()
    figure.savefig(
        png,
        format="png",
        dpi=figure.dpi,
        metadata={"Software": None},
        pil_kwargs={"compress_level": 3},
    )
    return png.getvalue()


def clean_axes(ax: Axes, *, spines: tuple[str, ...] = ("left", "bottom")) -> None:
    """Leave only the named spines, muted."""
    ax.set_facecolor("white")
    for side, spine in ax.spines.items():
        spine.set_visible(side in spines)
        spine.set_color(MUTED_COLOR)
    ax.tick_params(colors=MUTED_COLOR, labelsize=FONT_SIZE, length=0, pad=6)


def annotate(
    ax: Axes, point: tuple[float, float], text: str, offset: tuple[float, float], **text_style: Any
) -> None:
    """A text at an offset, in points, from a data point."""
    text_style = {"fontsize": FONT_SIZE, **make_text_style(text), **text_style}
    ax.annotate(text, point, xytext=offset, textcoords="offset points", **text_style)


def label_axes(ax: Axes, x: str, y: str) -> None:
    """The labels of the two axes; they may come from outside."""
    ax.set_xlabel(fit_text(x, 80, lines=2), fontsize=FONT_SIZE + 1, **make_text_style(x))
    ax.set_ylabel(fit_text(y, 50, lines=2), fontsize=FONT_SIZE + 1, **make_text_style(y))


def format_ticks(*axes: Axis) -> None:
    """A few ticks, with numbers written as everywhere else."""
    for axis in axes:
        if axis.get_scale() == "linear":
            axis.set_major_locator(MaxNLocator(6))
        axis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value)))
        axis.set_minor_locator(NullLocator())


def format_segment_label(number: int, name: str) -> str:
    """A segment's number and name in at most two lines, to stand beside an axis.

    Examples
    --------
    >>> format_segment_label(1, "High-income low spenders")
    '1  High-income low spenders'
    """
    return f"{number}  {fit_text(name, NAME_WIDTH, lines=2)}"


def set_title(ax: Axes, text: str, pad: float = 12, *, y: float | None = 1.0) -> None:
    """The title above the axes; it starts at the edge of the figure if there are no other axes.

    ``y=None`` puts it above labels on top of the axes too, which means laying out each of them.
    """
    frame = measure_extent(ax)
    alone = len(get_figure(ax).axes) == 1
    start = frame.x0 - 12 if alone else 0.0
    available = start + frame.width
    text = fit_text(text, max(20, int(available / _TITLE_LETTER)), lines=3)
    ax.set_title(
        text,
        x=-start / frame.width,
        y=y,
        loc="left",
        fontsize=_TITLE_SIZE,
        weight="bold",
        pad=pad,
        **make_text_style(text),
    )


def get_figure(ax: Axes) -> Figure:
    """The figure that the axes belong to."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure; make new ones")
    return figure


def measure_extent(ax: Axes) -> Bbox:
    """The position of the axes in their figure, in points."""
    extent = ax.get_window_extent()
    return extent.transformed(Affine2D().scale(72 / get_figure(ax).dpi))


def fit_text(text: str, width: int, lines: int) -> str:
    r"""A text from outside, broken into lines, with a box for every letter that no font has.

    Examples
    --------
    >>> fit_text("Größe \U0001f6d2", 20, 1)
    'Größe □'
    """
    missing = _find_missing_letters(text)
    for font in _list_fallback_fonts() if missing else ():
        missing = missing - _load_letters(font)
    drawable = "".join("□" if letter in missing else letter for letter in format_single_line(text))
    return wrap_text(re.sub("□+", "□", drawable), width, lines)


def make_text_style(text: str, color: str = TEXT_COLOR) -> dict[str, Any]:
    """How to draw a text from outside: never as a formula, and in fonts that have its letters.

    Examples
    --------
    >>> make_text_style("$60K - $80K")
    {'color': '#1F2933', 'parse_math': False}
    """
    style: dict[str, Any] = {"color": color, "parse_math": False}
    if not _find_missing_letters(text):
        return style
    return {**style, "family": [*FontProperties().get_family(), *_list_fallback_fonts()]}


def _find_missing_letters(text: str) -> frozenset[str]:
    """Letters that the default font does not have."""
    if text.isascii():
        return frozenset()
    return frozenset(format_single_line(text)) - _load_letters(None)


@cache
def _list_fallback_fonts() -> tuple[str, ...]:
    installed = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in _FALLBACK_FONTS if name in installed)


@cache
def _load_letters(family: str | None) -> frozenset[str]:
    """Letters of a font family; ``None`` is the default one."""
    path = findfont(FontProperties(family=family))
    return frozenset(chr(code) for code in get_font(path).get_charmap())
