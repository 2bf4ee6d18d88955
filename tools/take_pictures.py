"""Take the pictures in the documentation: `make pictures`.

Every picture is of the real thing: the app and the report in a browser, what `ilk demo` prints,
and a cell of a notebook with the output that was committed with it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from browsing import launch_browser, open_tab, serve_app
from markupsafe import escape
from playwright.sync_api import Browser, Page, expect
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from save_picture import save_picture

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
NOTEBOOK = ROOT / "notebooks" / "customer_segmentation_kmeans.ipynb"
COLUMNS = 110  # of a terminal that does not say how wide it is
MARGIN = 8

CELL = """<!doctype html><meta charset="utf-8"><title>notebook</title><style>
body {{ margin: 0; padding: 16px; font: 14px/1.4 system-ui, sans-serif; color: #212121 }}
div.cell {{ display: grid; grid-template-columns: 52px minmax(0, 1fr); margin-bottom: 12px }}
.prompt, pre {{ font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace }}
.prompt {{ color: #307fc1; padding-top: 9px }} .out {{ color: #bf5b3d; padding-top: 0 }}
pre {{ margin: 0; padding: 8px 12px; background: #f5f5f5; border: 1px solid #e0e0e0 }}
</style>
<div class="cell"><span class="prompt">[{number}]:</span><pre>{source}</pre></div>
<div class="cell"><span class="prompt out">[{number}]:</span><div>{output}</div></div>"""

SCREEN = """<!doctype html><meta charset="utf-8"><title>terminal</title><style>
body {{ margin: 0; padding: 16px 20px; width: max-content }}
body {{ background: {background}; color: {foreground} }}
pre {{ margin: 0; font: 14px/1.4 "DejaVu Sans Mono", monospace }}
</style><pre>{code}</pre>"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name, launch_browser() as started:
        folder = Path(name)
        printed = run_demo(folder)
        save_picture(FOLDER / "app.png", shoot_app(started, folder))
        save_picture(
            FOLDER / "terminal.png", shoot_html(started, render_terminal(printed), width=1200)
        )
        save_picture(FOLDER / "notebook.png", shoot_html(started, render_cell(), width=1100))
        save_picture(
            FOLDER / "report.png", shoot_report(started, folder / "assets" / "report.html")
        )


def run_demo(folder: Path) -> str:
    """Run `ilk demo` as a person would; returns what the terminal shows."""
    command = [sys.executable, "-m", "ilk", "demo"]
    environment = {"FORCE_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return f"\x1b[1m$ ilk demo\x1b[0m\n{done.stdout.rstrip()}"


def shoot_app(started: Browser, folder: Path) -> bytes:
    """The segments page, down to the scatter plot."""
    with serve_app(folder) as address, open_tab(started, address, height=2400) as visit:
        visit.segment_mall()
        chart = visit.page.get_by_test_id("stVegaLiteChart").first
        expect(chart.locator("svg")).to_be_visible()
        visit.page.mouse.move(0, 0)
        box = chart.bounding_box()
        assert box
        return shoot_top(visit.page, box["y"] + box["height"] + MARGIN)


def shoot_report(started: Browser, path: Path) -> bytes:
    """The report, down to the first chart."""
    page = started.new_page(viewport={"width": 1100, "height": 2400})
    page.goto(path.as_uri())
    box = page.locator("figure").first.bounding_box()
    assert box
    return shoot_top(page, box["y"] + box["height"] + MARGIN)


def render_cell() -> str:
    """A page with the notebook cell that shows the segments, with its committed output."""
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code" and cell.source.endswith("\nrun.segments"):
            return CELL.format(
                number=cell.execution_count,
                source=escape(cell.source),
                output=cell.outputs[0].data["text/html"],
            )
    sys.exit(f"{NOTEBOOK} shows no segments")


def render_terminal(printed: str) -> str:
    """A page that shows a terminal."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(printed))
    return console.export_html(theme=MONOKAI, inline_styles=True, code_format=SCREEN)


def shoot_html(started: Browser, page: str, *, width: int) -> bytes:
    """A picture of a page, as large as its content."""
    shown = started.new_page(viewport={"width": width, "height": 100})
    shown.set_content(page)
    return shown.locator("body").screenshot()


def shoot_top(page: Page, height: float) -> bytes:
    """The upper part of a page, down to a height."""
    width = page.evaluate("innerWidth")
    return page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height})


if __name__ == "__main__":
    main()
