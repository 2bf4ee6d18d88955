"""Components: by hand, against another way to find them, and turned back again."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.decomposition import PCA

from ilk.errors import InputError
from ilk.features.encoder import fit_encoder
from ilk.features.pca import PrincipalComponents, fit_pca
from ilk.recipe import Recipe
from ilk.schema import Column, Schema

ROOT = math.sqrt(0.5)


def rows(n: int = 400, width: int = 6, seed: int = 0) -> np.ndarray:
    """Rows whose columns lean on each other, with another mean and spread in every direction."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(n, width)) @ rng.normal(size=(width, width))
    return mixed * np.arange(1, width + 1) + 10 * rng.normal(size=width)


def encoded(columns: Mapping[str, Any], recipe: Recipe):
    """The encoder of a table given as lists, and the table."""
    frame = pl.DataFrame(columns, strict=False)
    schema = Schema(
        tuple(
            Column(name, "category" if dtype == pl.String else "number", "feature", "")
            for name, dtype in frame.schema.items()
        )
    )
    return fit_encoder(frame, schema, recipe), frame


# What they are.


def test_components_by_hand():
    # Along (1, 1): ±2√2, across it: ±√2. Variances 8 and 2 of 10; the middle is (5, 5).
    values = np.array([[7.0, 7.0], [3.0, 3.0], [4.0, 6.0], [6.0, 4.0]])
    components = fit_pca(values)
    assert components.mean == (5.0, 5.0)
    assert np.array(components.directions) == pytest.approx(
        np.array([[ROOT, ROOT], [ROOT, -ROOT]]), abs=1e-15
    )
    assert components.shares == pytest.approx((0.8, 0.2), abs=1e-15)
    turned = components.encode(np.array([[7.0, 7.0], [6.0, 4.0], [5.0, 5.0]]))
    assert turned == pytest.approx(np.array([[4 * ROOT, 0], [0, 2 * ROOT], [0, 0]]), abs=1e-14)


def test_they_are_the_eigenvectors_of_the_covariance():
    values = rows()
    components = fit_pca(values)
    variances, vectors = np.linalg.eigh(np.cov(values.T, bias=True))
    expected = (variances / variances.sum())[::-1]
    assert components.shares == pytest.approx(tuple(expected), rel=1e-9)
    alike = np.abs(np.array(components.directions) @ vectors[:, ::-1])
    assert alike == pytest.approx(np.eye(6), abs=1e-9)
    assert components.mean == pytest.approx(tuple(values.mean(axis=0)), rel=1e-12)


def test_scikit_learn_turns_the_same_way_but_for_the_sign():
    values = rows()
    theirs = PCA(3).fit(values)
    ours = fit_pca(values).keep_first(3)
    assert np.abs(ours.encode(values)) == pytest.approx(np.abs(theirs.transform(values)), abs=1e-9)
    assert ours.explained_variance == pytest.approx(theirs.explained_variance_ratio_.sum())


def test_the_largest_loading_is_positive():
    for seed in range(20):
        for direction in fit_pca(rows(seed=seed)).directions:
            assert max(direction, key=abs) > 0


def test_of_equal_loadings_the_first_is_positive_whatever_rounding_says():
    # In each direction all loadings are equal but for the sign.
    values = np.array([[1.0, 1.0], [-1.0, -1.0], [0.3, -0.3], [-0.3, 0.3]])
    for noise in (1 + 1e-15, 1 - 1e-15, 1.0):
        directions = fit_pca(values * np.array([1.0, noise])).directions
        assert [direction[0] > 0 for direction in directions] == [True, True]


# What has no variance.


def test_directions_without_variance_are_left_out():
    one = rows(50, 2)
    leaning = np.column_stack([one, one[:, 0] + one[:, 1], np.full(50, 0.1)])
    components = fit_pca(leaning)
    assert len(components.directions) == 2
    assert components.decode(components.encode(leaning)) == pytest.approx(leaning, abs=1e-9)
    assert components.explained_variance == pytest.approx(1.0, abs=1e-15)


def test_the_columns_of_a_category_have_one_direction_less_than_levels():
    encoder, _ = encoded({"plan": ["a", "b", "c", "a", "b", "c", "a"]}, Recipe(pca=0.9999))
    assert len(encoder.components.directions) == 2


@pytest.mark.parametrize("values", [np.full((5, 2), 0.1), np.array([[0.1, 7.0]]), np.empty((0, 2))])
def test_rows_that_are_all_alike_have_no_components(values):
    components = fit_pca(values)
    assert (components.directions, components.shares, components.explained_variance) == (
        (),
        (),
        0.0,
    )
    assert components.encode(values).shape == (len(values), 0)
    assert np.array_equal(components.decode(np.empty((len(values), 0))), values)


@pytest.mark.parametrize("unit", [2.0**-1000, 2.0**400])
def test_tiny_and_huge_units_have_the_same_components(unit):
    plain, other = fit_pca(rows()), fit_pca(rows() * unit)
    assert (other.directions, other.shares) == (plain.directions, plain.shares)
    assert other.mean == tuple(mean * unit for mean in plain.mean)


# Rows.


def test_all_components_together_lose_nothing_and_keep_distances():
    values = rows()
    components = fit_pca(values)
    turned = components.encode(values)
    assert np.abs(components.decode(turned) - values).max() < 1e-9
    there, here = (np.linalg.norm(table[:-1] - table[1:], axis=1) for table in (turned, values))
    assert there == pytest.approx(here, rel=1e-12)


def test_what_is_left_out_comes_back_as_the_mean():
    values = np.array([[13.0, 21.0], [13.0, 19.0], [7.0, 21.0], [7.0, 19.0]])
    first = fit_pca(values).keep_first(1)
    back = first.decode(first.encode(values))
    assert back == pytest.approx(np.array([[13, 20], [13, 20], [7, 20], [7, 20]]), abs=1e-12)
    assert first.encode(back) == pytest.approx(first.encode(values), abs=1e-12)


