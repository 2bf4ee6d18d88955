"""The customers who form segments: the sample of the first pass, encoded, without outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ilk.cluster.partition import Floats
from ilk.columns.infer import InferredSchema
from ilk.features.encoder import EncodedRows, Encoder, NumericEncoding, fit_encoder
from ilk.recipe import Recipe


@dataclass(frozen=True)
class EncodedSample:
    """The sample as numbers; ``rows`` are all of its rows, (n, d) with what was clipped.

    ``values``, (m, d), are those on which K is tried; ``weights``, (m,), is how many customers each
    stands for, where they were weighted.
    """

    encoder: Encoder
    rows: EncodedRows
    values: Floats
    weights: Floats | None


def encode_sample(inferred: InferredSchema, recipe: Recipe) -> EncodedSample:
    """Fit the encoder to the sample, and take the rows that form segments."""
    repeated = inferred.repeat_sample(recipe.seed, always_max=True)
    encoder = fit_encoder(repeated, inferred.schema, recipe)
    rows = encoder.encode(inferred.sample)
    typical = rows.usable & _find_typical(encoder, rows, recipe)
    weights = inferred.sample_weights
    return EncodedSample(
        encoder, rows, rows.values[typical], None if weights is None else weights[typical]
    )


def _find_typical(encoder: Encoder, rows: EncodedRows, recipe: Recipe) -> NDArray[np.bool_]:
    """Which rows form segments: all but outliers in at least half of the numbers, and in two.

    Clipped in every column, a few such rows would lie together, far from all others.
    """
    if recipe.outliers != "auto":
        return np.ones(len(rows.values), dtype=bool)
    numbers = sum(isinstance(column, NumericEncoding) for column in encoder.columns)
    typical: NDArray[np.bool_] = rows.n_clipped < max(2.0, numbers / 2)
    return typical
