"""The command line's gates and algorithms: what they let pass, leave, and label."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import ilk
from ilk.cli.main import main
from ilk.cluster.algorithms import ALGORITHMS


def record(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text("utf-8"))


def test_required_structure_that_is_not_there_exits_with_four(tmp_path, capsys):
    out = tmp_path / "assets"
    assert main(["demo", "customers", "--require-structure", "--out", str(out)]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert "E_NO_STRUCTURE" in said.err
    assert "Leave that out" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_gate_leaves_the_results_of_an_earlier_run_alone(tmp_path, capsys):
    out = tmp_path / "assets"
    assert main(["demo", "customers", "--out", str(out), "--quiet"]) == 0
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    gated = ["demo", "customers", "--require-structure", "--overwrite", "--out", str(out)]
    assert main(gated) == 4
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    assert record(out)["structure"] == "none"
    assert (
        "no natural groups found: these segments divide a continuum [W_NO_STRUCTURE]"
        in capsys.readouterr().err
    )


def test_required_structure_that_is_there_passes(tmp_path):
    out = tmp_path / "assets"
    assert main(["demo", "mall", "--require-structure", "--out", str(out), "--quiet"]) == 0
    metadata = record(out)
    assert (metadata["structure"], metadata["algorithm"], metadata["relabeled_share"]) == (
        "clear",
        "kmeans",
        0.0,
    )
    assert 0.5 < metadata["seed_agreement"] <= 1
    assert [segment["segment"] for segment in metadata["segments"]] == [1, 2, 3, 4, 5]
    table = pl.read_csv(out / "segments.csv")
    for column in ("stability", "borderline_share"):
        assert [segment[column] for segment in metadata["segments"]] == table[column].to_list()
    assert (table["stability"] > 0.85).all()  # the five are published, and plain to see
    assert metadata["warnings"] == []


def test_the_first_row_of_the_candidates_is_one_segment(tmp_path):
    out = tmp_path / "assets"
    assert main(["demo", "mall", "--out", str(out), "--quiet"]) == 0
    table = pl.read_csv(out / "k.csv")
    assert table["k"].to_list() == list(range(1, 11))  # up to the root of half of 200
    one = table.row(0, named=True)
    assert (one["silhouette"], one["elbow"], one["chosen"]) == (None, None, False)
    assert table["gap"].null_count() == 0
    assert table["silhouette"][1:].null_count() == 0


def test_no_segment_is_smaller_than_allowed(tmp_path, capsys):
    shares = {}
    for least in ("0", "0.3"):
        out = tmp_path / least
        arguments = ["demo", "mall", "--min-share", least, "--out", str(out), "--quiet"]
        assert main(arguments) == 0
        shares[least] = pl.read_csv(out / "segments.csv")["share"].to_list()
    assert min(shares["0"]) < 0.3 <= min(shares["0.3"])
    table = pl.read_csv(tmp_path / "0.3" / "k.csv").filter(pl.col("k") > 1)
    refused = table.filter(pl.col("rejection_reason").is_not_null())
    assert refused["k"].to_list() == table.filter(pl.col("smallest_share") < 0.3)["k"].to_list()
    assert refused.height
    assert "less than 30%" in refused["rejection_reason"][0]


def test_a_limit_that_nothing_meets_exits_with_four(tmp_path, capsys):
    out = tmp_path / "assets"
    arguments = ["demo", "mall", "--min-share", "0.49", "--fast", "--out", str(out)]
    assert main(arguments) == 4
    assert "E_NO_CANDIDATE" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--min-share", "0.4", "--max-share", "0.3"], "E_CONFLICT"),
        (["--k", "5", "--min-share", "0.3"], "E_CONFLICT"),
        (["--min-share", "5"], "E_CHOICE"),
        (["--require-structure", "--fast"], "E_CONFLICT"),
        (["--algorithm", "hdbscan", "--k", "5"], "E_CHOICE"),
        (["--algorithm", "kmedoids"], "E_CHOICE"),
    ],
)
def test_a_contradiction_is_refused_before_the_file_is_opened(tmp_path, capsys, options, code):
    nowhere = tmp_path / "nowhere.csv"
    assert main(["fit", str(nowhere), *options]) == 2
    assert f"[{code}]" in capsys.readouterr().err


def test_fast_gives_the_same_labels_and_no_tests(tmp_path):
    file = tmp_path / "mall.csv"
    ilk.demo.load("mall").write_csv(file)
    labels = []
    for name, options in (("slow", []), ("fast", ["--fast"])):
        out = tmp_path / name
        arguments = ["fit", str(file), "--describe", "Age", "--k", "5", "--out", str(out), "-q"]
        assert main([*arguments, *options]) == 0
        labels.append((out / "customers.csv").read_bytes())
    assert labels[0] == labels[1]
    slow, fast = record(tmp_path / "slow"), record(tmp_path / "fast")
    assert (slow["structure"], fast["structure"]) == ("clear", "untested")
    assert fast["seed_agreement"] is None
    assert {segment["stability"] for segment in fast["segments"]} == {None}
    assert [segment["borderline_share"] for segment in fast["segments"]] == [
        segment["borderline_share"] for segment in slow["segments"]
    ]
    assert pl.read_csv(tmp_path / "fast" / "k.csv")["gap"].null_count() == 2


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_every_algorithm_labels_the_training_file_as_it_did(tmp_path, algorithm):
    out, file, again = tmp_path / "assets", tmp_path / "mall.csv", tmp_path / "again.csv"
    ilk.demo.load("mall").write_csv(file)
    arguments = ["demo", "mall", "--algorithm", algorithm, "--fast", "--out", str(out), "--quiet"]
    assert main(arguments) == 0
    assert main(["predict", str(out / "model.json"), str(file), "-o", str(again), "-q"]) == 0
    assert again.read_bytes() == (out / "customers.csv").read_bytes()
    metadata = record(out)
    assert metadata["algorithm"] == algorithm
    assert metadata["summary"]["reproduce"]["recipe"]["algorithm"] == algorithm
    numbers = pl.read_csv(out / "customers.csv")["segment"]
    assert numbers.max() == metadata["k"] == len(metadata["segments"])
    assert (numbers == 0).sum() == metadata["rows"]["unassigned"]
    assert metadata["rows"]["sampled"] == 200
    assert (metadata["rows"]["unassigned"] > 0) == (not ALGORITHMS[algorithm].takes_k)
    relabeled = [warning for warning in metadata["warnings"] if warning["code"] == "W_RELABELED"]
    assert bool(relabeled) == (metadata["relabeled_share"] > 0.05)


def test_one_customer_far_from_all_is_told_why(tmp_path, capsys):
    out = tmp_path / "assets"
    assert main(["demo", "mall", "--algorithm", "dbscan", "--fast", "--out", str(out), "-q"]) == 0
    far = ["--set", "Annual Income (k$)=900", "--set", "Spending Score (1-100)=1"]
    capsys.readouterr()
    assert main(["predict", str(out / "model.json"), *far]) == 0
    assert "fits no segment: none is close enough" in capsys.readouterr().out
    assert main(["predict", str(out / "model.json"), *far, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["segment"], answer["segment_name"]) == (0, None)
    assert "clear" not in answer["call"].lower()
