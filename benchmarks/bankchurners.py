"""The main job on 10,127 card customers against the scikit-learn script that anyone would write.

The script takes every numeric column, id included, and leaves five pictures; ilk leaves everything
that it always leaves: model, labels, tables, pictures and report.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from harness import DATA, ILK, PYTHON, compare, show

SOURCE = DATA / "BankChurners.csv"


def main() -> None:
    if not SOURCE.is_file():
        print(f"No BankChurners.csv in {DATA}; set ILK_DATA to the folder that holds it.")
        return
    script = Path(__file__).with_name("obvious_script.py")
    with tempfile.TemporaryDirectory() as folder:
        show(
            [
                compare(
                    "`ilk fit`, BankChurners",
                    [*ILK, "fit", str(SOURCE), "--out", "out", "--overwrite", "--quiet"],
                    "`obvious_script.py`",
                    [*PYTHON, str(script), str(SOURCE), "plots"],
                    goal=1.5,
                    turns=3,
                    folder=Path(folder),
                )
            ]
        )


if __name__ == "__main__":
    main()
