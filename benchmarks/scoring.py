"""New customers: whole files and single ones, beside pandas with a scikit-learn pipeline.

    python benchmarks/scoring.py --rows 1000000 --only csv one

Rows of the table: csv, parquet, one. Both models have six segments and were fitted before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from harness import (
    ILK,
    Bounded,
    Comparison,
    Tables,
    asked,
    chosen,
    compare,
    describe,
    measure,
    output,
    peer,
    seconds,
    show,
    tables,
)

ROWS, TURNS = 10_000_000, 3
TRAINED_ON = 200_000
K = 6
FILES_GOAL = 1 / 3  # three times as fast
ONE_GOAL = 1e-3  # seconds


@dataclass(frozen=True)
class Scoring:
    """Both models, and the rows of the table that they make."""

    rows: int
    turns: int
    tables: Tables

    @cached_property
    def models(self) -> tuple[Path, Path]:
        """A model of ilk and a pipeline, fitted on the same customers."""
        source, out = self.tables(min(self.rows, TRAINED_ON), "csv"), self.tables.out
        model, pipeline = out / "run" / "model.json", out / "pipeline.joblib"
        fit = [*ILK, "fit", str(source), "--out", "run", "--k", str(K), "--fast", "--quiet"]
        measure(fit, out)
        measure(peer("peer_pipeline.py", "fit", source, pipeline, K), out)
        return model, pipeline

    def files(self, ending: str, title: str) -> Iterator[Bounded]:
        source, (model, pipeline) = self.tables(self.rows, ending), self.models
        ours = f"ours.{ending}"
        comparison = compare(
            f"`ilk predict`, {self.rows:,} rows, {title}",
            [*ILK, "predict", str(model), str(source), "-o", ours, "--overwrite", "--quiet"],
            "pandas and a pipeline",
            peer("peer_pipeline.py", "predict", pipeline, source, f"theirs.{ending}"),
            goal=FILES_GOAL,
            turns=self.turns,
            folder=self.tables.out,
        )
        yield self._with_rates(comparison)

    def one(self) -> Iterator[Bounded]:
        """One customer at a time: within a millisecond, and no slower than the pipeline."""
        model, pipeline = self.models
        source = self.tables(min(self.rows, TRAINED_ON), "csv")
        medians = output(peer("peer_pipeline.py", "one", pipeline, model, source), self.tables.out)
        ours, theirs = (json.loads(medians)[side] for side in ("ours", "theirs"))
        what, mine = "`model.predict`, one customer", f"{ours * 1e3:.2f} ms"
        yield Bounded(what, mine, "a millisecond", ours / ONE_GOAL, 1)
        yield Bounded(what, mine, f"the pipeline: {theirs * 1e3:.2f} ms", ours / theirs, 1)

    def _with_rates(self, comparison: Comparison) -> Bounded:
        """The same comparison, with rows per second."""
        ours, theirs = (
            f"{describe(turns)}, {self.rows / seconds(turns):,.0f} rows/s"
            for turns in (comparison.ours, comparison.theirs)
        )
        return Bounded(
            comparison.what,
            ours,
            f"{comparison.against}: {theirs}",
            comparison.ratio,
            comparison.goal,
        )


def main() -> None:
    names = ("csv", "parquet", "one")
    wanted = asked(__doc__, names, rows=ROWS, turns=TURNS).parse_args()
    with tables(wanted.folder) as made:
        scoring = Scoring(wanted.rows, wanted.turns, made)
        parts: dict[str, Callable[[], Iterator[Bounded]]] = {
            "csv": partial(scoring.files, "csv", "CSV to CSV"),
            "parquet": partial(scoring.files, "parquet", "Parquet to Parquet"),
            "one": scoring.one,
        }
        show(chosen(parts, wanted.only))


if __name__ == "__main__":
    main()
