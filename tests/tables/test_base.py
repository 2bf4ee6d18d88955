"""What every source can do, and what reading one kind of table does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from ilk.tables.base import NamedSource, Source
from ilk.tables.rejects import Reject
from ilk.tables.source import open_source


class OddRows:
    """Keeps the odd numbers; see :class:`ilk.tables.base.RowFilter`."""

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("n").cast(pl.Int64) % 2 == 1)

    def redact(self, reject: Reject) -> Reject:
        return reject


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame", "named", "filtered"])
def test_every_source_leaves_out_rows_by_itself(tmp_path: Path, kind: str) -> None:
    table = pl.DataFrame({"n": [1, 2, 3, 4, 5]})
    table.write_csv(tmp_path / "a.csv")
    table.write_parquet(tmp_path / "a.parquet")
    sources: dict[str, Source] = {
        "csv": open_source(tmp_path / "a.csv"),
        "parquet": open_source(tmp_path / "a.parquet"),
        "frame": open_source(table),
        "named": NamedSource(open_source(table), "customers"),
        "filtered": open_source(table).filter_rows(OddRows()),
    }
    kept = sources[kind].filter_rows(OddRows())
    rows = pl.concat(kept.iter_frames())["n"].cast(pl.Int64)
    assert rows.to_list() == [1, 3, 5]
    assert kept.n_excluded == 2


def test_reading_a_csv_file_imports_nothing_of_spark(tmp_path: Path) -> None:
    script = """
import sys
import ilk
ilk.demo.load("mall").write_csv("mall.csv")
run = ilk.fit("mall.csv", k=5, fast=True, exclude={"7"})
run.model.predict("mall.csv")
run.write("assets")
spark = ("ilk.tables.spark", "pyspark", "py4j")
print([name for name in sys.modules if name.startswith(spark)])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
