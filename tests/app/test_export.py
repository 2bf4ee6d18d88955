"""The page from which everything is taken away: the files of the command line, and the code."""

from __future__ import annotations

import html
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import ilk
from ilk.cli.main import main

SAME = ("model.json", "customers.csv", "segments.csv")


def fitted(file: Path, out: Path, *options: str) -> Path:
    assert main(["fit", str(file), "--out", str(out), "--quiet", *options]) == 0
    return out


def overrule(person, k: int):
    person.go("Choose").at.slider[0].set_value(k).run()
    return person


def prepare(person, label: str, value: str):
    person.go("Choose").labeled("selectbox", label).set_value(value)
    return person.submit("method")


CHOICES = {
    "none": (lambda person: person, []),
    "k": (lambda person: overrule(person, 3), ["--k", "3", "--k-max", "10"]),
    "scale and outliers": (
        lambda person: prepare(prepare(person, "Scale", "robust"), "Outliers", "clip"),
        ["--scale", "robust", "--outliers", "clip"],
    ),
    "roles": (
        lambda person: person.edit_column("Gender", role="feature"),
        ["--features", "Gender,Age,Annual Income (k$),Spending Score (1-100)"],
    ),
}


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("choices", CHOICES)
def test_the_files_are_those_that_the_command_writes(person, mall_csv, mall_file, choices):
    choose, options = CHOICES[choices]
    choose(person.upload("mall.csv", mall_csv)).go("Export")
    out = fitted(mall_file, mall_file.parent / "out", *options)
    for name in SAME:
        assert person.downloads[name] == (out / name).read_bytes(), name
    with zipfile.ZipFile(io.BytesIO(person.downloads["segments.zip"])) as archive:
        written = {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()}
        assert {name for name in archive.namelist() if not name.endswith("/")} == written
        for name in (*SAME, "report.html"):
            assert archive.read(name) == person.downloads[name]
        assert archive.read("k.csv") == (out / "k.csv").read_bytes()


def test_bundled_customers_leave_the_files_of_the_demo(owner, tmp_path):
    owner.go("Export")
    assert main(["demo", "mall", "--out", str(tmp_path / "demo"), "--quiet"]) == 0
    for name in SAME:
        assert owner.downloads[name] == (tmp_path / "demo" / name).read_bytes()
    pictures = [file.relative_to(tmp_path / "demo") for file in tmp_path.rglob("*.png")]
    assert pictures
    with zipfile.ZipFile(io.BytesIO(owner.downloads["segments.zip"])) as archive:
        for name in map(str, pictures):
            assert archive.read(name) == (tmp_path / "demo" / name).read_bytes()


@pytest.mark.usefixtures("undrawn")
def test_no_download_reveals_paths_of_this_machine(person, mall_csv):
    person.upload("mall.csv", mall_csv).go("Export")
    with zipfile.ZipFile(io.BytesIO(person.downloads["segments.zip"])) as archive:
        texts = [archive.read(name) for name in archive.namelist() if not name.endswith(".png")]
        record = json.loads(archive.read("run.json"))
    assert record["source"]["name"] == "mall.csv"
    for text in texts:
        assert str(person.session.folder).encode() not in text
        assert b"upload-" not in text
        assert str(Path.home()).encode() + b"/" not in text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    "by", [*(pytest.param(by, marks=pytest.mark.thorough) for by in ("upload", "path")), "bundled"]
)
def test_the_code_that_is_shown_makes_the_same_customers(
    person, mall_csv, mall_file, monkeypatch, by
):
    if by == "upload":
        person.upload("mall.csv", mall_csv)
    elif by == "path":
        person.open_path(f"'{mall_file}'")
    else:
        person.take("mall")
    overrule(prepare(person, "Scale", "minmax"), 4).go("Segments")
    person.labeled("text_input", "segment 2").set_value('Big "spenders"')
    person.submit("edit").go("Export")
    (code,) = person.at.code
    monkeypatch.chdir(mall_file.parent)
    namespace: dict[str, Any] = {}
    exec(code.value, namespace)
    run = namespace["run"]
    assert run.customers.equals(person.session.get_run().customers)
    assert 'Big "spenders"' in run.customers["segment_name"].to_list()
    for name in SAME:
        assert (mall_file.parent / "assets" / name).read_bytes() == person.downloads[name]


@pytest.mark.usefixtures("undrawn")
def test_after_another_choice_the_files_are_the_new_ones(owner):
    owner.go("Export")
    before = dict(owner.downloads)
    overrule(owner, 3).go("Export")
    for name, content in before.items():
        assert owner.downloads[name] != content, name
    assert pl.read_csv(io.BytesIO(owner.downloads["segments.csv"])).height == 3


@pytest.mark.usefixtures("undrawn")
def test_rejected_rows_are_exported_only_if_there_are_any(person, mall_csv):
    lines = mall_csv.decode().splitlines()
    person.upload("short.csv", "\n".join([*lines[:50], "50,Male", *lines[50:], ""]).encode())
    person.field("number_input", "reading").set_value(1)
    person.submit("reading").go("Export")

    def taken() -> list[str]:
        with zipfile.ZipFile(io.BytesIO(person.downloads["segments.zip"])) as archive:
            return archive.namelist()

    assert "rejects.csv" in taken()
    person.go("Data")
    person.press("Change file")
    person.upload("mall.csv", mall_csv).go("Export")
    assert "rejects.csv" not in taken()


@pytest.mark.usefixtures("undrawn")
def test_a_warning_in_the_report_names_its_option_as_the_app_does(person, mall_csv):
    first, *others = mall_csv.decode().splitlines()
    coded = [f"{first},Channel", *(f"{line},{i % 2 + 1}" for i, line in enumerate(others))]
    person.upload("mall.csv", "\n".join(coded).encode()).go("Export")
    page = html.unescape(person.downloads["report.html"].decode())
    assert "“Columns with numbers: Channel”" in page
    assert "numeric=" not in page
    assert "--numeric" not in page


@pytest.mark.usefixtures("undrawn")
def test_every_download_says_what_it_is(owner):
    owner.go("Export")
    labels = [button.label for button in owner.at.download_button]
    assert len(labels) == len(set(labels)) == len(owner.downloads) == 5
    assert b"<html" in owner.downloads["report.html"][:200]
    assert ilk.model.serialization.loads(owner.downloads["model.json"].decode()).segments
