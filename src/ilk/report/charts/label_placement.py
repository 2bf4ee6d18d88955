"""Placing: where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_DISTANCES = np.array([0, 6, 14, 24, 36, 50, 70, 96, 126, 160, 200], dtype=float)
_DIRECTIONS = np.radians(np.arange(0, 360, 30))
_COVERING = 1e4  # the price of covering something, which no distance outweighs
_CROSSING = 100.0  # the price of a line that runs through something
_HIDING = 800.0  # the price of hiding all dots; one in a hundred is worth a way of 8 points
_STEPS = np.linspace(0, 1, 9)  # places along a line that are looked at


def place_beside(
    points: ArrayLike, sizes: ArrayLike, radius: float, frame: ArrayLike, dots: ArrayLike
) -> Floats:
    """Boxes near points, clear of the points, of each other and of the lines that join them.

    Boxes are placed one after the other, each where it is near its point and hides few dots; where
    no place is free, where it covers least.

    Parameters
    ----------
    points : array of float, shape (k, 2)
        What the boxes belong to; every point keeps a disc of ``radius`` to itself.
    sizes : array of float, shape (k, 2)
        Width and height of every box.
    radius : float
        Radius of the discs.
    frame : array of float, shape (4,)
        Where boxes may be: left, bottom, right, top. All in points (1/72 inch).
    dots : array of float, shape (n, 2)
        What is better not hidden.

    Returns
    -------
    array of float, shape (k, 4)
        Left, bottom, right and top of every box.

    Examples
    --------
    >>> place_beside([[50, 50]], [[20, 10]], 5, [0, 0, 100, 100], [[60, 50]]).tolist()
    [[40.0, 55.0, 60.0, 65.0]]
    """
    points, sizes = np.asarray(points, dtype=float), np.asarray(sizes, dtype=float)
    frame, dots = np.asarray(frame, dtype=float), np.asarray(dots, dtype=float).reshape(-1, 2)
    taken = _boxes(points, 2 * radius)
    placed = []
    for point, size in zip(points, sizes, strict=True):
        places, distances = _places(point, size, radius)
        lines = _lines(point, places, radius)
        outside = 1 - _shared(places, frame[None])[:, 0]
        covered = outside + _shared(places, taken).sum(axis=1)
        covered += covered > 1e-9
        crossed = _holding(taken, lines.reshape(-1, 2)).any(axis=0).reshape(lines.shape[:2])
        hidden = _holding(places, dots).sum(axis=1) / max(len(dots), 1)
        cost = distances + _COVERING * covered + _CROSSING * crossed.sum(axis=1) + _HIDING * hidden
        best = int(np.argmin(cost))
        placed.append(places[best])
        taken = np.vstack([taken, places[best], _boxes(lines[best], 2.0)])
    return np.array(placed)


def spread_out(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions in ascending order, near the wanted ones, at least ``gap`` apart.

    All lie between ``low`` and ``high`` if there is room, else they are spaced evenly.

    Examples
    --------
    >>> spread_out([1.0, 1.5, 8.0], gap=2.0, low=0.0, high=10.0)
    [1.0, 3.0, 8.0]
    >>> spread_out([9.0, 9.5], gap=2.0, low=0.0, high=10.0)
    [8.0, 10.0]
    """
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    positions: list[float] = []
    for each in wanted:
        positions.append(max(each, positions[-1] + gap if positions else low))
    ceiling = high
    for i in range(len(positions) - 1, -1, -1):
        positions[i] = min(positions[i], ceiling)
        ceiling = positions[i] - gap
    return positions


def _boxes(middles: Floats, sizes: Floats | float) -> Floats:
    return np.hstack([middles - sizes / 2, middles + sizes / 2])


def _places(point: Floats, size: Floats, radius: float) -> tuple[Floats, Floats]:
    """Places for a box around a point, the nearest first, and their distances."""
    distances = np.repeat(_DISTANCES, len(_DIRECTIONS))
    directions = np.tile(_DIRECTIONS, len(_DISTANCES))
    ways = np.column_stack([np.cos(directions), np.sin(directions)])
    middles = point + ways * (radius + distances[:, None] + size / 2)
    return _boxes(middles, size), distances


def _lines(point: Floats, places: Floats, radius: float) -> Floats:
    """Spots on the lines from a point's disc to every place, shape (places, steps, 2)."""
    nearest = np.clip(point, places[:, :2], places[:, 2:])
    way = nearest - point
    length = np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    start = point + way / length * np.minimum(radius + 2, length)
    # The last spot would lie on the box itself.
    steps = 0.98 * _STEPS[None, :, None] * (nearest - start)[:, None]
    spots: Floats = start[:, None] + steps
    return spots


def _shared(boxes: Floats, others: Floats) -> Floats:
    """Which part of every box each of the others covers, shape (boxes, others)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    shared: Floats = np.prod(np.maximum(high - low, 0), axis=2) / area[:, None]
    return shared


def _holding(boxes: Floats, spots: Floats) -> NDArray[np.bool_]:
    """Which spots lie within which boxes, shape (boxes, spots)."""
    x, y = spots[None].transpose(2, 0, 1)
    left, bottom, right, top = boxes.T[:, :, None]
    holding: NDArray[np.bool_] = (x > left) & (x < right) & (y > bottom) & (y < top)
    return holding
