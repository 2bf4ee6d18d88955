"""Segmenter: scikit-learn's own checks, and that it is the same thing as ``ilk.fit``."""

from __future__ import annotations

import unittest

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import ilk
from ilk.cluster.algorithms import ALGORITHMS
from ilk.errors import GateError, UsageError
from ilk.features.encoder import NumericEncoding
from ilk.model.sklearn_export import to_pipeline
from ilk.recipe import COLUMNS, OPTIONS, PREPARATION, SEGMENTS

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@parametrize_with_checks(
    [
        ilk.Segmenter(),
        ilk.Segmenter(n_segments=3, scale="robust"),
        *(ilk.Segmenter(algorithm=name, k_max=2, fast=True) for name in sorted(ALGORITHMS)),
        ilk.Segmenter(k_max=3, fast=True, skew="log1p", pca=0.9),
        ilk.Segmenter(algorithm="hdbscan", fast=True, skew="log1p", scale="minmax"),
        ilk.Segmenter(algorithm="ward", k_max=3, fast=True, missing="drop", outliers="clip"),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    # All of them, without exception: none is expected to fail.
    try:
        check(estimator)
    except unittest.SkipTest as reason:  # older versions of scikit-learn skip a check this way
        pytest.skip(str(reason))


def get_model(segmenter: ilk.Segmenter) -> ilk.SegmentModel:
    assert segmenter.model_ is not None
    return segmenter.model_


@pytest.fixture(scope="module")
def mall() -> pl.DataFrame:
    return ilk.demo.load("mall")


def test_a_frame_is_understood_as_by_fit(mall):
    segmenter = ilk.Segmenter().fit(mall)
    run = ilk.fit(mall)
    assert (segmenter.labels_ + 1).tolist() == run.customers["segment"].to_list()
    assert segmenter.inertia_ == run.model.partition.inertia
    assert segmenter.feature_names_in_.tolist() == mall.columns


def test_pandas_and_polars_give_the_same_labels(mall):
    columns = mall.to_dict(as_series=False)
    labels = ilk.Segmenter(features=FEATURES).fit_predict(pd.DataFrame(columns))
    assert labels.tolist() == ilk.Segmenter(features=FEATURES).fit_predict(mall).tolist()


def test_an_array_is_all_features(mall):
    values = mall.select(FEATURES).to_numpy()
    segmenter = ilk.Segmenter(n_segments=5).fit(values)
    assert segmenter.n_segments_ == 5
    assert segmenter.n_features_in_ == 2
    named = ilk.Segmenter(n_segments=5, features=FEATURES).fit(mall)
    assert adjusted_rand_score(segmenter.labels_, named.labels_) == 1.0


def test_labels_begin_with_the_largest_segment(mall):
    labels = ilk.Segmenter(features=FEATURES).fit_predict(mall)
    counts = np.bincount(labels)
    assert counts.tolist() == sorted(counts, reverse=True)


def test_transform_gives_distances_to_the_centers(mall):
    segmenter = ilk.Segmenter(features=FEATURES).fit(mall)
    distances = segmenter.transform(mall)
    assert distances.shape == (200, 5)
    assert (distances.min(axis=1) ** 2).sum() == pytest.approx(segmenter.inertia_)


def test_set_output_names_the_distances(mall):
    segmenter = ilk.Segmenter(features=FEATURES).set_output(transform="pandas").fit(mall)
    names = [f"segmenter{label}" for label in range(5)]
    assert segmenter.get_feature_names_out().tolist() == names
    assert segmenter.transform(mall).columns.tolist() == names


def test_it_stands_at_the_end_of_a_pipeline(mall):
    values = mall.select("Age", *FEATURES).to_numpy()
    pipeline = make_pipeline(PCA(2), ilk.Segmenter(n_segments=4))
    assert set(pipeline.fit_predict(values)) == {0, 1, 2, 3}


def test_a_clone_finds_the_same(mall):
    segmenter = ilk.Segmenter(n_segments=4, random_state=7, scale="minmax")
    twin = clone(segmenter)
    assert twin.get_params() == segmenter.get_params()
    assert twin.fit_predict(mall).tolist() == segmenter.fit_predict(mall).tolist()


def test_rows_with_missing_values_fit_nowhere_when_dropped():
    values = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [np.nan]])
    labels = ilk.Segmenter(n_segments=2, missing="drop").fit_predict(values)
    assert labels.tolist() == [0, 0, 0, 1, 1, -1]


