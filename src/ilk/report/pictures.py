"""Pictures: how to read each plot, and what it shows for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ilk.choice.choice import Choice
from ilk.digits import format_percent
from ilk.segments.segment import Segment

KEYS = ("elbow", "silhouette", "scatter", "profile", "sizes")
"""The pictures of a run; each is a method of ``Plots`` and a file of its name."""


class PictureSummary(TypedDict):
    """What a picture shows: ``caption`` tells how to read it, ``alt`` stands in for it."""

    key: str
    caption: str
    alt: str


def pictures(segments: Sequence[Segment], choice: Choice) -> list[PictureSummary]:
    """The pictures of a run, each under the key of its file."""
    return [
        _scatter(len(segments)),
        _sizes(segments),
        _profile(),
        _elbow(choice),
        _silhouette(len(segments)),
    ]


def _scatter(k: int) -> PictureSummary:
    return PictureSummary(
        key="scatter",
        caption="Each dot is a customer, each numbered disc the centre of a segment. Groups that "
        "overlap here may be apart in a column that is not drawn.",
        alt=f"Scatter plot of customers, coloured by segment, with {k} numbered centres.",
    )


def _sizes(segments: Sequence[Segment]) -> PictureSummary:
    bars = (
        f"{each.number} {each.name}: {each.figures.customers:,} "
        f"({format_percent(each.figures.share)})"
        for each in segments
    )
    return PictureSummary(
        key="sizes",
        caption="Customers per segment, and their share of everyone with a segment.",
        alt=f"Bar chart of segment sizes. {'; '.join(bars)}.",
    )


def _profile() -> PictureSummary:
    return PictureSummary(
        key="profile",
        caption="Means in original units; for categories, the most frequent value and its share. "
        "Orange is above everyone, blue below; the deeper, the further.",
        alt="Heat map of every segment against everyone; the table that follows has its figures.",
    )


def _elbow(choice: Choice) -> PictureSummary:
    tried = [each.k for each in choice.candidates]
    return PictureSummary(
        key="elbow",
        caption="The spread inside segments always falls with more of them. A bend marks where "
        "another segment stops paying.",
        alt=f"Line chart of the spread inside segments for K = {min(tried)} to {max(tried)}, "
        f"with K = {choice.k} marked; the table beside it has its figures.",
    )


def _silhouette(k: int) -> PictureSummary:
    return PictureSummary(
        key="silhouette",
        caption="One blade per segment, one thin line per customer. Far to the right: well inside "
        "the segment. Left of zero: nearer to another one.",
        alt=f"Silhouette plot with {k} blades and the average marked.",
    )
