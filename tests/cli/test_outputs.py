"""No command and no part of the library replaces what it reads, or what is no regular file."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

import ilk
from ilk.cli.main import main
from ilk.errors import OutputError

FAST = ("--fast", "--k", "3", "--sample", "100", "--quiet", "--overwrite")

posix = pytest.mark.skipif(os.name != "posix", reason="there are no such files there")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Customers, a model of them, and a finished run."""
    folder = tmp_path_factory.mktemp("made")
    ilk.demo.load("mall").write_csv(folder / "customers.csv")
    assert main(["fit", str(folder / "customers.csv"), "--out", str(folder / "run"), *FAST]) == 0
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same files for one test alone, in the folder in which it works."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    (folder / "choices.toml").write_text("k = 3\n")
    (folder / "actions.toml").write_text("")
    (folder / "ids.txt").write_text("7\n")
    monkeypatch.chdir(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def refuse_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every step fail that takes long: the refusal has to come before."""

    def working(*_: object, **__: object) -> None:
        raise AssertionError("it went to work")

    for step in (
        *("workflow.fit.fit", "workflow.compare.compare", "model.predict.BatchPredictor"),
        *("demo.load", "report.html.render_html", "model.sklearn_export.to_joblib"),
    ):
        monkeypatch.setattr(f"ilk.{step}", working)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The code of the refusal of a command that must leave everything as it was."""
    before = contents(Path.cwd())
    capsys.readouterr()
    assert main(list(arguments)) == 6
    said = capsys.readouterr()
    assert said.out == ""
    assert "--overwrite" not in said.err
    assert "Traceback" not in said.err
    assert contents(Path.cwd()) == before
    code = re.search(r"\[(E_\w+)\]$", said.err.strip())
    assert code is not None, said.err
    return code[1]


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("fit run/customers.csv --out run", ""),
        ("fit run/customers.csv --out run --format parquet", ""),
        ("fit customers.csv --out run --exclude-ids ids.txt", "ids.txt run/rejects.csv"),
        ("fit customers.csv --out run --recipe run/k.csv", "choices.toml run/k.csv"),
        ("fit customers.csv --out run --playbook run/k.csv", "actions.toml run/k.csv"),
        ("fit customers.csv --out run --exclude-ids run/k.csv", ""),
        ("compare customers.csv --out run", "customers.csv run/compare.csv"),
        ("compare customers.csv --out run --recipe choices.toml", "choices.toml run/compare.png"),
        ("compare customers.csv --out run --exclude-ids ids.txt", "ids.txt run/compare.csv"),
        ("predict run/model.json customers.csv -o customers.csv", ""),
        ("predict run/model.json customers.csv -o run/../customers.csv", ""),
        ("predict run/model.json customers.csv -o run/model.json", ""),
        ("predict run/model.json customers.csv -o other.csv", "customers.csv other.csv"),
        ("export run/model.json --to recipe -o run/model.json", ""),
        ("export run/model.json --to joblib -o other", "run/model.json other"),
    ],
)
def test_no_command_replaces_what_it_reads(
    here: Path, capsys, monkeypatch, command: str, target: str, overwrite: list[str]
) -> None:
    if target:
        # A link makes one of the inputs one of the results.
        path, link = map(Path, target.split())
        link.unlink(missing_ok=True)
        link.hardlink_to(path)
    refuse_work(monkeypatch)
    assert refused(capsys, *command.split(), *overwrite) == "E_OUTPUT_INPUT"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("fit nowhere.csv --out run", "E_INPUT_OPEN"),
        ("fit nowhere/*.parquet --out run", "E_INPUT_OPEN"),
        ("compare nowhere.csv --out run", "E_INPUT_OPEN"),
        ("predict run/model.json nowhere.csv -o customers.csv", "E_INPUT_OPEN"),
        ("predict run/model.json nowhere.csv -o run", "E_INPUT_OPEN"),
        ("predict nowhere.json customers.csv -o other.csv", "E_MODEL_OPEN"),
        ("predict nowhere.json customers.csv -o customers.csv", "E_MODEL_OPEN"),
        ("predict nowhere.json nowhere.csv -o other.csv", "E_MODEL_OPEN"),
        ("export nowhere.json --to recipe -o other.csv", "E_MODEL_OPEN"),
        ("export nowhere.json --to joblib -o run", "E_MODEL_OPEN"),
        ("report nowhere", "E_RUN_FILE"),
        ("report broken", "E_RUN_FILE"),
    ],
)
def test_what_is_missing_is_told_before_anything_about_the_target(
    here: Path, capsys, command: str, code: str
) -> None:
    for result in ("run/compare.csv", "other.csv"):
        (here / result).write_text("")
    (here / "broken" / "report.html").mkdir(parents=True)
    before = contents(here)
    assert main(command.split()) == (5 if code == "E_MODEL_OPEN" else 3)
    told = capsys.readouterr().err
    assert f"[{code}]" in told
    assert "--overwrite" not in told
    assert told.count("nowhere") <= 1
    assert contents(here) == before


