"""Placing: where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_DISTANCES = np.array([0, 6, 14, 24, 36, 50, 70, 96, 126, 160, 200], dtype=float)
_DIRECTIONS = np.radians(np.arange(0, 360, 30))
_OVERLAP_COST = 1e4  # the price of covering something, which no distance outweighs
_CROSSING_COST = 100.0  # the price of a line that runs through something
_HIDING_COST = 800.0  # the price of hiding all dots; one in a hundred is worth a way of 8 points
_LINE_STEPS = np.linspace(0, 1, 9)  # places along a line that are looked at


def place_labels(
    points: ArrayLike, sizes: ArrayLike, radius: float, bounds: ArrayLike, obstacles: ArrayLike
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
    bounds : array of float, shape (4,)
        Where boxes may be: left, bottom, right, top. All in points (1/72 inch).
    obstacles : array of float, shape (n, 2)
        What is better not hidden.

    Returns
    -------
    array of float, shape (k, 4)
        Left, bottom, right and top of every box.

    Examples
    --------
    >>> place_labels([[50, 50]], [[20, 10]], 5, [0, 0, 100, 100], [[60, 50]]).tolist()
    [[40.0, 55.0, 60.0, 65.0]]
    """
    points, sizes = np.asarray(points, dtype=float), np.asarray(sizes, dtype=float)
    bounds, obstacles = (
        np.asarray(bounds, dtype=float),
        np.asarray(obstacles, dtype=float).reshape(-1, 2),
    )
    taken = _make_boxes(points, 2 * radius)
    placed = []
    for point, size in zip(points, sizes, strict=True):
        places, distances = _list_candidate_boxes(point, size, radius)
        lines = _sample_leader_points(point, places, radius)
        outside = 1 - _compute_overlap(places, bounds[None])[:, 0]
        covered = outside + _compute_overlap(places, taken).sum(axis=1)
        covered += covered > 1e-9
        crossed = _find_contained(taken, lines.reshape(-1, 2)).any(axis=0).reshape(lines.shape[:2])
        hidden = _find_contained(places, obstacles).sum(axis=1) / max(len(obstacles), 1)
        cost = (
            distances
            + _OVERLAP_COST * covered
            + _CROSSING_COST * crossed.sum(axis=1)
            + _HIDING_COST * hidden
        )
        best = int(np.argmin(cost))
        placed.append(places[best])
        taken = np.vstack([taken, places[best], _make_boxes(lines[best], 2.0)])
    return np.array(placed)


def spread_positions(targets: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions in ascending order, near the wanted ones, at least ``gap`` apart.

    All lie between ``low`` and ``high`` if there is room, else they are spaced evenly.

    Examples
    --------
    >>> spread_positions([1.0, 1.5, 8.0], gap=2.0, low=0.0, high=10.0)
    [1.0, 3.0, 8.0]
    >>> spread_positions([9.0, 9.5], gap=2.0, low=0.0, high=10.0)
    [8.0, 10.0]
    """
    gap = min(gap, (high - low) / max(len(targets) - 1, 1))
    positions: list[float] = []
    for each in targets:
        positions.append(max(each, positions[-1] + gap if positions else low))
    ceiling = high
    for i in range(len(positions) - 1, -1, -1):
        positions[i] = min(positions[i], ceiling)
        ceiling = positions[i] - gap
    return positions


def _make_boxes(centers: Floats, sizes: Floats | float) -> Floats:
    return np.hstack([centers - sizes / 2, centers + sizes / 2])


def _list_candidate_boxes(point: Floats, size: Floats, radius: float) -> tuple[Floats, Floats]:
    """Places for a box around a point, the nearest first, and their distances."""
    distances = np.repeat(_DISTANCES, len(_DIRECTIONS))
    directions = np.tile(_DIRECTIONS, len(_DISTANCES))
    ways = np.column_stack([np.cos(directions), np.sin(directions)])
    middles = point + ways * (radius + distances[:, None] + size / 2)
    return _make_boxes(middles, size), distances


def _sample_leader_points(point: Floats, boxes: Floats, radius: float) -> Floats:
    """Spots on the lines from a point's disc to every place, shape (places, steps, 2)."""
    nearest = np.clip(point, boxes[:, :2], boxes[:, 2:])
    way = nearest - point
    length = np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    start = point + way / length * np.minimum(radius + 2, length)
    # The last spot would lie on the box itself.
    steps = 0.98 * _LINE_STEPS[None, :, None] * (nearest - start)[:, None]
    spots: Floats = start[:, None] + steps
    return spots


def _compute_overlap(boxes: Floats, others: Floats) -> Floats:
    """Which part of every box each of the others covers, shape (boxes, others)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    shared: Floats = np.prod(np.maximum(high - low, 0), axis=2) / area[:, None]
    return shared


def _find_contained(boxes: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which spots lie within which boxes, shape (boxes, spots)."""
    x, y = points[None].transpose(2, 0, 1)
    left, bottom, right, top = boxes.T[:, :, None]
    holding: NDArray[np.bool_] = (x > left) & (x < right) & (y > bottom) & (y < top)
    return holding
