"""Segmenter: the same segmentation as a scikit-learn estimator."""

from __future__ import annotations

from dataclasses import replace
from inspect import Parameter, Signature, signature
from typing import Any, Self

import numpy as np
import polars as pl
from narwhals.dependencies import is_into_dataframe
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ilk.cluster.partition import compute_squared_distances
from ilk.columns.cast import cast_columns
from ilk.columns.infer import InferredSchema
from ilk.options import Option, format_parameters
from ilk.progress import ProgressReporter
from ilk.recipe import COLUMNS, OPTIONS, PREPARATION, SEGMENTS, resolve_recipe
from ilk.schema import Column, Schema
from ilk.segments.playbook import load_playbook
from ilk.tables.number_format import NumberFormat
from ilk.tables.source import open_source
from ilk.workflow.fit import inspect_source, segment_customers

_SCIKIT_LEARN_NAMES = {"k": "n_segments", "seed": "random_state"}
"""What scikit-learn calls an option of a recipe, where it has another name for it."""

_OPTIONS = {
    _SCIKIT_LEARN_NAMES.get(option.name, option.name): option
    for option in OPTIONS.values()
    if option.group in (SEGMENTS, COLUMNS, PREPARATION) or option.name == "seed"
}
"""The parameters of the estimator, and the options of a recipe that they are."""


class Segmenter(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Customer segmentation as a scikit-learn clusterer.

    On a data frame it does what ``ilk fit`` does, roles of columns included. The columns of an
    array have no names: there each of them is a numeric feature. Labels follow scikit-learn: label
    0 is segment 1, the largest, and -1 marks a row that belongs to no segment.

    Parameters
    ----------
    {parameters}
    random_state : int, RandomState instance or None
        Seed of every random choice.

    Attributes
    ----------
    labels_ : ndarray of shape (n,)
        Label of each training row.
    cluster_centers_ : ndarray of shape (n_segments_, d)
        Centers in the encoded space.
    inertia_ : float
        Sum of squared distances to the nearest center, in the encoded space.
    n_segments_ : int
        Number of segments.
    model_ : SegmentModel
        The fitted model, with named segments.

    Examples
    --------
    >>> import ilk
    >>> segmenter = ilk.Segmenter(features=["Annual Income (k$)", "Spending Score (1-100)"])
    >>> labels = segmenter.fit_predict(ilk.demo.load("mall"))
    >>> segmenter.n_segments_, segmenter.model_.segments[0].name
    (5, 'Average income, average spending')
    """

    # scikit-learn reads the parameters from the signature, which is made from the recipe below.
    def __init__(self, *choices: Any, **named_choices: Any) -> None:
        bound = signature(Segmenter.__init__).bind(self, *choices, **named_choices)
        bound.apply_defaults()
        for name, value in list(bound.arguments.items())[1:]:
            setattr(self, name, value)

    def fit(self, X: Any, y: object = None) -> Self:
        """Find the segments of ``X``, a frame or an array of shape (n, columns)."""
        choices = {option.name: getattr(self, name) for name, option in _OPTIONS.items()}
        recipe = resolve_recipe({**choices, "seed": self._draw_seed(), "min_customers": 2})
        frame = self._make_frame(X, reset=True)
        inspection = (
            inspect_source(open_source(frame), recipe)
            if is_into_dataframe(X)
            else _infer_numeric(frame)
        )
        run = segment_customers(inspection, recipe, load_playbook(None), ProgressReporter())
        self.model_ = run.model
        self.labels_ = run.customers["segment"].to_numpy() - 1
        self.cluster_centers_ = run.model.partition.centers
        self.inertia_ = run.model.partition.inertia
        self.n_segments_ = len(run.model.segments)
        return self

    def fit_predict(self, X: Any, y: object = None, **kwargs: Any) -> NDArray[np.int32]:
        """Find the segments of ``X`` and return its labels, of shape (n,)."""
        return self.fit(X).labels_

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Labels of new rows, of shape (n,); -1 belongs to no segment."""
        check_is_fitted(self)
        return self.model_.assign(self._make_frame(X, reset=False)).segments - 1

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Distances to the centers in the encoded space, of shape (n, n_segments_)."""
        check_is_fitted(self)
        frame = cast_columns(
            self._make_frame(X, reset=False), self.model_.schema.features, NumberFormat()
        )
        values = self.model_.encoder.encode(frame).values
        return np.sqrt(compute_squared_distances(values, self.cluster_centers_)).T

    @property
    def _n_features_out(self) -> int:
        return self.n_segments_

    def _draw_seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))

    def _make_frame(self, X: Any, *, reset: bool) -> pl.DataFrame:
        """``X`` as a Polars frame; arrays get the names x0, x1, … that scikit-learn gives them."""
        if is_into_dataframe(X):
            frame = pl.concat(open_source(X).iter_frames())
            if reset:
                self.feature_names_in_ = np.asarray(frame.columns, dtype=object)
                self.n_features_in_ = frame.width
            return frame
        rows = 2 if reset else 1
        values = validate_data(
            self,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=rows,
        )
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(values.shape[1])])
        return pl.DataFrame(values, schema=list(names)).fill_nan(None)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _infer_numeric(frame: pl.DataFrame) -> InferredSchema:
    """A table in which every column is a number used for segmentation."""
    reason = "a column of the array"
    schema = Schema(tuple(Column(name, "number", "feature", reason) for name in frame.columns))
    largest = frame.select(pl.all().abs().max()).row(0)
    return InferredSchema(
        source=open_source(frame),
        schema=schema,
        sample=frame,
        n_rows=frame.height,
        max_abs_values={name: top or 0.0 for name, top in zip(frame.columns, largest, strict=True)},
    )


def _make_signature(options: dict[str, Option]) -> Signature:
    """The signature of a constructor: the first option by position too, as scikit-learn does."""
    names = iter(options)
    first = next(names)
    positional = [
        Parameter("self", Parameter.POSITIONAL_OR_KEYWORD),
        Parameter(first, Parameter.POSITIONAL_OR_KEYWORD, default=options[first].default),
    ]
    named = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=options[name].default) for name in names
    ]
    return Signature([*positional, *named])


setattr(Segmenter.__init__, "__signature__", _make_signature(_OPTIONS))  # noqa: B010
Segmenter.__doc__ = str(Segmenter.__doc__).replace(
    "{parameters}",
    format_parameters(
        replace(option, name=name) for name, option in _OPTIONS.items() if option.name != "seed"
    ),
)