@pytest.fixture(scope="module", params=sorted(ALGORITHMS))
def fitted(request, mall) -> ilk.Segmenter:
    return ilk.Segmenter(algorithm=request.param, k_max=6, features=FEATURES, fast=True).fit(mall)


def test_every_algorithm_labels_as_by_fit(mall, fitted):
    run = ilk.fit(mall, algorithm=fitted.algorithm, k_max=6, features=FEATURES, fast=True)
    assert (fitted.labels_ + 1).tolist() == run.customers["segment"].to_list()
    assert fitted.predict(mall).tolist() == fitted.labels_.tolist()
    assert (fitted.labels_.min() == -1) == (fitted.algorithm in {"dbscan", "hdbscan"})


def test_a_row_is_nearest_to_its_segment_and_most_probably_in_it(mall, fitted):
    inside = fitted.labels_ >= 0
    distances, memberships = fitted.transform(mall), fitted.predict_proba(mall)
    assert distances.shape == memberships.shape == (200, fitted.n_segments_)
    assert (distances.argmin(axis=1) == fitted.labels_)[inside].all()
    assert (memberships.argmax(axis=1) == fitted.labels_)[inside].all()
    assert memberships.sum(axis=1) == pytest.approx(inside.astype(float))


def test_the_model_measures_the_same(mall, fitted):
    names = [f"segment_{number}" for number in range(1, fitted.n_segments_ + 1)]
    for method in ("transform", "predict_proba"):
        table = getattr(fitted.model_, method)(mall)
        assert table.columns == ["CustomerID", *names]
        assert table["CustomerID"].equals(mall["CustomerID"].cast(pl.String))
        assert table.select(names).to_numpy().tolist() == getattr(fitted, method)(mall).tolist()


def test_the_score_is_that_of_scikit_learn(mall, fitted):
    if fitted.algorithm in {"dbscan", "hdbscan"}:
        assert not hasattr(fitted, "score")
        with pytest.raises(AttributeError, match="'Segmenter' has no attribute 'score'") as caught:
            fitted.score(mall)
        assert "neither centers nor a likelihood" in str(caught.value.__cause__)
        with pytest.raises(UsageError, match="neither centers nor a likelihood"):
            fitted.model_.score(mall)
        return
    pipeline = to_pipeline(fitted.model_)
    theirs = pipeline.score(pd.DataFrame(mall.select(FEATURES).to_dict(as_series=False)))
    assert fitted.score(mall) == pytest.approx(theirs)
    assert fitted.model_.score(mall) == fitted.score(mall)


def test_a_row_left_out_has_no_distance_no_segment_and_no_part_in_the_score():
    values = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [np.nan]])
    segmenter = ilk.Segmenter(n_segments=2, missing="drop").fit(values)
    assert np.isnan(segmenter.transform(values)).tolist() == [[False, False]] * 5 + [[True, True]]
    assert segmenter.predict_proba(values)[-1].tolist() == [0.0, 0.0]
    assert segmenter.score(values) == pytest.approx(-segmenter.inertia_)


