"""The notebooks run, and show what was committed with them.

A kernel takes seconds to start, so that each notebook is executed in one test only.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LIMIT = 400_000
PICTURES = {"image/png"}


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "run_notebooks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()


def outputs(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield cell.id, output


def texts(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    """Everything shown: cell, kind, text; pictures only as their kind."""
    shown = []
    for cell, output in outputs(notebook):
        if output.output_type == "stream":
            shown.append((cell, output.name, output.text))
        for kind, content in sorted(output.get("data", {}).items()):
            shown.append((cell, kind, "" if kind in PICTURES else content))
    return shown


def said(notebook: NotebookNode) -> str:
    return "\n".join(text for _, _, text in texts(notebook))


def in_words(notebook: NotebookNode) -> str:
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return "\n".join(prose)


@pytest.mark.thorough
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_was_committed(path: Path) -> None:
    committed = TOOL.read(path)
    fresh = TOOL.executed(committed)  # a cell that fails raises here
    kinds = {output.output_type for _, output in outputs(fresh)}
    assert kinds <= {"execute_result", "display_data"}, "errors, prints and warnings are none"
    assert texts(fresh) == texts(committed)


@pytest.mark.thorough
def test_both_ways_agree_on_the_well_known_file(data_dir: Path) -> None:
    notebook = TOOL.read(FOLDER / "customer_segmentation_kmeans.ipynb")
    setting = "MALL_CUSTOMERS = None"
    (cell,) = [cell for cell in notebook.cells if setting in cell.source]
    mall = f"MALL_CUSTOMERS = {str(data_dir / 'Mall_Customers.csv')!r}"
    cell.source = cell.source.replace(setting, mall)
    shown = said(TOOL.executed(notebook))
    rows = dict(re.findall(r"^(\w+) +(\S+ +\S+)$", shown, flags=re.MULTILINE))
    assert rows["inertia"].split() == ["65.5684081557"] * 2
    assert rows["silhouette"].split() == ["0.5546571631"] * 2
    assert "All 13 figures agree to ten decimals, all 200 customers are in the same" in shown


def test_there_are_the_two_notebooks() -> None:
    names = [path.name for path in NOTEBOOKS]
    assert names == ["customer_segmentation_kmeans.ipynb", "your_own_customers.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_file_is_small_and_holds_nothing_that_comes_and_goes(path: Path) -> None:
    text = path.read_text("utf-8")
    committed = TOOL.read(path)
    assert path.stat().st_size < LIMIT
    assert TOOL.written(TOOL.cleaned(committed)) == text
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_path_of_anybodys_machine_is_in_it(path: Path) -> None:
    notebook = TOOL.read(path)
    sources = [cell.source for cell in notebook.cells]
    shown = json.dumps([*sources, *(text for _, _, text in texts(notebook))])
    assert re.findall(r"(?<!<)/(?:work|root|tmp|home|Users|var|opt)\b", shown) == []
    assert re.findall(r"[A-Z]:\\", shown) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_found_are_shown_by_code_and_not_typed(path: Path) -> None:
    assert re.findall(r"\d+\.\d+|\d+ ?%|\d+,\d{3} customers", in_words(TOOL.read(path))) == []


def test_every_picture_has_a_title_and_named_axes() -> None:
    """Each chart drawn by hand sets all three; those of ilk bring their own."""
    notebook = TOOL.read(FOLDER / "customer_segmentation_kmeans.ipynb")
    drawn = [cell.source for cell in notebook.cells if "plt.subplots(" in cell.source]
    assert len(drawn) == 5
    for source in drawn:
        charts = max(source.count(".set("), 1)
        for part in ("title=", "xlabel=", "ylabel="):
            assert source.count(part) == charts
