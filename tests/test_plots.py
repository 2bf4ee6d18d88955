"""Plots of a run: what is drawn where, and that ``ax`` goes in and comes out."""

from __future__ import annotations

import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

import ilk
from ilk.errors import InputError

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="module")
def run():
    return ilk.fit(ilk.demo.load("mall"), features=FEATURES)


@pytest.mark.parametrize("name", ["elbow", "silhouette", "scatter", "profile", "sizes"])
def test_axes_that_are_given_come_back(run, name):
    ax = Figure().subplots()
    assert getattr(run.plot, name)(ax) is ax
    assert ax.get_title(loc="left")


def test_the_scatter_draws_the_telling_columns_in_their_order(run):
    ax = run.plot.scatter()
    assert [ax.get_xlabel(), ax.get_ylabel()] == FEATURES


def test_a_feature_goes_before_a_column_that_only_describes():
    run = ilk.fit(ilk.demo.load("mall"), features=[FEATURES[1]])
    assert FEATURES[1] in (run.plot.scatter().get_xlabel(), run.plot.scatter().get_ylabel())


def test_columns_can_be_named(run):
    ax = run.plot.scatter(x="Age", y=FEATURES[0])
    assert [ax.get_xlabel(), ax.get_ylabel()] == ["Age", FEATURES[0]]
    assert run.plot.scatter(y="Age").get_ylabel() == "Age"


def test_an_unknown_column_is_refused(run):
    with pytest.raises(InputError, match="no numeric column 'age'"):
        run.plot.scatter(x="age")


def test_components_tell_their_share(run):
    ax = run.plot.scatter(by="components")
    assert ax.get_xlabel().startswith("principal component 1 (")


@pytest.mark.parametrize("column", ["annual_income", "product_category"])
def test_one_column_is_enough_for_a_picture(column):
    run = ilk.fit(ilk.demo.load("customers").select(column), k=3)
    ax = run.plot.scatter()
    assert column in ax.get_xlabel() or "component" in ax.get_xlabel()
    assert len(run.plot.images()) == 5


def test_a_notebook_shows_a_plot_without_the_grid_of_a_theme(run):
    with rc_context({"axes.grid": True}):
        ax = run.plot.profile()
        assert ax._repr_png_().startswith(b"\x89PNG")
        lines = [*ax.get_xgridlines(), *ax.get_ygridlines()]
        assert lines
        assert not any(line.get_visible() for line in lines)