@pytest.mark.parametrize("algorithm", ["dbscan", "hdbscan"])
def test_without_a_dense_region_every_row_is_noise(algorithm):
    values = np.array([[1.0], [2.0], [4.0], [8.0]])
    segmenter = ilk.Segmenter(algorithm=algorithm, fast=True).fit(values)
    assert segmenter.labels_.tolist() == segmenter.predict(values).tolist() == [-1] * 4
    assert segmenter.n_segments_ == 0
    assert segmenter.model_ is None
    assert segmenter.transform(values).shape == segmenter.predict_proba(values).shape == (4, 0)
    assert segmenter.get_feature_names_out().tolist() == []
    with pytest.raises(ValueError, match="no dense region among 4 customers"):
        segmenter.set_params(fast=False, require_structure=True).fit(values)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_a_row_of_weight_two_is_the_row_twice(mall, algorithm):
    values = mall.select(FEATURES).to_numpy()
    weights = np.random.default_rng(0).integers(0, 4, 200)
    choices = {"algorithm": algorithm, "k_max": 4, "fast": algorithm not in {"kmeans", "dbscan"}}
    weighted = ilk.Segmenter(**choices).fit(values, sample_weight=weights)
    repeated = ilk.Segmenter(**choices).fit(values.repeat(weights, axis=0))
    assert weighted.cluster_centers_.tolist() == repeated.cluster_centers_.tolist()
    assert weighted.inertia_ == repeated.inertia_
    assert get_model(weighted).encoder == get_model(repeated).encoder
    assert get_model(weighted).selection == get_model(repeated).selection
    assert get_model(weighted).segments == get_model(repeated).segments
    assert get_model(weighted).everyone == get_model(repeated).everyone
    assert weighted.predict_proba(values).tolist() == repeated.predict_proba(values).tolist()
    # Rows of weight 0 have labels, too.
    assert weighted.labels_.tolist() == repeated.predict(values).tolist()
    assert (weighted.labels_.repeat(weights) == repeated.labels_).all()


def test_a_row_of_weight_two_is_the_row_twice_in_a_frame():
    customers = ilk.demo.load("customers")
    customers = customers.drop(name for name in customers.columns if name.endswith("id"))
    weights = np.random.default_rng(1).integers(0, 3, customers.height)
    choices = {"n_segments": 4, "k_max": 4, "fast": True}
    weighted = ilk.Segmenter(**choices).fit(customers, sample_weight=weights)
    repeated = ilk.Segmenter(**choices).fit(customers[np.repeat(np.arange(len(weights)), weights)])
    assert get_model(weighted).segments == get_model(repeated).segments
    assert get_model(weighted).selection == get_model(repeated).selection
    assert weighted.predict(customers).tolist() == repeated.predict(customers).tolist()
    assert [column.role for column in get_model(weighted).schema] == [
        column.role for column in get_model(repeated).schema
    ]
    assert weighted.feature_names_in_.tolist() == customers.columns


def test_weights_that_are_not_whole_count_as_they_are(mall):
    values = mall.select(FEATURES).to_numpy()
    weights = np.random.default_rng(2).uniform(0.2, 3.0, 200)
    segmenter = ilk.Segmenter(n_segments=5, scale="none", skew="none", fast=True)
    labels = segmenter.fit_predict(values, sample_weight=weights)
    sizes = np.bincount(labels, weights)
    assert (np.diff(sizes) < 0).all()
    means = [
        np.average(values[labels == i], axis=0, weights=weights[labels == i]) for i in range(5)
    ]
    assert segmenter.cluster_centers_ == pytest.approx(np.array(means))
    assert segmenter.inertia_ == pytest.approx(-segmenter.score(values, sample_weight=weights))
    for segment, mean, size in zip(get_model(segmenter).segments, means, sizes, strict=True):
        assert segment.figures.customers == round(size)
        assert segment.figures.share == pytest.approx(size / sizes.sum(), rel=1e-6)
        assert [part.mean for part in segment.figures.numbers] == pytest.approx(mean, rel=1e-6)
    twice = ilk.Segmenter(n_segments=5, scale="none", skew="none", fast=True)
    assert twice.fit_predict(values, sample_weight=2 * weights).tolist() == labels.tolist()


