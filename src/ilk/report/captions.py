"""How to read each plot, and what it shows for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ilk.formatting.numbers import format_percent
from ilk.segments.segment import Segment
from ilk.selection.candidates import Selection

PLOT_KEYS = ("elbow", "silhouette_gain", "silhouette", "scatter", "profile", "sizes")
"""The plots of a run; each is a method of ``Plots`` and a file of its name."""


def list_plot_keys(selection: Selection) -> tuple[str, ...]:
    """The plots that there are; no silhouette gain where nothing was compared with random data.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> list_plot_keys(Selection((two,), "Two segments.", ()))
    ('elbow', 'silhouette', 'scatter', 'profile', 'sizes')
    """
    compared = any(
        candidate.silhouette_gain is not None for candidate in selection.multi_cluster_candidates
    )
    return tuple(key for key in PLOT_KEYS if compared or key != "silhouette_gain")


class PlotCaption(TypedDict):
    """What a plot shows: ``caption`` tells how to read it, ``alt`` replaces it."""

    key: str
    caption: str
    alt: str


def write_captions(segments: Sequence[Segment], selection: Selection) -> list[PlotCaption]:
    """The plots of a run, each under the key of its file."""
    captions = [
        _describe_scatter(len(segments)),
        _describe_sizes(segments),
        _describe_profile(),
        _describe_elbow(selection),
    ]
    if "silhouette_gain" in list_plot_keys(selection):
        captions.append(_describe_silhouette_gain(selection))
    return [*captions, _describe_silhouette(len(segments))]


def _describe_scatter(k: int) -> PlotCaption:
    return PlotCaption(
        key="scatter",
        caption="Each dot is a customer, each numbered disc the center of a segment. Segments that "
        "overlap here may be separate in columns that are not shown.",
        alt=f"Scatter plot of customers, colored by segment, with {k} numbered centers.",
    )


def _describe_sizes(segments: Sequence[Segment]) -> PlotCaption:
    bars = (
        f"{segment.number} {segment.name}: {segment.figures.customers:,} "
        f"({format_percent(segment.figures.share)})"
        for segment in segments
    )
    return PlotCaption(
        key="sizes",
        caption="Customers per segment, and their share of all customers with a segment.",
        alt=f"Bar chart of segment sizes. {'; '.join(bars)}.",
    )


def _describe_profile() -> PlotCaption:
    return PlotCaption(
        key="profile",
        caption="Averages in original units; for categories, the most common value and its share. "
        "Orange is above the overall average, blue below; for categories, orange means that the "
        "value is more common than among everyone. The deeper the color, the larger the "
        "difference.",
        alt="Heat map of every segment against all customers; the table below has its figures.",
    )


def _describe_elbow(selection: Selection) -> PlotCaption:
    tried = [candidate.k for candidate in selection.candidates]
    return PlotCaption(
        key="elbow",
        caption="More segments always reduce the spread within them. After a bend, another segment "
        "adds little.",
        alt=f"Line chart of the spread within segments for K = {min(tried)} to {max(tried)}, "
        f"with K = {selection.k} marked; k.csv has its figures.",
    )


def _describe_silhouette_gain(selection: Selection) -> PlotCaption:
    ks = [each.k for each in selection.candidates if each.silhouette_gain is not None]
    gain = selection.chosen_candidate.silhouette_gain
    marked = "" if gain is None else f" (gain {gain:z.2f})"
    return PlotCaption(
        key="silhouette_gain",
        caption="How much tighter the segments are than segments of random data without groups. "
        "At zero they are no better than random. Clear groups also need visible gaps between them.",
        alt=f"Line chart of the silhouette gain over random data for K = {min(ks)} to {max(ks)}, "
        f"with K = {selection.k} marked{marked}; the table below has its figures.",
    )


def _describe_silhouette(k: int) -> PlotCaption:
    return PlotCaption(
        key="silhouette",
        caption="One thin line per customer. Far to the right: well inside the segment. Left of "
        "zero: closer to another segment.",
        alt=f"Silhouette plot with {k} segments and the average marked.",
    )
