"""An ordinary scikit-learn Pipeline that gives the same segments, for people who want one.

The pipeline is made of scikit-learn's own steps, so it can be used where ilk is not installed. It
takes a pandas data frame with the columns of the model and predicts labels 0..K-1: label 0 is
segment 1. ilk writes such files and never reads one, because reading one runs whatever is in it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ilk.errors import UsageError
from ilk.features.encoder import CategoryEncoding, NumberEncoding

if TYPE_CHECKING:
    from ilk.model import SegmentModel


def to_joblib(model: SegmentModel) -> bytes:
    """The pipeline of :func:`to_pipeline` as the bytes of a joblib file.

    Examples
    --------
    >>> import ilk
    >>> len(to_joblib(ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model)) > 1000
    True
    """
    import joblib

    buffer = io.BytesIO()
    joblib.dump(to_pipeline(model), buffer)
    return buffer.getvalue()


def to_pipeline(model: SegmentModel) -> Any:
    """A fitted :class:`sklearn.pipeline.Pipeline` that predicts the model's segments, less one.

    Raises
    ------
    UsageError
        If the model leaves out rows with missing values, which a pipeline cannot do.

    Examples
    --------
    >>> import ilk, pandas
    >>> pipeline = to_pipeline(ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model)
    >>> customers = pandas.DataFrame(ilk.demo.load("mall").to_dict(as_series=False))
    >>> [int(label) for label in pipeline.predict(customers)[:2]]
    [2, 2]
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    if model.recipe.missing == "drop":
        raise UsageError(
            "E_EXPORT",
            "a scikit-learn pipeline cannot leave out rows with missing values",
            place="missing = drop",
            way_out="Fit with --missing median to export, or predict with ilk.",
        )
    encode = ColumnTransformer(
        [(column.name, _steps(column), [column.name]) for column in model.encoder.columns]
    )
    encode.fit(_example(model))
    for name, steps in encode.named_transformers_.items():
        _set_scale(steps, next(each for each in model.encoder.columns if each.name == name))
    return Pipeline([("encode", encode), ("segment", _kmeans(model))])


def _steps(column: NumberEncoding | CategoryEncoding) -> Any:
    """The steps that encode one column."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    if isinstance(column, CategoryEncoding):
        text = FunctionTransformer(np.asarray, kw_args={"dtype": str})
        levels = OneHotEncoder(
            categories=[np.array(column.levels, dtype=str)],
            handle_unknown="ignore",
            sparse_output=False,
        )
        return make_pipeline(text, levels, StandardScaler(with_mean=False))
    steps = [
        FunctionTransformer(np.asarray, kw_args={"dtype": float}),
        SimpleImputer(strategy="constant", fill_value=column.fill),
    ]
    if column.lower is not None and column.upper is not None:
        bounds = {"a_min": column.lower, "a_max": column.upper}
        steps.append(FunctionTransformer(np.clip, kw_args=bounds))
    if column.log:
        steps.append(FunctionTransformer(np.clip, kw_args={"a_min": 0.0, "a_max": None}))
        steps.append(FunctionTransformer(np.log1p))
    return make_pipeline(*steps, StandardScaler())


def _set_scale(steps: Any, column: NumberEncoding | CategoryEncoding) -> None:
    """Put the fitted numbers of the model in the place of those of the example."""
    scaler = steps[-1]
    if isinstance(column, NumberEncoding):
        scaler.mean_, scaler.scale_ = np.array([column.center]), np.array([column.scale])
    else:
        scaler.scale_ = np.full(len(column.levels), 1.0 / column.scale)
    scaler.var_ = scaler.scale_**2


def _example(model: SegmentModel) -> pl.DataFrame:
    """Two rows of the right columns and types: what scikit-learn wants to see once."""
    return pl.DataFrame(
        {
            column.name: [0.0, 1.0]
            if isinstance(column, NumberEncoding)
            else [column.levels[0], column.levels[-1]]
            for column in model.encoder.columns
        }
    )


def _kmeans(model: SegmentModel) -> Any:
    """A k-means with the centres of the model, segment 1 first."""
    from sklearn.cluster import KMeans

    centers = model.partition.centers
    kmeans = KMeans(n_clusters=len(centers), init=centers, n_init=1, max_iter=1)
    kmeans.fit(centers)
    kmeans.cluster_centers_ = centers.copy()
    return kmeans
