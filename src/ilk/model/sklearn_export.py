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

from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import CentroidPartition, Floats
from ilk.errors import UsageError
from ilk.features.encoder import CategoricalEncoding, NumericEncoding, PrincipalComponents
from ilk.formatting.text import list_columns

if TYPE_CHECKING:
    from ilk.model.model import SegmentModel
    from ilk.schema import Column


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
        If the model leaves out rows, those with missing values or noise, counts dates, or has
        readable names for columns or values, which a pipeline cannot do.

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
            way_out="Fit with {missing} to export, or predict with ilk.",
            options={"missing": "median"},
        )
    dated = [column.source for column in model.schema.features if column.conversion is not None]
    if dated:
        raise UsageError(
            "E_EXPORT",
            "a scikit-learn pipeline cannot read dates",
            way_out="Fit with numbers of days instead, or leave the dates out with {ignore}.",
            options={"ignore": dated},
        )
    divided = [column.source for column in model.schema.features if column.answer is not None]
    if divided:
        raise UsageError(
            "E_EXPORT",
            "a scikit-learn pipeline cannot divide cells into answers",
            way_out="Fit without the column to export, with {ignore}, or predict with ilk.",
            options={"ignore": list(dict.fromkeys(divided))},
        )
    named = [column.source for column in model.schema.features if _has_labels(column)]
    if named:
        raise UsageError(
            "E_EXPORT",
            f"a scikit-learn pipeline cannot give {list_columns(named)} readable names",
            way_out="Fit without {labels} to export, or predict with ilk.",
            options=("labels",),
        )
    segments = _make_clusterer(model)
    encode = ColumnTransformer(
        [
            (column.name, _make_column_steps(column), [column.name])
            for column in model.encoder.columns
        ]
    )
    encode.fit(_make_example(model))
    for name, steps in encode.named_transformers_.items():
        _set_scale(steps, next(column for column in model.encoder.columns if column.name == name))
    turned = model.encoder.components
    turn = [] if turned is None else [("components", _make_pca(turned))]
    return Pipeline([("encode", encode), *turn, ("segment", segments)])


def _has_labels(column: Column) -> bool:
    """Whether a column has other names in the table than in the model, or its levels have."""
    return bool(column.own_name or column.cells.codes)


def _make_column_steps(column: NumericEncoding | CategoricalEncoding) -> Any:
    """The steps that encode one column."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    if isinstance(column, CategoricalEncoding):
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
    if column.is_clipped:
        bounds = {"a_min": column.lower, "a_max": column.upper}
        steps.append(FunctionTransformer(np.clip, kw_args=bounds))
    if column.log:
        steps.append(FunctionTransformer(np.clip, kw_args={"a_min": 0.0, "a_max": None}))
        steps.append(FunctionTransformer(np.log1p))
    return make_pipeline(*steps, StandardScaler())


def _set_scale(steps: Any, column: NumericEncoding | CategoricalEncoding) -> None:
    """Put the fitted numbers of the model in the place of those of the example."""
    scaler = steps[-1]
    if isinstance(column, NumericEncoding):
        scaler.mean_, scaler.scale_ = np.array([column.center]), np.array([column.scale])
    else:
        scaler.scale_ = np.full(len(column.levels), 1.0 / column.scale)
    scaler.var_ = scaler.scale_**2


def _make_example(model: SegmentModel) -> pl.DataFrame:
    """Two rows of the right columns and types: what scikit-learn wants to see once."""
    return pl.DataFrame(
        {
            column.name: [0.0, 1.0]
            if isinstance(column, NumericEncoding)
            else [column.levels[0], column.levels[-1]]
            for column in model.encoder.columns
        }
    )


def _make_pca(components: PrincipalComponents) -> Any:
    """A PCA with the directions of the model."""
    from sklearn.decomposition import PCA

    width, count = len(components.mean), len(components.directions)
    pca = PCA(count, svd_solver="full").fit(np.eye(width + 1, width))
    pca.mean_, pca.components_ = np.array(components.mean), np.array(components.directions)
    pca.explained_variance_ratio_ = np.array(components.shares)
    # Figures of the example; a model has no such figures, and nothing is predicted from them.
    del pca.explained_variance_, pca.singular_values_, pca.noise_variance_
    return pca


def _make_clusterer(model: SegmentModel) -> Any:
    """The step that labels the rows, segment 1 first."""
    if isinstance(model.partition, CentroidPartition):
        return _make_kmeans(model.partition.centers)
    if isinstance(model.partition, MixturePartition):
        return _make_mixture(model.partition)
    raise UsageError(
        "E_EXPORT",
        "a scikit-learn pipeline cannot predict by cores, nor that a row fits nowhere",
        place="partition",
        way_out="Fit with another algorithm, such as kmeans, to export, or predict with ilk.",
    )


def _make_mixture(partition: MixturePartition) -> Any:
    """A Gaussian mixture with the densities of the model."""
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(partition.k)
    mixture.weights_, mixture.means_ = partition.weights.copy(), partition.means.copy()
    mixture.precisions_cholesky_ = partition.precisions_cholesky.copy()
    mixture.precisions_ = partition.precisions_cholesky @ partition.precisions_cholesky.transpose(
        0, 2, 1
    )
    mixture.covariances_ = np.linalg.inv(mixture.precisions_)
    mixture.n_features_in_ = partition.means.shape[1]
    return mixture


def _make_kmeans(centers: Floats) -> Any:
    """A k-means with these centers."""
    from sklearn.cluster import KMeans

    kmeans = KMeans(n_clusters=len(centers), init=centers, n_init=1, max_iter=1)
    kmeans.fit(centers)
    kmeans.cluster_centers_ = centers.copy()
    return kmeans
