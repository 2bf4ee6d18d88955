"""Pictures: how to read each plot, and what it shows for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ilk.formatting.numbers import format_percent
from ilk.segments.segment import Segment
from ilk.selection.candidates import Selection

PLOT_KEYS = ("elbow", "silhouette_gain", "silhouette", "scatter", "profile", "sizes")
"""The pictures of a run; each is a method of ``Plots`` and a file of its name."""


def list_plot_keys(selection: Selection) -> tuple[str, ...]:
    """The pictures that there are: none of chance where nothing was compared with it.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate
    >>> two = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> list_plot_keys(Selection((two,), "Two segments.", ()))
    ('elbow', 'silhouette', 'scatter', 'profile', 'sizes')
    """
    compared = any(each.silhouette_gain is not None for each in selection.multi_cluster_candidates)
    return tuple(key for key in PLOT_KEYS if compared or key != "silhouette_gain")


class PlotCaption(TypedDict):
    """What a picture shows: ``caption`` tells how to read it, ``alt`` stands in for it."""

    key: str
    caption: str
    alt: str


def write_captions(segments: Sequence[Segment], selection: Selection) -> list[PlotCaption]:
    """The pictures of a run, each under the key of its file."""
    told = [
        _describe_scatter(len(segments)),
        _describe_sizes(segments),
        _describe_profile(),
        _describe_elbow(selection),
        _describe_silhouette_gain(selection),
        _describe_silhouette(len(segments)),
    ]
    return [each for each in told if each["key"] in list_plot_keys(selection)]


def _describe_scatter(k: int) -> PlotCaption:
    return PlotCaption(
        key="scatter",
        caption="Each dot is a customer, each numbered disc the centre of a segment. Groups that "
        "overlap here may be apart in a column that is not drawn.",
        alt=f"Scatter plot of customers, coloured by segment, with {k} numbered centres.",
    )


def _describe_sizes(segments: Sequence[Segment]) -> PlotCaption:
    bars = (
        f"{each.number} {each.name}: {each.figures.customers:,} "
        f"({format_percent(each.figures.share)})"
        for each in segments
    )
    return PlotCaption(
        key="sizes",
        caption="Customers per segment, and their share of everyone with a segment.",
        alt=f"Bar chart of segment sizes. {'; '.join(bars)}.",
    )


def _describe_profile() -> PlotCaption:
    return PlotCaption(
        key="profile",
        caption="Means in original units; for categories, the most frequent value and its share. "
        "Orange is above everyone, blue below; the deeper, the further.",
        alt="Heat map of every segment against everyone; the table that follows has its figures.",
    )


def _describe_elbow(selection: Selection) -> PlotCaption:
    tried = [each.k for each in selection.candidates]
    return PlotCaption(
        key="elbow",
        caption="The spread inside segments always falls with more of them. A bend marks where "
        "another segment stops paying.",
        alt=f"Line chart of the spread inside segments for K = {min(tried)} to {max(tried)}, "
        f"with K = {selection.k} marked; k.csv has its figures.",
    )


def _describe_silhouette_gain(selection: Selection) -> PlotCaption:
    ks = [each.k for each in selection.multi_cluster_candidates]
    lead = selection.chosen_candidate.silhouette_gain
    told = "" if lead is None else f" ({lead:z.2f} above chance)"
    return PlotCaption(
        key="silhouette_gain",
        caption="How much tighter the segments are than those cut from tables that are like the "
        "data but hold no segments. At zero there is nothing but chance.",
        alt=f"Line chart of the lead over chance for K = {min(ks)} to {max(ks)}, with "
        f"K = {selection.k} marked{told}; the table that follows has its figures.",
    )


def _describe_silhouette(k: int) -> PlotCaption:
    return PlotCaption(
        key="silhouette",
        caption="One blade per segment, one thin line per customer. Far to the right: well inside "
        "the segment. Left of zero: nearer to another one.",
        alt=f"Silhouette plot with {k} blades and the average marked.",
    )
