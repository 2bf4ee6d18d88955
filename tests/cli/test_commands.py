"""The command line: what it leaves, what it says, and how it refuses."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import typer.main

import ilk
from ilk.cli.main import app, main
from ilk.recipe import OPTIONS

TABLES = {
    "model.json",
    "customers.csv",
    "segments.csv",
    "k.csv",
    "plots",
    "report.html",
    "run.json",
}
PLOTS = {
    f"{name}.png"
    for name in ("elbow", "silhouette_gain", "silhouette", "scatter", "profile", "sizes")
}


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run") / "assets"
    assert main(["demo", "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture
def mall(tmp_path: Path) -> Path:
    file = tmp_path / "mall.csv"
    ilk.demo.load("mall").write_csv(file)
    return file


def refused(capsys, *arguments: str) -> tuple[int, str]:
    code = main(list(arguments))
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert said.out == ""
    return code, said.err


def test_fit_leaves_exactly_the_files_of_the_design(done):
    assert {file.name for file in done.iterdir()} == TABLES
    assert {file.name for file in (done / "plots").iterdir()} == PLOTS


def test_the_tables_have_the_columns_of_the_design(done):
    customers = pl.read_csv(done / "customers.csv")
    segments = pl.read_csv(done / "segments.csv")
    candidates = pl.read_csv(done / "k.csv")
    assert customers.columns == ["CustomerID", "segment", "segment_name"]
    assert segments.columns[:4] == ["segment", "segment_name", "customers", "share"]
    assert segments.columns[-1] == "action"
    assert candidates.columns[:3] == ["algorithm", "k", "inertia"]
    assert candidates.columns[-1] == "chosen"
    assert candidates["chosen"].sum() == 1


def test_shares_and_sizes_agree_with_the_labels(done):
    counts = pl.read_csv(done / "customers.csv")["segment"].value_counts().sort("segment")
    segments = pl.read_csv(done / "segments.csv")
    assert counts["count"].to_list() == segments["customers"].to_list()
    assert segments["customers"].is_sorted(descending=True)
    assert segments["share"].sum() == pytest.approx(1.0)


def test_run_json_accounts_for_every_row(done):
    record = json.loads((done / "run.json").read_text())
    rows = record["rows"]
    assert rows["read"] == rows["labeled"] + rows["rejected"] + rows["excluded"] == 200
    assert {column["name"] for column in record["columns"]} == set(ilk.demo.load("mall").columns)
    assert all(column["reason"] for column in record["columns"])
    assert record["seed"] == 0
    assert len(record["data_sha256"]) >= 64
    assert record["timings"]


def test_the_report_is_rendered_again_the_same(done):
    page = done / "report.html"
    before = page.read_bytes()
    page.unlink()
    assert main(["report", str(done)]) == 0
    assert page.read_bytes() == before


def test_a_kept_warning_names_its_option_as_it_was_shown(mall, tmp_path, capsys):
    frame = pl.read_csv(mall).with_columns(Channel=pl.Series([1, 2] * 100))
    frame.write_csv(mall)
    out = tmp_path / "out"
    assert main(["fit", str(mall), "--fast", "--categorical", "Gender", "--out", str(out)]) == 0
    shown = next(line for line in capsys.readouterr().err.splitlines() if "[W_CODE]" in line)
    assert '--numeric "Channel"' in shown
    record = json.loads((out / "run.json").read_text())
    (warning,) = [kept for kept in record["warnings"] if kept["code"] == "W_CODE"]
    assert warning["message"] in shown
    assert warning["options"] == {"numeric": ["Channel"], "labels": None}
    assert main(["report", str(out)]) == 0
    page = html.unescape((out / "report.html").read_text())
    assert '--numeric "Channel"' in page
    assert "numeric=" not in page


def test_the_run_of_another_version_is_refused_with_the_way_out(done, tmp_path, capsys):
    record = json.loads((done / "run.json").read_text())
    segment = record["summary"]["segments"][0]
    segment["certainty"] = segment.pop("confidence")
    (tmp_path / "run.json").write_text(json.dumps(record))
    code, said = refused(capsys, "report", str(tmp_path))
    assert code == 3
    assert "written by another version of ilk: its record has no 'confidence'" in said
    assert "Run the fit again" in said
    assert not (tmp_path / "report.html").exists()


def test_two_runs_leave_the_same_model(done, tmp_path):
    assert main(["demo", "--out", str(tmp_path / "again"), "--quiet"]) == 0
    assert (tmp_path / "again" / "model.json").read_bytes() == (done / "model.json").read_bytes()


def test_an_earlier_run_is_not_replaced_unasked(done, capsys):
    before = (done / "run.json").read_bytes()
    code, said = refused(capsys, "demo", "--out", str(done))
    assert code == 6
    assert "--overwrite" in said
    assert (done / "run.json").read_bytes() == before
    assert main(["demo", "--out", str(done), "--overwrite", "--quiet"]) == 0


def test_an_earlier_run_is_refused_before_any_work(done, capsys, monkeypatch):
    def working(*_, **__):
        raise AssertionError("it went to work")

    monkeypatch.setattr("ilk.workflow.fit.fit", working)
    assert refused(capsys, "demo", "--out", str(done))[0] == 6


def test_quiet_says_nothing(mall, tmp_path, capsys):
    assert main(["fit", str(mall), "--out", str(tmp_path / "a"), "--quiet"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_the_table_of_segments_tells_the_top_level_and_its_share(done):
    table = pl.read_csv(done / "segments.csv")
    customers = ilk.demo.load("mall").with_columns(
        pl.read_csv(done / "customers.csv")["segment"].alias("segment")
    )
    for row in table.iter_rows(named=True):
        genders = customers.filter(pl.col("segment") == row["segment"])["Gender"]
        assert row["Gender share"] == pytest.approx((genders == row["Gender"]).mean())
        assert row["Gender share"] >= 0.5


def test_json_is_one_object_and_nothing_else(mall, tmp_path, capsys):
    assert main(["fit", str(mall), "--out", str(tmp_path / "a"), "--k", "5", "--json"]) == 0
    said = capsys.readouterr()
    summary = json.loads(said.out)
    assert summary["choice"]["k"] == 5
    assert len(summary["segments"]) == 5


def test_roles_are_said_with_their_reasons(mall, tmp_path, capsys):
    assert main(["fit", str(mall), "--out", str(tmp_path / "a")]) == 0
    said = " ".join(capsys.readouterr().err.split())
    for column in ilk.demo.load("mall").columns:
        assert column in said
    assert "sensitive" in said


def test_one_customer(done, capsys):
    arguments = ["--set", "Annual Income (k$)=85", "--set", "Spending Score (1-100)=85"]
    assert main(["predict", str(done / "model.json"), *arguments]) == 0
    said = capsys.readouterr().out
    assert "High-income high spenders" in said
    assert "remium" in said
    assert "lear" in said


def test_one_customer_as_json(done, capsys):
    cells = ["--set", "Annual Income (k$)=20", "--set", "Spending Score (1-100)=15"]
    assert main(["predict", str(done / "model.json"), *cells, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["segment_name"] == "Low-income low spenders"
    assert 0 <= answer["margin"] <= 1


def test_predict_writes_to_standard_output(done, mall):
    command = [sys.executable, "-m", "ilk", "predict", str(done / "model.json"), str(mall)]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    assert printed == (done / "customers.csv").read_bytes()


def test_predict_writes_parquet(done, mall, tmp_path):
    file = tmp_path / "labeled.parquet"
    assert main(["predict", str(done / "model.json"), str(mall), "-o", str(file)]) == 0
    assert pl.read_parquet(file).columns == ["CustomerID", "segment", "segment_name"]


def test_customers_as_parquet(mall, tmp_path):
    out = tmp_path / "a"
    assert main(["fit", str(mall), "--out", str(out), "--format", "parquet"]) == 0
    assert pl.read_parquet(out / "customers.parquet").height == 200
    assert not (out / "customers.csv").exists()


def test_a_recipe_stands_behind_the_flags(mall, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('k = 3\nscale = "robust"\n')
    out = tmp_path / "a"
    assert main(["fit", str(mall), "--recipe", str(recipe), "--k", "4", "--out", str(out)]) == 0
    model = ilk.load(out / "model.json")
    assert (model.recipe.k, model.recipe.scale) == (4, "robust")


def test_an_exported_recipe_makes_the_same_model(done, mall, tmp_path):
    recipe = tmp_path / "recipe.toml"
    model = done / "model.json"
    assert main(["export", str(model), "--to", "recipe", "-o", str(recipe)]) == 0
    out = tmp_path / "a"
    assert main(["fit", str(mall), "--recipe", str(recipe), "--out", str(out)]) == 0
    assert ilk.load(out / "model.json").segments == ilk.load(model).segments


def test_excluded_customers_are_nowhere(mall, tmp_path):
    ids = tmp_path / "objected.txt"
    ids.write_text("3\n17\n")
    out = tmp_path / "a"
    assert main(["fit", str(mall), "--exclude-ids", str(ids), "--out", str(out)]) == 0
    labeled = pl.read_csv(out / "customers.csv")["CustomerID"].to_list()
    assert len(labeled) == 198
    assert not {3, 17} & set(labeled)
    assert json.loads((out / "run.json").read_text())["rows"]["excluded"] == 2


def test_an_action_comes_from_the_playbook(mall, tmp_path):
    playbook = tmp_path / "playbook.toml"
    playbook.write_text('[[rules]]\nwhen = { income = "high" }\naction = "Call them."\n')
    out = tmp_path / "a"
    assert main(["fit", str(mall), "--playbook", str(playbook), "--out", str(out)]) == 0
    assert "Call them (as for segment" in (out / "segments.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit"], "ilk: missing argument"),
        (["fit", "a.csv", "--bogus"], "ilk: no such option"),
        (["segment", "a.csv"], "ilk: no such command"),
        (["export", "model.json", "--to", "onnx", "-o", "a"], "onnx"),
        (["fit", "a.csv", "--k-max", "ten"], "--k-max"),
    ],
)
def test_a_wrong_command_exits_with_two(capsys, arguments, message):
    code, said = refused(capsys, *arguments)
    assert code == 2
    assert message in said
    assert "bug" not in said


def test_an_interrupt_exits_with_130(mall, tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ilk.workflow.run.Run.write", interrupted)
    code, said = refused(capsys, "fit", str(mall), "--out", str(tmp_path / "a"))
    assert code == 130
    assert "interrupted" in said
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("command", "page"), [("fit --foo", "ilk fit"), ("fit", "ilk fit"), ("foo", "ilk")]
)
def test_a_wrong_command_leads_to_its_own_help(command, page, capsys):
    code, said = refused(capsys, *command.split())
    assert code == 2
    assert f"See `{page} --help`." in said


BAD = {
    "missing file": ("nowhere.csv", None, [], 3, "E_INPUT_OPEN"),
    "empty file": ("a.csv", "", [], 3, "E_EMPTY_FILE"),
    "header only": ("a.csv", "id,age,income\n", [], 3, "E_NO_ROWS"),
    "too few rows": ("a.csv", "age,income\n1,2\n3,4\n", ["--k", "5"], 3, "E_TOO_FEW"),
    "unknown column": ("mall", None, ["--features", "Incme"], 3, "E_UNKNOWN_COLUMN"),
    "constant data": ("a.csv", "age,income\n" + "30,5\n" * 50, [], 3, "E_NO_FEATURES"),
    "text in numbers": (
        "a.csv",
        "age,income\n" + "".join(f"{20 + i},{i * i}\n" for i in range(60)) + "thirty,7\n",
        [],
        3,
        "E_TEXT_IN_NUMBER",
    ),
    "duplicate ids": (
        "a.csv",
        "customer_id,age,income\n"
        + "".join(f"{i // 2 if i > 57 else i},{i},{i * i}\n" for i in range(60)),
        ["--id", "customer_id"],
        3,
        "E_DUPLICATE_IDS",
    ),
    "a bad choice": ("mall", None, ["--scale", "big"], 2, "E_CHOICE"),
    "a bad k": ("mall", None, ["--k", "many"], 2, "E_CHOICE"),
    "a missing recipe": ("mall", None, ["--recipe", "no.toml"], 2, "E_RECIPE"),
    "a missing playbook": ("mall", None, ["--playbook", "no.toml"], 2, "E_PLAYBOOK"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_and_nothing_is_written(name, mall, tmp_path, capsys):
    file, text, options, exit_code, error_code = BAD[name]
    source = mall if file == "mall" else tmp_path / file
    if text is not None:
        source.write_text(text)
    out = tmp_path / "assets"
    code, said = refused(capsys, "fit", str(source), "--out", str(out), *options)
    assert code == exit_code
    assert error_code in said
    assert not out.exists() or not any(out.iterdir())


def test_the_nearest_column_is_named(mall, tmp_path, capsys):
    _, said = refused(
        capsys, "fit", str(mall), "--features", "Anual Income (k$)", "--out", str(tmp_path / "a")
    )
    assert "Did you mean 'Annual Income (k$)'?" in said


def test_a_model_that_is_not_ours_exits_with_five(mall, tmp_path, capsys):
    file = tmp_path / "model.json"
    file.write_text('{"weights": [1, 2]}')
    code, said = refused(capsys, "predict", str(file), str(mall))
    assert code == 5
    assert "E_MODEL_FILE" in said


def test_predict_wants_one_kind_of_customer(done, mall, capsys):
    code, said = refused(capsys, "predict", str(done / "model.json"))
    assert code == 2
    assert "--set" in said


@pytest.mark.parametrize("of_one", [False, True])
def test_what_is_printed_goes_to_no_file(done, mall, tmp_path, capsys, of_one):
    customers, file = ["--set", "Age=3"] if of_one else [str(mall), "--json"], tmp_path / "a.csv"
    code, said = refused(capsys, "predict", str(done / "model.json"), *customers, "-o", str(file))
    assert (code, file.exists()) == (2, False)
    assert "Leave out" in said
    assert "--output" in said
    assert "E_CONFLICT" in said


def test_new_customers_are_read_as_the_training_data_was(tmp_path, capsys):
    frame = ilk.demo.load("mall").with_columns(pl.col("Annual Income (k$)") + 0.125)
    file = tmp_path / "mall.csv"
    frame.write_csv(file, separator=";", decimal_comma=True)
    out = tmp_path / "out"
    options = ["--delimiter", ";", "--decimal", ",", "--max-bad-rows", "1"]
    assert main(["fit", str(file), *options, "--out", str(out), "--quiet"]) == 0
    new = tmp_path / "new.csv"
    # Nothing in one row tells that 20,125 is not twenty thousand.
    new.write_text(f"{';'.join(frame.columns)}\n1;Male;19;20,125;80\n2;Male;20\n")
    assert main(["predict", str(out / "model.json"), str(new)]) == 0
    said = capsys.readouterr()
    expected = ilk.load(out / "model.json").predict(
        {"Age": 19, "Annual Income (k$)": 20.125, "Spending Score (1-100)": 80}
    )
    assert said.out.splitlines()[1].startswith(f"1,{expected['segment'][0]},")
    assert "1 row could not be read; the first is line 3" in said.err


def test_predict_without_a_feature_is_refused(done, tmp_path, capsys):
    file = tmp_path / "new.csv"
    file.write_text("CustomerID,Annual Income (k$)\n1,20\n")
    code, said = refused(capsys, "predict", str(done / "model.json"), str(file))
    assert code == 3
    assert "Spending Score (1-100)" in said


def test_an_unwritable_folder_exits_with_six(mall, tmp_path, capsys):
    (tmp_path / "assets").write_text("a file stands here")
    code, _ = refused(capsys, "fit", str(mall), "--out", str(tmp_path / "assets"))
    assert code == 6
    assert (tmp_path / "assets").read_text() == "a file stands here"


def test_help_and_version_load_nothing_heavy():
    code = (
        "import sys; from ilk.cli.main import app, main; main(['--help']); "
        "heavy = {'numpy', 'polars', 'sklearn', 'matplotlib', 'streamlit', 'pydantic'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode
        == 0
    )


def test_a_closed_pipe_is_no_error(done, mall):
    command = f"{sys.executable} -m ilk predict {done / 'model.json'} {mall} | head -1"
    result = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=True, env=os.environ
    )
    assert "Traceback" not in result.stderr


def test_the_help_names_the_defaults_of_the_recipe(capsys):
    assert main(["fit", "--help"]) == 0
    help_text = " ".join(capsys.readouterr().out.split())
    described = [option for option in OPTIONS.values() if option.on_command_line]
    assert [option.name for option in described if option.describe() not in help_text] == []
    for name, default in {"k": "auto", "scale": "standard", "seed": "0", "max_share": "1"}.items():
        assert f"[default: {default}]" in OPTIONS[name].describe()


def test_the_help_shows_every_option_once_and_in_a_group(capsys):
    assert main(["fit", "--help"]) == 0
    help_text = capsys.readouterr().out
    groups = dict(re.findall(r"^(\w.*):\n((?:  .*\n)+)", help_text, re.MULTILINE))
    assert "--k-max" in groups["Segments"]
    assert "--decimal" in groups["Reading the file"]
    assert re.findall(r"--[a-z-]+", groups["Options"]) == ["--help"]
    fit = getattr(typer.main.get_command(app), "commands")["fit"]  # noqa: B009
    flags = {flag for param in fit.params for flag in param.opts if flag.startswith("--")}
    assert flags >= {"--k", "--features", "--sheet", "--seed", "--engine", "--exclude-ids", "--out"}
    for flag in flags:
        assert sum(f" {flag} " in text for text in groups.values()) == 1


def test_a_tab_can_be_typed(tmp_path):
    file = tmp_path / "mall.tsv"
    ilk.demo.load("mall").write_csv(file, separator="\t")
    for typed in ("\\t", "tab", "\t"):
        out = tmp_path / f"out{len(typed)}"
        assert main(["fit", str(file), "--delimiter", typed, "--out", str(out), "--quiet"]) == 0


def test_names_with_commas_can_be_quoted(tmp_path):
    file = tmp_path / "a.csv"
    frame = ilk.demo.load("mall").rename({"Annual Income (k$)": "Income, yearly"})
    frame.write_csv(file)
    out = tmp_path / "out"
    names = '"Income, yearly",Spending Score (1-100)'
    assert main(["fit", str(file), "--features", names, "--out", str(out), "--quiet"]) == 0
    features = [column.name for column in ilk.load(out / "model.json").schema.features]
    assert features == ["Income, yearly", "Spending Score (1-100)"]


def test_principal_components_are_drawn_when_asked(mall, tmp_path):
    pictures = []
    for axes in ("columns", "components"):
        out = tmp_path / axes
        assert main(["fit", str(mall), "--scatter", axes, "--out", str(out), "--quiet"]) == 0
        pictures.append((out / "plots" / "scatter.png").read_bytes())
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize(
    ("file", "pca", "count"),
    [
        ("Wholesale_customers.csv", "0.9", 5),
        pytest.param("BankChurners.csv", "3", 3, marks=pytest.mark.thorough),
    ],
)
def test_customers_are_clustered_on_principal_components(
    data_dir, tmp_path, capsys, file, pca, count
):
    out = tmp_path / "a"
    arguments = ["fit", str(data_dir / file), "--pca", pca, "--fast", "--out", str(out)]
    assert main(arguments) == 0
    record = json.loads((out / "run.json").read_text())
    shares = record["components"]["shares"]
    assert len(shares) == record["components"]["count"] == count
    if "." in pca:
        assert sum(shares[:-1]) < float(pca) <= sum(shares)
    sentence = (
        f"Clustered on {count} principal components ({100 * sum(shares):.0f}% of the variance)."
    )
    assert sentence in capsys.readouterr().err
    assert sentence in (out / "report.html").read_text()
    # Profiles stay in original units: the means of the segments are those of the file.
    customers = pl.read_csv(data_dir / file)
    column = customers.select(pl.selectors.numeric()).columns[-3]
    labels = pl.read_csv(out / "customers.csv")["segment"]
    means = customers.group_by(labels).agg(pl.col(column).mean()).sort("segment")[column]
    table = pl.read_csv(out / "segments.csv")
    assert table[column].to_list() == pytest.approx(means.to_list())
    assert "component 1" not in (out / "segments.csv").read_text()
    assert main(["predict", str(out / "model.json"), str(data_dir / file), "-q"]) == 0
    assert capsys.readouterr().out == (out / "customers.csv").read_text()


def test_a_run_on_the_columns_themselves_has_no_components(done):
    assert json.loads((done / "run.json").read_text())["components"] is None


@pytest.mark.parametrize(
    ("pca", "message"),
    [
        ("1.0", "'1.0' is not a valid value (--pca)"),
        ("90%", "'90%' is not a valid value (--pca)"),
        ("7", "Use --pca 2 or less"),
    ],
)
def test_components_that_cannot_be_are_refused(mall, tmp_path, capsys, pca, message):
    features = ["--describe", "Age,Gender"]
    code, said = refused(capsys, "fit", str(mall), *features, "--pca", pca, "--out", str(tmp_path))
    assert (code, message in said) == (3 if pca == "7" else 2, True)


def test_rejected_rows_are_kept_with_line_and_reason(mall, tmp_path):
    with mall.open("a") as file:
        file.write("201,Male,30,40\n")
    out = tmp_path / "out"
    assert main(["fit", str(mall), "--max-bad-rows", "1", "--out", str(out), "--quiet"]) == 0
    rejects = pl.read_csv(out / "rejects.csv", infer_schema=False)
    assert rejects.columns == ["line", "reason", "raw"]
    assert rejects["line"].to_list() == ["202"]
    rows = json.loads((out / "run.json").read_text())["rows"]
    assert (rows["read"], rows["labeled"], rows["rejected"]) == (201, 200, 1)


def test_a_bug_of_ours_is_one_line_and_exit_one(mall, tmp_path, capsys, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("by a bug")

    monkeypatch.setattr("ilk.workflow.fit.fit", broken)
    code, said = refused(capsys, "fit", str(mall), "--out", str(tmp_path / "a"))
    assert code == 1
    assert "bug in ilk" in said
    assert "ZeroDivisionError: by a bug" in said
