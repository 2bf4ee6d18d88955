"""Where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_DISTANCES = np.array([0, 6, 14, 24, 36, 50, 70, 96, 126, 160, 200], dtype=float)
_DIRECTIONS = np.radians(np.arange(0, 360, 30))
_SEPARATION_STEPS = 20  # rounds in which points that are too close move apart
_OVERLAP_COST = 1e4  # for covering something; no distance outweighs it
_CROSSING_COST = 100.0  # for a leader line that crosses something
_HIDING_COST = 800.0  # for hiding all dots; hiding 1% of them costs as much as 8 points of distance
# Positions along a leader line that are checked; on the longest, closer than a disc is wide.
_LINE_STEPS = np.linspace(0, 1, 33)


def place_labels(
    points: ArrayLike, sizes: ArrayLike, radius: float, bounds: ArrayLike, obstacles: ArrayLike
) -> Floats:
    """Boxes near points, clear of the points, of each other and of the lines that join them.

    Boxes are placed one after the other, close to their points and where they hide few dots; if
    no position is free, where they cover least.

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
        What labels should not hide.

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
    chosen_boxes = []
    for point, size in zip(points, sizes, strict=True):
        boxes, distances = _list_candidate_boxes(point, size, radius)
        lines = _sample_leader_points(point, boxes, radius)
        outside = 1 - _compute_overlap(boxes, bounds[None])[:, 0]
        covered = outside + _compute_overlap(boxes, taken).sum(axis=1)
        covered += covered > 1e-9
        crossed = _find_contained(taken, lines.reshape(-1, 2)).any(axis=0).reshape(lines.shape[:2])
        hidden = _find_contained(boxes, obstacles).sum(axis=1) / max(len(obstacles), 1)
        cost = (
            distances
            + _OVERLAP_COST * covered
            + _CROSSING_COST * crossed.sum(axis=1)
            + _HIDING_COST * hidden
        )
        best = int(np.argmin(cost))
        chosen_boxes.append(boxes[best])
        taken = np.vstack([taken, boxes[best], _make_boxes(lines[best], 2.0)])
    return np.array(chosen_boxes)


def separate_points(points: ArrayLike, distance: float) -> Floats:
    """Points at least about ``distance`` apart; those that are already are not moved.

    Examples
    --------
    >>> separate_points([[0, 0], [2, 0], [50, 50]], 10.0).tolist()
    [[-4.0, 0.0], [6.0, 0.0], [50.0, 50.0]]
    """
    separated = np.array(points, dtype=float).reshape(-1, 2)
    for _ in range(_SEPARATION_STEPS):
        for i, j in combinations(range(len(separated)), 2):
            offset = separated[j] - separated[i]
            gap = float(np.hypot(*offset))
            if gap < distance:
                direction = offset / gap if gap else np.array([1.0, 0.0])
                separated[i] -= direction * (distance - gap) / 2
                separated[j] += direction * (distance - gap) / 2
    return separated


def spread_positions(targets: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions in ascending order, close to the targets, at least ``gap`` apart.

    All are between ``low`` and ``high``, evenly spaced if they do not fit with that gap.

    Examples
    --------
    >>> spread_positions([1.0, 1.5, 8.0], gap=2.0, low=0.0, high=10.0)
    [1.0, 3.0, 8.0]
    >>> spread_positions([9.0, 9.5], gap=2.0, low=0.0, high=10.0)
    [8.0, 10.0]
    """
    gap = min(gap, (high - low) / max(len(targets) - 1, 1))
    positions: list[float] = []
    for target in targets:
        positions.append(max(target, positions[-1] + gap if positions else low))
    ceiling = high
    for i in range(len(positions) - 1, -1, -1):
        positions[i] = min(positions[i], ceiling)
        ceiling = positions[i] - gap
    return positions


def _make_boxes(centers: Floats, sizes: Floats | float) -> Floats:
    return np.hstack([centers - sizes / 2, centers + sizes / 2])


def _list_candidate_boxes(point: Floats, size: Floats, radius: float) -> tuple[Floats, Floats]:
    """Positions of a box around a point, the closest first, and their distances."""
    distances = np.repeat(_DISTANCES, len(_DIRECTIONS))
    directions = np.tile(_DIRECTIONS, len(_DISTANCES))
    unit_vectors = np.column_stack([np.cos(directions), np.sin(directions)])
    middles = point + unit_vectors * (radius + distances[:, None] + size / 2)
    return _make_boxes(middles, size), distances


def _sample_leader_points(point: Floats, boxes: Floats, radius: float) -> Floats:
    """Points on the lines from a point's disc to every box, shape (boxes, steps, 2)."""
    nearest = np.clip(point, boxes[:, :2], boxes[:, 2:])
    offset = nearest - point
    length = np.maximum(np.hypot(*offset.T), 1e-9)[:, None]
    start = point + offset / length * np.minimum(radius + 2, length)
    # The last point would lie on the box itself.
    steps = 0.98 * _LINE_STEPS[None, :, None] * (nearest - start)[:, None]
    points: Floats = start[:, None] + steps
    return points


def _compute_overlap(boxes: Floats, others: Floats) -> Floats:
    """Which part of every box each of the others covers, shape (boxes, others)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    shared: Floats = np.prod(np.maximum(high - low, 0), axis=2) / area[:, None]
    return shared


def _find_contained(boxes: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which points lie within which boxes, shape (boxes, points)."""
    x, y = points[None].transpose(2, 0, 1)
    left, bottom, right, top = boxes.T[:, :, None]
    contained: NDArray[np.bool_] = (x > left) & (x < right) & (y > bottom) & (y < top)
    return contained
