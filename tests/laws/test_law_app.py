"""Law: the app, the command line and the library give the same labels for the same choices."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import ilk
from ilk.app.server import SCRIPT
from ilk.cli.main import main

PATIENCE = 300  # seconds
OVERRULED = 7


@dataclass(frozen=True)
class Case:
    """Customers as a file, or bundled ones by name."""

    file: Path | None = None
    bundled: str | None = None


@pytest.fixture(scope="module")
def categories() -> pl.DataFrame:
    n = range(240)
    return pl.DataFrame(
        {
            "customer": [f"c{i:03}" for i in n],
            "spend": [i % 3 * 50 + i * 7 % 11 for i in n],
            "visits": [i % 2 * 9 + i * 5 % 4 for i in n],
            "channel": [("shop", "web", "phone, or fax")[i % 3] for i in n],
            "plan": [None if i % 50 == 7 else ("basic", "plus")[i % 2] for i in n],
        }
    )


@pytest.fixture(
    params=[
        "categories",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("mall file", "coded categories", "mall", "orders")
        ),
    ]
)
def case(request, tmp_path) -> Case:
    if request.param == "mall file":
        return Case(file=request.getfixturevalue("data_dir") / "Mall_Customers.csv")
    if request.param == "coded categories":
        return Case(file=request.getfixturevalue("data_dir") / "segmentation_data.csv")
    if request.param == "categories":
        file = tmp_path / "categories.csv"
        request.getfixturevalue("categories").write_csv(file, separator=";")
        return Case(file=file)
    return Case(bundled=request.param)


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    return ilk.fit(ilk.demo.load("mall"), ilk.demo.get_dataset("mall").recipe).plot.render_images()


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch, pictures: dict[str, bytes]) -> None:
    """Save the time for what has no part in the labels: drawing, and looks through all packages."""
    manager = "streamlit.components.v2.component_manager.BidiComponentManager"
    monkeypatch.setattr(f"{manager}.discover_and_register_components", lambda *_, **__: None)
    monkeypatch.setattr("altair.utils.schemapi.SchemaBase.validate", lambda *_, **__: None)
    monkeypatch.setattr("ilk.report.plots.Plots.render_images", lambda *_, **__: pictures)


def by_app(case: Case, *ks: int | None) -> list[dict[str, list[object]]]:
    """The labels that one person gets who takes one number of segments after the other."""
    at = AppTest.from_file(SCRIPT, default_timeout=PATIENCE).run()
    if case.file is None:
        at.button(key=f"bundled {case.bundled}").click().run()
    else:
        upload = (case.file.name, case.file.read_bytes(), "text/csv")
        at.file_uploader[0].set_value(upload).run()
    labelings = []
    for k in ks:
        at.switch_page("views/choose.py").run()
        if k is not None:
            at.slider[0].set_value(k).run()
        at.switch_page("views/segments.py").run()
        assert not at.exception
        assert not at.error
        labelings.append(labels(at.session_state["ilk"].get_run().customers))
    return labelings


def by_command(case: Case, k: int | None) -> dict[str, list[object]]:
    with tempfile.TemporaryDirectory() as folder:
        file, recipe, out = (
            Path(folder) / name for name in ("customers.csv", "recipe.toml", "out")
        )
        chosen = ilk.Recipe()
        if case.bundled is not None:
            chosen = ilk.demo.get_dataset(case.bundled).recipe
            ilk.demo.load_customers(case.bundled).write_csv(file)
        recipe.write_text(chosen.to_toml(), encoding="utf-8")
        options = [] if k is None else ["--k", str(k)]
        source = [str(case.file or file), "--recipe", str(recipe), "--out", str(out), "--quiet"]
        assert main(["fit", *source, *options]) == 0
        return labels(pl.read_csv(out / "customers.csv", infer_schema=False))


def by_library(case: Case, k: int | None) -> dict[str, list[object]]:
    choices: dict[str, Any] = {} if k is None else {"k": k}
    if case.bundled is not None:
        recipe = ilk.demo.get_dataset(case.bundled).recipe
        return labels(ilk.fit(ilk.demo.load_customers(case.bundled), recipe, **choices).customers)
    return labels(ilk.fit(case.file, **choices).customers)


def labels(customers: pl.DataFrame) -> dict[str, list[object]]:
    return {name: customers[name].cast(pl.String).to_list() for name in customers.columns}


def test_app_command_and_library_give_the_same_labels(case):
    recommended, overruled = by_app(case, None, OVERRULED)
    assert len(set(recommended["segment"])) >= 2
    assert len(set(overruled["segment"])) == OVERRULED
    assert recommended != overruled
    for k, by_the_app in ((None, recommended), (OVERRULED, overruled)):
        assert by_the_app == by_library(case, k)
        assert by_the_app == by_command(case, k)