def test_the_preparation_goes_by_the_weights():
    values = np.array([[0.0], [1.0], [5.0], [20.0]])
    weights = np.array([3.5, 2.0, 0.5, 1.0])
    segmenter = ilk.Segmenter(n_segments=2, fast=True).fit(values, sample_weight=weights)
    [column] = get_model(segmenter).encoder.columns
    assert isinstance(column, NumericEncoding)
    mean = np.average(values[:, 0], weights=weights)
    assert column.center == pytest.approx(mean, rel=1e-4)
    assert column.scale == pytest.approx(
        np.sqrt(np.average((values[:, 0] - mean) ** 2, weights=weights)), rel=1e-4
    )


def test_weights_may_be_as_large_as_turnovers(mall):
    values = mall.select(FEATURES).to_numpy()
    weights = np.random.default_rng(3).integers(1, 10**9, 200)
    segmenter = ilk.Segmenter(k_max=5).fit(values, sample_weight=weights)
    assert get_model(segmenter).segments.customers == weights.sum()


@pytest.mark.parametrize(
    ("algorithm", "weights", "message"),
    [
        ("ward", [1, 2, 0.5, 1], r"ward counts whole customers, but a weight is 0\.5"),
        ("mixture", [1, 2, 0.5, 1], "mixture counts whole customers"),
        ("hdbscan", [1, 2, 0.5, 1], "hdbscan counts whole customers"),
        ("kmeans", [0.1, 0.2, 0.3, 0.4], "the weights add up to 1 customers, and at least 2"),
        ("kmeans", [1, 2, -1, 1], "Negative values"),
        ("kmeans", [1, 2, np.nan, 1], "contains NaN"),
        ("kmeans", [1, 2, 1], r"sample_weight\.shape"),
        ("kmeans", [0, 0, 0, 0], "at least one non-zero"),
    ],
)
def test_weights_that_cannot_be_are_refused(algorithm, weights, message):
    values = np.array([[0.0], [1.0], [5.0], [20.0]])
    with pytest.raises(ValueError, match=message):
        ilk.Segmenter(algorithm=algorithm, fast=True).fit(values, sample_weight=weights)


def test_limits_on_size_are_those_of_fit(mall):
    segmenter = ilk.Segmenter(features=FEATURES, min_share=0.3, fast=True).fit(mall)
    assert np.bincount(segmenter.labels_).min() >= 60
    with pytest.raises(GateError, match="every number of segments tried breaks a limit"):
        ilk.Segmenter(features=FEATURES, min_share=0.49, fast=True).fit(mall)


def test_the_number_of_a_density_method_is_its_own(mall):
    with pytest.raises(ValueError, match="hdbscan finds the number of segments itself"):
        ilk.Segmenter(n_segments=3, algorithm="hdbscan").fit(mall)


def test_a_wrong_choice_is_told_at_fit(mall):
    with pytest.raises(ValueError, match=r"'big' is not a valid value \(scale=\)"):
        ilk.Segmenter(scale="big").fit(mall)


def test_the_parameters_are_the_options_of_a_recipe_under_scikit_learns_names():
    parameters = ilk.Segmenter().get_params()
    groups = {SEGMENTS, COLUMNS, PREPARATION}
    names = {option.name for option in OPTIONS.values() if option.group in groups}
    assert parameters.keys() == names - {"k"} | {"n_segments", "random_state"}
    defaults = {name: parameters[name] for name in names & parameters.keys()}
    assert defaults == {name: OPTIONS[name].default for name in defaults}


def test_parameters_are_those_of_the_signature_and_no_others(mall):
    assert ilk.Segmenter(4).get_params()["n_segments"] == 4
    assert ilk.Segmenter().set_params(describe=["Age"]).describe == ["Age"]
    with pytest.raises(TypeError, match="unexpected keyword argument 'scael'"):
        ilk.Segmenter(scael="robust")
    with pytest.raises(TypeError, match="too many positional arguments"):
        ilk.Segmenter(4, 9)


def test_a_subclass_may_have_a_constructor_of_its_own(mall):
    class FewSegments(ilk.Segmenter):
        def __init__(self, n_segments=3, *, fast=True):
            super().__init__(n_segments, fast=fast)

    assert FewSegments().get_params() == {"n_segments": 3, "fast": True}
    assert FewSegments().fit(mall).n_segments_ == 3
