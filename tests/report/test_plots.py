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


@pytest.mark.parametrize(
    "name", ["elbow", "silhouette_gain", "silhouette", "scatter", "profile", "sizes"]
)
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
    assert ax.get_xlabel() == "Principal component 1 (52% of the variance)"
    shown = "2 principal components (100% of the variance)"
    assert ax.get_title(loc="left") == f"Five segments by {shown}"


def test_components_that_were_left_out_are_not_shown():
    run = ilk.fit(ilk.demo.load("customers"), k=3, pca=3)
    assert run.model.encoder.components is not None
    shares = run.model.encoder.components.shares
    scatter = run.plot.get_scatter_data(by="components")
    assert scatter.shares == pytest.approx(shares[:2], rel=1e-9)
    assert scatter.points == pytest.approx(run.plot_sample.values[:, :2], abs=1e-9)
    explained = f"{sum(shares[:2]):.0%}"
    title = run.plot.scatter(by="components").get_title(loc="left").replace("\n", " ")
    assert title == f"Three segments by 2 principal components ({explained} of the variance)"


@pytest.mark.parametrize("column", ["annual_income", "product_category"])
def test_one_column_is_enough_for_a_picture(column):
    run = ilk.fit(ilk.demo.load("customers").select(column), k=3)
    ax = run.plot.scatter()
    assert column in ax.get_xlabel() or "component" in ax.get_xlabel()
    assert len(run.plot.render_images()) == 6


def test_the_lead_over_chance_is_that_of_the_choice(run):
    curve = run.plot.silhouette_gain().get_lines()[0]
    wanted = [[candidate.k, candidate.silhouette_gain] for candidate in run.selection.candidates]
    assert curve.get_xydata().tolist() == wanted
    assert wanted[0] == [1, 0.0]


def test_a_fast_run_has_no_silhouette_gain(tmp_path):
    run = ilk.fit(ilk.demo.load("mall"), fast=True)
    names = set(run.plot.render_images())
    assert names == {"elbow", "silhouette", "scatter", "profile", "sizes"}
    with pytest.raises(InputError, match=r"not compared with random data .*E_NOT_TESTED"):
        run.plot.silhouette_gain()
    run.write(tmp_path / "out")
    assert {file.stem for file in (tmp_path / "out" / "plots").iterdir()} == names


def test_a_notebook_shows_a_plot_without_the_grid_of_a_theme(run):
    with rc_context({"axes.grid": True}):
        ax = run.plot.profile()
        assert ax._repr_png_().startswith(b"\x89PNG")
        lines = [*ax.get_xgridlines(), *ax.get_ygridlines()]
        assert lines
        assert not any(line.get_visible() for line in lines)