def test_overwrite_replaces_only_what_a_run_left(here: Path, capsys) -> None:
    fit = ("fit", "customers.csv", "--out", "run", *FAST)
    assert main([*fit]) == 0
    listed = json.loads((here / "run" / "run.json").read_text())["files"]
    assert sorted(contents(here / "run")) == listed
    (here / "run" / "customers.parquet").write_text("mine")
    assert refused(capsys, *fit) == "E_OUTPUT_FOREIGN"
    (here / "run" / "run.json").unlink()
    assert refused(capsys, *fit) == "E_OUTPUT_FOREIGN"


def test_the_report_is_not_written_over_the_record_of_the_run(here: Path, capsys) -> None:
    page = here / "run" / "report.html"
    page.unlink()
    page.hardlink_to(here / "run" / "run.json")
    assert refused(capsys, "report", "run") == "E_OUTPUT_INPUT"


def test_no_part_of_a_table_is_replaced(here: Path, capsys, monkeypatch) -> None:
    folder = here / "sales"
    folder.mkdir()
    customers = pl.read_csv("customers.csv")
    for part in ("customers.parquet", "more.parquet"):
        customers.write_parquet(folder / part)
    refuse_work(monkeypatch)
    for source in ("sales", "sales/*.parquet"):
        fit = ("fit", source, "--out", "sales", "--overwrite")
        assert refused(capsys, *fit) == "E_OUTPUT_INPUT"
        predict = ("predict", "run/model.json", source, "--overwrite", "-o", "sales/more.parquet")
        assert refused(capsys, *predict) == "E_OUTPUT_INPUT"


@posix
@pytest.mark.parametrize(
    ("target", "code"),
    [
        *((path, "E_OUTPUT_KIND") for path in ("/dev/null", "/dev/full", "/dev/stdout", "pipe")),
        ("run", "E_OUTPUT_WRITE"),
        ("customers.csv/below", "E_OUTPUT_WRITE"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        "predict run/model.json customers.csv --overwrite -o",
        "export run/model.json --to recipe --overwrite -o",
        "demo --overwrite --csv",
    ],
)
def test_only_regular_files_are_written(
    here: Path, capsys, monkeypatch, command: str, target: str, code: str
) -> None:
    os.mkfifo("pipe")
    refuse_work(monkeypatch)
    before = os.lstat(target) if target != "customers.csv/below" else None
    assert refused(capsys, *command.split(), target) == code
    assert before is None or os.path.samestat(os.lstat(target), before)


@posix
@pytest.mark.parametrize(
    "command", ["fit customers.csv --out", "compare customers.csv --out", "demo --out"]
)
def test_no_file_in_a_folder_of_results_is_a_device(
    here: Path, capsys, monkeypatch, command: str
) -> None:
    refuse_work(monkeypatch)
    folder = here / "out"
    folder.mkdir()
    name = "compare.csv" if "compare" in command else "k.csv"
    (folder / name).symlink_to("/dev/null")
    assert refused(capsys, *command.split(), "out", "--overwrite") == "E_OUTPUT_KIND"
    assert (folder / name).is_symlink()
    assert refused(capsys, *command.split(), "/dev/null", "--overwrite") == "E_OUTPUT_WRITE"


def test_standard_output_is_named_by_a_dash(here: Path, capfd) -> None:
    assert main(["predict", "run/model.json", "customers.csv", "-o", "-"]) == 0
    assert capfd.readouterr().out.count("\n") == 201


def test_the_library_replaces_no_input(here: Path) -> None:
    shutil.copy("ids.txt", "run/rejects.csv")
    shutil.copy("actions.toml", "run/k.csv")
    shutil.copy("customers.csv", "customers.parquet")
    run = ilk.fit("customers.csv", k=3, fast=True)
    excluded = ilk.fit("customers.csv", k=3, fast=True, exclude="run/rejects.csv")
    acted = ilk.fit("customers.csv", k=3, fast=True, playbook="run/k.csv")
    compared = ilk.compare("customers.csv", fast=True)
    before = contents(here)
    (here / "out").mkdir()
    (here / "out" / "compare.png").hardlink_to(here / "customers.csv")
    for write in (
        lambda: run.write(here, overwrite=True),
        lambda: run.edit_segments(names={1: "Firm friends"}).write(here, overwrite=True),
        lambda: run.save(here / "customers.csv", overwrite=True),
        lambda: excluded.write("run", overwrite=True),
        lambda: acted.write("run", overwrite=True),
        lambda: compared.write(here / "out", overwrite=True),
    ):
        with pytest.raises(OutputError, match="E_OUTPUT_INPUT"):
            write()
    (here / "out" / "compare.png").unlink()
    assert contents(here) == before
    (here / "run" / "rejects.csv").unlink()  # which no run has written
    run.write("run", overwrite=True)
