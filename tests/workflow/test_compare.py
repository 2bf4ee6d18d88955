"""Every algorithm side by side: what each came to, which one to use, and what is left behind."""

from __future__ import annotations

import io
import json

import numpy as np
import polars as pl
import pytest
from PIL import Image
from sklearn.metrics import adjusted_rand_score

import ilk
from ilk.cli.main import main
from ilk.cluster.algorithms import ALGORITHMS
from ilk.errors import GateError, InputError, OutputError
from ilk.progress import ProgressReporter
from ilk.report.algorithm_table import format_result, render_comparison_table
from ilk.selection.candidates import AlgorithmResult
from ilk.workflow.compare import ComparisonRun

MALL = ilk.demo.get_dataset("mall").recipe


@pytest.fixture(scope="module")
def mall() -> ComparisonRun:
    return ilk.compare(ilk.demo.load("mall"), MALL, k_max=6)


def by_name(compared: ComparisonRun) -> dict[str, AlgorithmResult]:
    return {result.algorithm: result for result in compared.results}


def rings(n: int = 150) -> pl.DataFrame:
    """Customers on two rings, one inside the other."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    radius = np.repeat([1.0, 2.0], n) + np.random.default_rng(0).uniform(-0.03, 0.03, 2 * n)
    angle = np.tile(angle, 2)
    return pl.DataFrame({"x": radius * np.cos(angle), "y": radius * np.sin(angle)})


def test_every_algorithm_has_a_row_in_its_order(mall):
    assert [result.algorithm for result in mall.results] == list(ALGORITHMS)
    assert mall.table["algorithm"].to_list() == list(ALGORITHMS)
    assert mall.table["preferred"].sum() == 1


def test_the_row_of_k_means_is_what_a_fit_says(mall):
    run = ilk.fit(ilk.demo.load("mall"), MALL, k_max=6)
    ours = by_name(mall)["kmeans"]
    assert ours.candidate == run.selection.chosen_candidate
    assert (ours.structure, ours.noise_share) == (run.selection.structure, 0.0)
    assert ours.labels is not None
    sizes = np.bincount(ours.labels)
    assert sizes.tolist() == [segment.figures.customers for segment in run.segments]


@pytest.mark.parametrize("algorithm", ["ward", "hdbscan"])
def test_the_row_of_another_is_what_a_fit_with_it_says(mall, algorithm):
    run = ilk.fit(ilk.demo.load("mall"), MALL, k_max=6, algorithm=algorithm)
    result, chosen = by_name(mall)[algorithm], run.selection.chosen_candidate
    ours = result.candidate
    assert ours is not None
    assert (ours.k, ours.silhouette) == (chosen.k, chosen.silhouette)
    assert ours.stability == pytest.approx(chosen.stability)
    assert ours.silhouette_gain is not None
    assert ours.silhouette_gain == pytest.approx(chosen.silhouette_gain, abs=0.02)
    assert result.noise_share == pytest.approx(run.row_counts.unassigned / run.row_counts.read)


def test_five_round_segments_are_for_k_means(mall):
    assert (mall.recommended_result.algorithm, mall.recommended_result.k) == ("kmeans", 5)
    assert "the easiest to explain" in mall.reason


def test_an_algorithm_that_finds_nothing_has_a_row_that_says_so(mall):
    lost = by_name(mall)["dbscan"]
    assert not lost.has_clusters
    assert lost.rejection_reason
    assert format_result(lost)[0] == "DBSCAN"
    assert lost.rejection_reason in render_comparison_table(mall.comparison)


@pytest.mark.thorough
def test_rings_are_for_a_density_method_and_not_for_k_means():
    compared = ilk.compare(rings(), k_max=5, require_structure=True)
    assert compared.recommended_result.algorithm == "hdbscan"
    assert compared.recommended_result.k == 2
    assert compared.recommended_result.cut_fraction == 0.0
    assert "k-means finds no natural groups here" in compared.reason
    cut = by_name(compared)["kmeans"].cut_fraction
    assert cut is not None
    assert cut > 0.01


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "k"), [("chainlink", 2), ("lsun", 3)])
def test_known_answers_that_are_not_round(data_dir, name, k):
    folder = data_dir / "known_answers"
    values = np.loadtxt(folder / f"{name}.data.gz")
    truth = np.loadtxt(folder / f"{name}.labels.gz")
    frame = pl.DataFrame({f"x{i}": column for i, column in enumerate(values.T)})
    compared = ilk.compare(frame, scale="none", skew="none", k_max=5)
    assert compared.recommended_result.algorithm in ("hdbscan", "dbscan")
    assert compared.recommended_result.k == k
    assert "k-means does worse" in compared.reason
    run = ilk.fit(frame, scale="none", skew="none", algorithm=compared.recommended_result.algorithm)
    true = truth > 0
    labels = run.customers["segment"].to_numpy()
    assert adjusted_rand_score(truth[true], labels[true]) > 0.98


def test_a_number_asked_for_is_for_those_who_take_one(mall):
    compared = ilk.compare(ilk.demo.load("mall"), MALL, k=3, fast=True)
    k_by_algorithm = {
        result.algorithm: result.k
        for result in compared.results
        if ALGORITHMS[result.algorithm].takes_k
    }
    assert set(k_by_algorithm.values()) == {3}
    assert by_name(compared)["hdbscan"].k == by_name(mall)["hdbscan"].k


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_table_but_for_seconds(mall):
    again = ilk.compare(ilk.demo.load("mall").reverse(), MALL, k_max=6)
    assert again.table.drop("seconds").equals(mall.table.drop("seconds"))
    assert again.reason == mall.reason


def test_seconds_are_those_of_the_watch(mall):
    assert all(result.seconds > 0 for result in mall.results)
    silent = ilk.compare(rings(30), progress=ProgressReporter(), fast=True)
    assert {result.seconds for result in silent.results} == {None}


@pytest.mark.thorough
def test_segments_that_are_required_are_refused_where_there_are_none():
    even = pl.DataFrame(np.random.default_rng(3).uniform(size=(200, 2)), schema=["x", "y"])
    with pytest.raises(GateError, match=r"No algorithm finds natural groups\. k-means is"):
        ilk.compare(even, k_max=4, require_structure=True)


def test_limits_that_nobody_keeps_are_told(mall):
    compared = ilk.compare(ilk.demo.load("mall"), MALL, fast=True, min_share=0.49)
    assert not any(result.has_clusters for result in compared.results)
    assert compared.recommended_result.algorithm == "kmeans"
    assert "less than 49%" in compared.reason
    assert compared.table["rejection_reason"].null_count() == 0


def test_customers_who_are_all_alike_are_refused():
    with pytest.raises(InputError, match=r"E_TOO_FEW_DISTINCT|E_NO_FEATURES"):
        ilk.compare(pl.DataFrame({"x": [1.0, 2.0] * 30, "y": [1.0] * 60}), k=5)


def test_table_picture_and_record_are_left_in_a_folder(mall, tmp_path):
    mall.write(tmp_path / "out")
    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files == ["compare.csv", "compare.png", "run.json"]
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["files"] == files
    assert (record["algorithm"], record["k"]) == ("kmeans", 5)
    assert record["rows"]["read"] == record["rows"]["sampled"] == 200
    assert record["command"].startswith("ilk.compare(")
    read = pl.read_csv(tmp_path / "out" / "compare.csv")
    assert read["algorithm"].to_list() == list(ALGORITHMS)
    assert read["k"].to_list()[0] == 5
    picture = Image.open(io.BytesIO((tmp_path / "out" / "compare.png").read_bytes()))
    assert picture.width > picture.height > 300
    with pytest.raises(OutputError, match="E_OUTPUT_EXISTS"):
        mall.write(tmp_path / "out")


def test_the_picture_has_a_panel_for_every_algorithm_and_marks_one(mall):
    axes = mall.plot().get_figure().axes
    titles = [ax.get_title(loc="left") for ax in axes]
    assert [title.split(":")[0] for title in titles] == [
        algorithm.title for algorithm in ALGORITHMS.values()
    ]
    assert [title.endswith("✓") for title in titles].count(True) == 1
    assert titles[0].endswith("✓")


def test_a_notebook_shows_the_reason_and_the_table(mall):
    shown = mall._repr_html_()
    assert "the easiest to explain" in shown
    assert shown.count("<tr") == 1 + len(ALGORITHMS)
    assert repr(mall).startswith("Compared: k-means: five clear segments")


@pytest.fixture
def rings_file(tmp_path):
    file = tmp_path / "rings.csv"
    rings().write_csv(file)
    return file


def test_the_command_prints_a_table_and_says_why_beside_it(rings_file, capsys):
    assert main(["compare", str(rings_file), "--fast"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("Algorithm", "k-means", "bisecting", "Gaussian", "Ward's", "DBSCAN", "HDBSCAN"),
    ]
    assert "HDBSCAN: two segments that are apart" in err


def test_the_command_prints_json_and_nothing_else(rings_file, tmp_path, capsys):
    folder = tmp_path / "out"
    assert main(["compare", str(rings_file), "--fast", "--json", "--out", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    report = json.loads(out)
    assert report["preferred"] == "hdbscan"
    assert [row["algorithm"] for row in report["algorithms"]] == list(ALGORITHMS)
    assert json.loads((folder / "run.json").read_text())["summary"] == report
    assert main(["compare", str(rings_file), "--fast", "--json", "--out", str(folder)]) == 6
    assert "E_OUTPUT_EXISTS" in capsys.readouterr().err


def test_the_record_of_a_comparison_is_that_of_a_fit(rings_file, tmp_path, capsys):
    records = {}
    for command in ("compare", "fit"):
        folder = tmp_path / command
        asked = ["--fast", "--k", "3", "--numeric", "x", "--seed", "7", "--out", str(folder)]
        assert main([command, str(rings_file), *asked]) == 0
        records[command] = json.loads((folder / "run.json").read_text())
    ours, theirs = records["compare"], records["fit"]
    assert set(ours) < set(theirs)
    same = ("source", "data_sha256", "columns", "seed", "warnings", "versions", "created")
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    for record in records.values():
        assert record["summary"]["reproduce"]["recipe"]["numeric"] == ["x"]
        assert record["timings"]
    assert (ours["format"], theirs["format"]) == ("ilk comparison", "ilk run")
    capsys.readouterr()


def test_a_folder_holds_a_run_or_a_comparison(rings_file, tmp_path, capsys):
    folder = tmp_path / "out"
    asked = [str(rings_file), "--fast", "--k", "2", "--overwrite", "--out"]
    assert main(["compare", *asked, str(folder)]) == 0
    assert main(["compare", *asked, str(folder)]) == 0
    before = (folder / "run.json").read_bytes()
    capsys.readouterr()
    assert main(["fit", *asked, str(folder)]) == 6
    assert "run.json was not written by an earlier run of this kind" in capsys.readouterr().err
    assert main(["report", str(folder)]) == 3
    assert "the folder holds a comparison" in capsys.readouterr().err
    assert (folder / "run.json").read_bytes() == before
    fitted = tmp_path / "fitted"
    fitted.mkdir()
    (fitted / "run.json").write_text('{"format": "ilk run", "files": ["run.json"]}')
    assert main(["compare", *asked, str(fitted)]) == 6
    assert "E_OUTPUT_FOREIGN" in capsys.readouterr().err


def test_the_algorithm_of_a_recipe_is_for_a_fit(rings_file, tmp_path, capsys):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('algorithm = "dbscan"\n')
    asked = ["--recipe", str(recipe), "--k", "3", "--fast", "--json"]
    assert main(["compare", str(rings_file), *asked]) == 0
    rows = json.loads(capsys.readouterr().out)["algorithms"]
    assert [row["k"] for row in rows if row["algorithm"] in ("kmeans", "ward")] == [3, 3]


def test_the_command_refuses_what_it_cannot_read(tmp_path, capsys):
    assert main(["compare", str(tmp_path / "none.csv")]) == 3
    assert "E_INPUT_OPEN" in capsys.readouterr().err
