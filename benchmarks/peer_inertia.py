"""How tight the segments of a model are, beside scikit-learn's k-means on every row of the table.

    python benchmarks/peer_inertia.py customers.csv model.json

Both see the table as the model encodes it, and have its number of segments. ilk's centers were
found on a sample; ten restarts of scikit-learn see all rows. Prints both inertias as JSON.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from sklearn.cluster import KMeans

import ilk
from ilk.columns.cast import cast_columns
from ilk.model.model import SegmentModel

_CHUNK = 100_000


def encoded(model: SegmentModel, table: str) -> np.ndarray:
    """Every row of the table that fits somewhere."""
    source, row, parts = model.open_customers(table), 1, []
    for frame in source.iter_frames():
        cells = cast_columns(frame, model.schema.features, source.number_format, first_row=row)
        encoded = model.encoder.encode(cells)
        parts.append(encoded.values[encoded.usable])
        row += frame.height
    return np.concatenate(parts)


def inertia(values: np.ndarray, centers: np.ndarray) -> float:
    """The sum of squared distances to the nearest center, by differences: no digits are lost."""
    total = 0.0
    for start in range(0, len(values), _CHUNK):
        rows = values[start : start + _CHUNK]
        squared = [np.square(rows - center).sum(axis=1) for center in centers]
        total += float(np.min(squared, axis=0).sum())
    return total


def main(table: str, path: str) -> None:
    model = ilk.load(path)
    values, centers = encoded(model, table), model.partition.centers
    peer = KMeans(len(centers), n_init=10, random_state=0).fit(values)
    figures = {
        "k": len(centers),
        "ours": inertia(values, centers),
        "theirs": inertia(values, peer.cluster_centers_),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
