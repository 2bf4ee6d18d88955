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
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ilk.cluster.algorithms import ALGORITHMS, Algorithm
from ilk.cluster.partition import CorePartition, Floats
from ilk.cluster.weighted_rows import are_whole
from ilk.columns.infer import InferredSchema
from ilk.columns.weights import RowWeights
from ilk.errors import InputError, UsageError
from ilk.features.encoder import fit_encoder
from ilk.model.assign import ReadRows, RowAssigner
from ilk.model.notices import list_cell_notices, warn
from ilk.model.training import TrainingRecord
from ilk.options import Option, format_parameters
from ilk.progress import ProgressReporter
from ilk.recipe import (
    ALGORITHMS_FINDING_K,
    COLUMNS,
    OPTIONS,
    PREPARATION,
    SEGMENTS,
    Recipe,
    resolve_recipe,
)
from ilk.schema import Column, Schema
from ilk.segments.playbook_file import load_playbook
from ilk.tables.number_format import NumberFormat
from ilk.tables.source import open_source
from ilk.workflow.fit import inspect_source, segment_customers

_MIN_CUSTOMERS = 2

_ANY_FORMAT = NumberFormat(is_assumed=True)
"""Numbers in text are read as in training."""

_SCIKIT_LEARN_NAMES = {"k": "n_segments", "seed": "random_state"}
"""What scikit-learn calls an option of a recipe, where it has another name for it."""

_OPTIONS = {
    _SCIKIT_LEARN_NAMES.get(option.name, option.name): option
    for option in OPTIONS.values()
    if option.group in (SEGMENTS, COLUMNS, PREPARATION) or option.name == "seed"
}
"""The parameters of the estimator, and the options of a recipe that they are."""


