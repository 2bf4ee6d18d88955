"""What starting up costs: the main job on 200 customers, and the help page.

Both are held against the least that a program on the same libraries can take: importing them.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import DATA, ILK, PYTHON, Comparison, compare, show

IMPORTS = """
import jinja2, numpy, polars, typer
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from pydantic import BaseModel
from sklearn.cluster import KMeans
FigureCanvasAgg(Figure())
"""


def comparisons(folder: Path) -> Iterator[Comparison]:
    yield compare(
        "`ilk fit`, 200 customers",
        [*ILK, "fit", str(_mall(folder)), "--out", "out", "--overwrite", "--quiet"],
        "importing its libraries",
        [*PYTHON, "-c", IMPORTS],
        goal=2.0,
        turns=9,
        folder=folder,
    )
    yield compare(
        "`ilk --help`",
        [*ILK, "--help"],
        "`import typer`",
        [*PYTHON, "-c", "import typer"],
        goal=1.5,
        turns=21,
        folder=folder,
    )


def _mall(folder: Path) -> Path:
    """The real mall file where it is at hand, else the bundled one of the same size."""
    real = DATA / "Mall_Customers.csv"
    if real.is_file():
        return real
    bundled = folder / "mall.csv"
    subprocess.run([*ILK, "demo", "mall", "--csv", str(bundled)], check=True)
    return bundled


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        show(comparisons(Path(folder)))
