"""Millions of customers: time and memory of `ilk fit` beside plain alternatives on the same file.

    python benchmarks/scale.py --rows 1000000 --only csv parquet
    python benchmarks/scale.py --only memory --huge --folder /var/tmp/customers

Rows of the table, in this order:

csv, parquet  against Polars, which reads the file and writes the ids alone
script        against pandas and scikit-learn, on a tenth of the rows
inertia       against ten restarts of scikit-learn on all rows, on a tenth of the rows
intelex       like script, with scikit-learn-intelex in place of scikit-learn
spark         the engine for Spark against one k-means of MLlib, a single turn
memory        peak memory; with --huge also that of ten times the rows, and the growth of both

Leave out --only for all of them. Each table is generated once, which counts for nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from harness import (
    GB,
    HERE,
    ILK,
    Bounded,
    Comparison,
    Note,
    Row,
    Tables,
    Taken,
    asked,
    chosen,
    compare,
    gigabytes,
    measure,
    memory,
    output,
    peer,
    seconds,
    show,
    tables,
)

ROWS, TURNS = 10_000_000, 3
TENFOLD = 10
GROUPS = 6  # in many_customers.py
MASTER = "local[2]"
MEMORY = 2 * GB
GOALS = {
    "csv": 4.0,
    "parquet": 8.0,
    "script": 1 / 20,
    "inertia": 1.0005,
    "intelex": 1 / 5,
    "spark": 0.5,
    "memory": 1.2,
    "time": 11.0,
}
NAMES = ("csv", "parquet", "script", "inertia", "intelex", "spark", "memory")


@dataclass(frozen=True)
class Scale:
    """The rows of the table; ``intelex`` is a Python with scikit-learn-intelex."""

    rows: int
    turns: int
    huge: bool
    intelex: str
    tables: Tables

    @property
    def fewer(self) -> int:
        """How many customers the slow peers get."""
        return max(1, self.rows // TENFOLD)

    def against_scan(self, ending: str, title: str) -> Iterator[Comparison]:
        source = self.tables(self.rows, ending)
        yield compare(
            f"`ilk fit`, {self.rows:,} rows, {title}",
            fit(source, "--format", ending),
            "Polars reads it and writes the ids",
            peer("peer_polars.py", source, "ids.parquet"),
            goal=GOALS[ending],
            turns=self.turns,
            folder=self.tables.out,
        )

    def csv(self) -> Iterator[Row]:
        return self.against_scan("csv", "CSV")

    def parquet(self) -> Iterator[Row]:
        return self.against_scan("parquet", "Parquet")

    def script(self) -> Iterator[Row]:
        """Without a turn before that is not counted: the script takes long enough."""
        source = self.tables(self.fewer, "csv")
        yield self._against_script(
            "script", "pandas and scikit-learn", peer("peer_script.py", source, "theirs.csv")
        )

    def inertia(self) -> Iterator[Row]:
        """At the number of segments that ilk chooses, and at that of the groups in the table."""
        yield self._inertia()
        yield self._inertia("--k", str(GROUPS))

    def patched(self) -> Iterator[Row]:
        title = "the same with scikit-learn-intelex"
        if not has(self.intelex, "sklearnex"):
            yield Note(f"`ilk fit`, {self.fewer:,} rows, CSV", f"{title} is not installed")
            return
        source = self.tables(self.fewer, "csv")
        script = [str(HERE / "peer_script.py"), str(source), "theirs.csv"]
        yield self._against_script("intelex", title, [self.intelex, "-m", "sklearnex", *script])

    def spark(self) -> Iterator[Row]:
        what = f"`ilk fit --engine spark`, {self.rows:,} rows, Parquet"
        if find_spec("pyspark") is None:
            yield Note(what, "pyspark is not installed")
            return
        source = self.tables(self.rows, "parquet")
        yield compare(
            what,
            fit(source, "--engine", "spark", "--spark-master", MASTER),
            "one k-means of MLlib",
            peer("peer_mllib.py", source, MASTER),
            goal=GOALS["spark"],
            turns=1,
            folder=self.tables.out,
            warm_up=False,
        )

    def memory(self) -> Iterator[Row]:
        """Peak memory, and with ten times the rows how it grows, and the time."""
        few = [self._fit_alone(self.rows) for _ in range(self.turns)]
        yield within_memory(self.rows, few)
        if not self.huge:
            return
        rows = TENFOLD * self.rows
        many = [self._fit_alone(rows)]
        yield within_memory(rows, many)
        yield Bounded(
            f"memory, {rows:,} rows against {self.rows:,}",
            gigabytes(memory(many)),
            gigabytes(memory(few)),
            memory(many) / memory(few),
            GOALS["memory"],
        )
        yield Bounded(
            f"time, {rows:,} rows against {self.rows:,}",
            f"{seconds(many):.1f} s",
            f"{seconds(few):.1f} s",
            seconds(many) / seconds(few),
            GOALS["time"],
        )

    def _inertia(self, *options: str) -> Bounded:
        source, out = self.tables(self.fewer, "csv"), self.tables.out
        measure(fit(source, *options), out)
        sums = json.loads(output(peer("peer_inertia.py", source, out / "run" / "model.json"), out))
        ours, theirs = sums["ours"], sums["theirs"]
        return Bounded(
            f"inertia on all of {self.fewer:,} rows, K = {sums['k']}",
            f"{ours:.8g}",
            f"`KMeans(n_init=10)`: {theirs:.8g}",
            ours / theirs,
            GOALS["inertia"],
            digits=5,
        )

    def _against_script(self, name: str, title: str, script: list[str]) -> Comparison:
        return compare(
            f"`ilk fit`, {self.fewer:,} rows, CSV",
            fit(self.tables(self.fewer, "csv")),
            title,
            script,
            goal=GOALS[name],
            turns=self.turns,
            folder=self.tables.out,
            warm_up=False,
        )

    def _fit_alone(self, rows: int) -> Taken:
        return measure(fit(self.tables(rows, "parquet"), "--format", "parquet"), self.tables.out)


def fit(source: Path, *options: str) -> list[str]:
    """The whole main job: automatic K and every output."""
    return [*ILK, "fit", str(source), "--out", "run", "--overwrite", "--quiet", *options]


def has(python: str, module: str) -> bool:
    """Whether another Python can import a module."""
    wanted = subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False)
    return wanted.returncode == 0


def within_memory(rows: int, turns: list[Taken]) -> Bounded:
    most = memory(turns)
    what = f"peak memory of `ilk fit`, {rows:,} rows, Parquet"
    return Bounded(what, gigabytes(most), gigabytes(MEMORY), most / MEMORY, 1)


def main() -> None:
    parser = asked(__doc__, NAMES, rows=ROWS, turns=TURNS)
    parser.add_argument("--huge", action="store_true", help="ten times the rows as well")
    parser.add_argument(
        "--intelex", default=sys.executable, help="a Python that has scikit-learn-intelex"
    )
    wanted = parser.parse_args()
    with tables(wanted.folder) as made:
        scale = Scale(wanted.rows, wanted.turns, wanted.huge, wanted.intelex, made)
        parts = {
            "csv": scale.csv,
            "parquet": scale.parquet,
            "script": scale.script,
            "inertia": scale.inertia,
            "intelex": scale.patched,
            "spark": scale.spark,
            "memory": scale.memory,
        }
        show(chosen(parts, wanted.only))


if __name__ == "__main__":
    main()