@pytest.mark.parametrize("size", [1, 7, 333])
def test_a_batch_is_turned_like_all_to_the_last_bit(size):
    values = rows(1000, 9)
    components = fit_pca(values).keep_first(5)
    whole = components.encode(values)
    for start in range(0, len(values), size):
        part = slice(start, start + size)
        assert np.array_equal(components.encode(values[part]), whole[part])
        assert np.array_equal(components.decode(whole[part]), components.decode(whole)[part])


@pytest.mark.thorough
def test_many_rows_are_turned_in_pieces_without_a_seam():
    values = rows(70_000, 3)  # more than one piece
    components = fit_pca(values[:1000])
    whole = components.encode(values)
    matrix = (values - components.mean) @ np.array(components.directions).T
    assert whole == pytest.approx(matrix, rel=1e-12, abs=1e-12)
    assert np.array_equal(components.encode(values[40_000:]), whole[40_000:])


def test_the_order_of_rows_changes_no_bit():
    values = np.vstack([rows(500), rows(500), [[0.0] * 6], [[-0.0] * 6]])
    components = fit_pca(values)
    for seed in range(5):
        assert fit_pca(np.random.default_rng(seed).permutation(values)) == components


def test_a_negative_zero_is_an_ordinary_one():
    # They are equal, and would be written into the model as two different texts.
    zeros = np.array([[-0.0, 1.0], [0.0, 1.0]])
    assert repr(fit_pca(zeros)) == repr(fit_pca(zeros[::-1]))


@pytest.mark.thorough
def test_threads_change_no_bit():
    code = (
        "import numpy as np; from ilk.features.pca import fit_pca;"
        # Sums along the rows, not a matrix product: that depends on the threads itself.
        "values = np.random.default_rng(0).normal(size=(20_000, 60)).cumsum(axis=1);"
        "print(fit_pca(values))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "4")
    }
    assert len(texts) == 1


# How many.


@pytest.mark.parametrize(
    ("share", "count"), [(0.01, 1), (0.6, 1), (0.61, 2), (0.9, 2), (0.95, 3), (0.999999, 3)]
)
def test_a_share_keeps_the_fewest_that_reach_it(share, count):
    # As floating-point sums, 0.6 + 0.3 is a little less than 0.9.
    assert PrincipalComponents((0.0,) * 3, (), (0.6, 0.3, 0.1)).find_n_components(share) == count


@pytest.mark.parametrize(("pca", "count"), [(1, 1), (2, 2), (0.79, 1), (0.8, 1), (0.81, 2)])
def test_the_recipe_says_how_many_are_kept(pca, count):
    columns = {"x": [7.0, 3.0, 4.0, 6.0], "y": [7.0, 3.0, 6.0, 4.0]}
    encoder, frame = encoded(columns, Recipe(pca=pca, scale="none"))
    names = ("component 1", "component 2")
    assert (encoder.output_names, encoder.encoded_names) == (names[:count], ("x", "y"))
    assert encoder.explained_variance == pytest.approx((0.8, 1.0)[count - 1])
    assert encoder.encode(frame).values[:, 0] == pytest.approx([4 * ROOT, -4 * ROOT, 0, 0])
    decoded = encoder.decode(np.zeros((1, count)))
    assert decoded.row(0) == pytest.approx((5.0, 5.0))


def test_more_than_there_are_is_refused_and_never_lowered():
    columns = {"x": [7.0, 3.0, 4.0], "y": [7.0, 3.0, 4.0], "plan": ["a", "b", "a"]}
    message = r"3 principal components were requested, .* only 2\. Use pca=2 or less"
    with pytest.raises(InputError, match=message) as caught:
        encoded(columns, Recipe(pca=3))
    assert caught.value.code == "E_TOO_MANY_COMPONENTS"


@pytest.mark.parametrize("pca", [1, 0.9])
def test_components_of_customers_who_are_all_alike_are_refused(pca):
    with pytest.raises(InputError, match=r"no principal components: all customers are equal"):
        encoded({"x": [1.0, 1.0]}, Recipe(pca=pca))


def test_rows_that_are_not_usable_shape_no_component():
    columns = {"x": [7.0, 3.0, 4.0, 6.0, None], "y": [7.0, 3.0, 6.0, 4.0, 900.0]}
    encoder, frame = encoded(columns, Recipe(pca=2, scale="none", missing="drop"))
    assert encoder.components.mean == (5.0, 5.0)
    result = encoder.encode(frame)
    assert result.usable.tolist() == [True] * 4 + [False]
    assert np.isfinite(result.values).all()


@pytest.mark.parametrize(
    ("components", "fit"),
    [
        (PrincipalComponents((0.0, 0.0), ((0.6, 0.8),), (0.9,)), True),
        (PrincipalComponents((0.0,), ((0.6, 0.8),), (0.9,)), False),
        (PrincipalComponents((0.0, 0.0), ((1.0,),), (0.9,)), False),
        (PrincipalComponents((0.0, 0.0), ((0.6, 0.8),), ()), False),
        (PrincipalComponents((0.0, 0.0), ((0.6, 0.9),), (0.9,)), False),
        (PrincipalComponents((0.0, 0.0), ((1e300, 1e300),), (0.9,)), False),
        (PrincipalComponents((0.0, 0.0), ((1.0, 0.0), (0.8, 0.6)), (0.9, 0.1)), False),
        (PrincipalComponents((0.0, 0.0), (), ()), False),
    ],
)
def test_components_that_are_none_are_told_apart(components, fit):
    assert components.is_valid_for(2) is fit