def _has_score(segmenter: Segmenter) -> bool:
    if segmenter.algorithm in ALGORITHMS_FINDING_K:
        raise AttributeError(
            f"segments of {segmenter.algorithm} have neither centers nor a likelihood to score by"
        )
    return True


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
        Sum of squared distances of the rows to the center of their segment, in the encoded space.
    n_segments_ : int
        Number of segments; 0 where ``dbscan`` or ``hdbscan`` took every row for noise.
    model_ : SegmentModel or None
        The fitted model, with named segments; None without segments.

    Examples
    --------
    >>> import ilk
    >>> segmenter = ilk.Segmenter(features=["Annual Income (k$)", "Spending Score (1-100)"])
    >>> labels = segmenter.fit_predict(ilk.demo.load("mall"))
    >>> segmenter.n_segments_, segmenter.model_.segments[0].name
    (5, 'Middle-income average spenders')
    """

    # scikit-learn reads the parameters from the signature, which is made from the recipe below.
    def __init__(self, *choices: Any, **named_choices: Any) -> None:
        bound = signature(Segmenter.__init__).bind(self, *choices, **named_choices)
        bound.apply_defaults()
        for name, value in list(bound.arguments.items())[1:]:
            setattr(self, name, value)

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:
        """Find the segments of ``X``, a frame or an array of shape (n, columns).

        Parameters
        ----------
        X : data frame or array-like
        y : ignored
        sample_weight : array-like of shape (n,), optional
            How many customers each row stands for: a row of weight 2 is the row twice, and a row of
            weight 0 only gets a label. Everything counts them: preparation, number of segments,
            tests, centers, sizes and figures. Only kinds and roles of a frame's columns follow from
            the rows as they are, because a repeated row would repeat its ID. Weights are numbers of
            customers: if they add up to 50, the tests see 50 customers, however many rows there
            are. ``mixture``, ``ward`` and ``hdbscan`` run on copies of rows and take whole weights
            only.

        Raises
        ------
        UsageError
            ``E_WEIGHTS`` if the weights add up to fewer than two customers, or are not whole where
            they have to be.
        """
        choices = {option.name: getattr(self, name) for name, option in _OPTIONS.items()}
        recipe = resolve_recipe(
            {**choices, "seed": self._draw_seed(), "min_customers": _MIN_CUSTOMERS}
        )
        frame = self._make_frame(X, reset=True)
        weights = _check_weights(sample_weight, frame, ALGORITHMS[recipe.algorithm])
        rows, column = (frame, None) if weights is None else _add_weights(frame, weights)
        inspection = (
            inspect_source(open_source(rows), recipe, weights=column)
            if is_into_dataframe(X)
            else _infer_numeric(rows, column)
        )
        labels = None
        try:
            run = segment_customers(inspection, recipe, load_playbook(None), ProgressReporter())
        except InputError as error:
            if error.code != "E_NO_CLUSTERS" or recipe.require_structure:
                raise
            self.model_, self._assigner = None, _assign_nothing(inspection, recipe)
            self._training = TrainingRecord(self._assigner.columns, self._assigner.encoder)
        else:
            self.model_, self._assigner = run.model, run.model.assigner
            self._training = run.model.training
            # A row of totals is no customer, but gets a label as every row.
            if weights is None and run.labels.n_rows == frame.height:
                labels = run.customers["segment"].to_numpy() - 1
        if labels is None:
            labels = self._assigner.assign(frame, _ANY_FORMAT).labels
        partition = self._assigner.partition
        self.labels_, self.n_segments_ = labels, partition.k
        self.cluster_centers_, self.inertia_ = partition.centers, partition.inertia
        return self

    def fit_predict(self, X: Any, y: object = None, sample_weight: Any = None) -> NDArray[np.int32]:
        """Find the segments of ``X`` and return its labels, of shape (n,): see :meth:`fit`."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Labels of new rows, of shape (n,); -1 belongs to no segment.

        Whatever puts labels in doubt is told by a ``NoticeWarning``: levels that training did not
        see, values outside its range, columns that look broken. :meth:`predict_proba`,
        :meth:`transform` and :meth:`score` make the same checks.

        Raises
        ------
        InputError
            ``E_UNSEEN_LEVELS`` if nearly all levels of a column were not seen in training.
        """
        check_is_fitted(self)
        return self._assigner.assign_rows(self._read_rows(X)).labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of every row to belong to each segment, of shape (n, n_segments_).

        A row adds up to 1, and its own segment has the largest probability. A row that belongs to
        no segment has 0 everywhere.

        Notes
        -----
        ``mixture``: the posterior probabilities of its components, as in scikit-learn's
        ``GaussianMixture``.

        All others: ``p_j = exp(-d_j² / 2v) / sum_m exp(-d_m² / 2v)`` with the distances d of
        :meth:`transform`, a softmax of squared distances with the temperature 2v.

        * ``kmeans``, ``bisecting``, ``ward``: v is the variance within the segments,
          ``inertia_ / (n d)`` for n rows in d encoded columns. This is the posterior of normal
          distributions around the centers, equally frequent and with the variance v in every
          direction; for these, k-means is the classification maximum likelihood and v its estimate
          (G. Celeux, G. Govaert, 1992, A classification EM algorithm for clustering and two
          stochastic versions, Computational Statistics & Data Analysis 14, 315-332). Where segments
          overlap v is too small, so that rows between two of them look clearer than they are.
        * ``dbscan``, ``hdbscan``: v is ``eps² / (d + 2)``, with the mean of eps² over the core
          samples: the variance per column of a uniform distribution in a ball of radius eps, which
          is how these methods count neighbors.

        Examples
        --------
        >>> import ilk
        >>> features = ["Annual Income (k$)", "Spending Score (1-100)"]
        >>> segmenter = ilk.Segmenter(features=features).fit(ilk.demo.load("mall"))
        >>> segmenter.predict_proba(ilk.demo.load("mall"))[152].round(2).tolist()
        [0.54, 0.0, 0.0, 0.0, 0.46]
        """
        check_is_fitted(self)
        return self._assigner.compute_memberships(self._read_rows(X))

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Distances to the segments in the encoded space, of shape (n, n_segments_).

        A row is nearest to its own segment. NaN for a row whose missing values leave it out.

        Notes
        -----
        ``kmeans``, ``bisecting``, ``ward``: Euclidean distances to the centers.

        ``mixture``: the square roots of generalized squared distances, as in discriminant analysis:
        ``(x - m)' S^-1 (x - m) + log|S| - 2 log w`` with the mean m, the covariance S and the share
        w of a component, less the smallest that any row could have. The nearest component is the
        most probable one.

        ``dbscan``, ``hdbscan``: distances to the nearest core sample of each segment; one that is
        out of reach counts as farther than the largest eps. A row that is as far from all segments
        is noise.

        Examples
        --------
        >>> import ilk
        >>> features = ["Annual Income (k$)", "Spending Score (1-100)"]
        >>> segmenter = ilk.Segmenter(algorithm="mixture", features=features, fast=True)
        >>> distances = segmenter.fit_transform(ilk.demo.load("mall"))
        >>> bool((distances.argmin(axis=1) == segmenter.labels_).all())
        True
        """
        check_is_fitted(self)
        return self._assigner.compute_distances(self._read_rows(X))

    @available_if(_has_score)  # type: ignore[untyped-decorator]
    def score(self, X: Any, y: object = None, sample_weight: Any = None) -> float:
        """How well rows fit the segments: the larger, the better.

        With ``kmeans``, ``bisecting`` and ``ward``: minus the sum of squared distances to the
        nearest center in the encoded space, as ``KMeans.score``. With ``mixture``: the average
        log-likelihood of a row in the encoded space, as ``GaussianMixture.score``. ``dbscan`` and
        ``hdbscan`` have neither centers nor a likelihood, and no score. Rows that missing values
        leave out do not count, and the others as much as their ``sample_weight``.

        Examples
        --------
        >>> import ilk
        >>> features = ["Annual Income (k$)", "Spending Score (1-100)"]
        >>> segmenter = ilk.Segmenter(features=features).fit(ilk.demo.load("mall"))
        >>> round(segmenter.score(ilk.demo.load("mall")), 6), round(segmenter.inertia_, 6)
        (-60.941647, 60.941647)
        """
        check_is_fitted(self)
        rows = self._read_rows(X)
        scores = self._assigner.score_rows(rows)
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(
                sample_weight, rows.frame, dtype=np.float64, ensure_non_negative=True
            )
        return self._assigner.summarize_scores(scores, weights)

    @property
    def _n_features_out(self) -> int:
        return self.n_segments_

    def _draw_seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))

    def _read_rows(self, X: Any) -> ReadRows:
        """The rows of ``X``, encoded, after the checks of a prediction."""
        rows = self._assigner.read(self._make_frame(X, reset=False), _ANY_FORMAT)
        counts = self._training.count(rows)
        counts.check_levels()
        warn(list_cell_notices(self._training, counts))
        return rows

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


def _assign_nothing(inferred: InferredSchema, recipe: Recipe) -> RowAssigner:
    """Labels every row as noise, after the same checks as with segments."""
    encoder = fit_encoder(inferred.sample, inferred.schema, recipe)
    width = len(encoder.output_names)
    nowhere = CorePartition(
        centers=np.empty((0, width)),
        inertia=0.0,
        core_samples=np.empty((0, width)),
        labels=np.empty(0, dtype=np.int32),
        eps=np.empty(0),
    )
    return RowAssigner(inferred.schema.features, encoder, nowhere)


def _check_weights(sample_weight: Any, frame: pl.DataFrame, algorithm: Algorithm) -> Floats | None:
    """The weights of the rows; ``None`` where all count once."""
    if sample_weight is None:
        return None
    weights: Floats = _check_sample_weight(
        sample_weight, frame, dtype=np.float64, ensure_non_negative=True
    )
    if algorithm.repeats_rows and not are_whole(weights):
        raise UsageError(
            "E_WEIGHTS",
            f"{algorithm.name} counts whole customers, but a weight is "
            f"{weights[weights != np.floor(weights)][0]:g}",
            place="sample_weight",
            way_out="Round the weights, or use kmeans, bisecting or dbscan.",
        )
    if weights.sum() < _MIN_CUSTOMERS:
        raise UsageError(
            "E_WEIGHTS",
            f"the weights add up to {weights.sum():g} customers, and at least "
            f"{_MIN_CUSTOMERS} are needed",
            place="sample_weight",
            way_out="Multiply the weights so that they add up to the number of customers.",
        )
    return None if (weights == 1).all() else weights


def _add_weights(frame: pl.DataFrame, weights: Floats) -> tuple[pl.DataFrame, RowWeights]:
    """The rows that count, with a column of their weights."""
    column = RowWeights.of(weights)
    weighted = frame.with_columns(pl.Series(column.name, weights))
    return weighted.filter(pl.col(column.name) > 0), column


def _infer_numeric(frame: pl.DataFrame, weights: RowWeights | None) -> InferredSchema:
    """A table in which every column but its weights is a number used for segmentation."""
    reason = "a column of the array"
    names = [name for name in frame.columns if weights is None or name != weights.column.name]
    schema = Schema(tuple(Column(name, "number", "feature", reason) for name in names))
    largest = frame.select(pl.col(names).abs().max()).row(0)
    return InferredSchema(
        source=open_source(frame),
        schema=schema,
        sample=frame,
        n_rows=frame.height,
        max_abs_values={name: top or 0.0 for name, top in zip(names, largest, strict=True)},
        weights=weights,
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
