"""Two processes timed side by side: taken in turns, medians compared, one row of a table each.

A benchmark informs; it never fails a build. Turns keep a busy moment of the machine from falling
on one side alone, and the median forgets the odd slow turn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

DATA = Path(os.environ.get("ILK_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ILK = (str(Path(sys.executable).with_name("ilk")),)
PYTHON = (sys.executable,)
HEADER = """\
| what | ilk | against | ratio | goal | |
|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Comparison:
    """Seconds of every turn of both sides, and the ratio of medians that we want to stay under."""

    what: str
    against: str
    goal: float
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.theirs)

    def row(self) -> str:
        verdict = "within" if self.ratio <= self.goal else "MISSED"
        return (
            f"| {self.what} | {_seconds(self.ours)} | {self.against}: {_seconds(self.theirs)} "
            f"| {self.ratio:.2f} | {self.goal:g} | {verdict} |"
        )


def compare(
    what: str,
    ours: Sequence[str],
    against: str,
    theirs: Sequence[str],
    *,
    goal: float,
    turns: int,
    folder: Path,
) -> Comparison:
    """Run both commands in ``folder``, ``turns`` times each, after one turn that is not counted.

    Who goes first alternates.
    """
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(-1, turns):
        for is_ours in (True, False) if turn % 2 else (False, True):
            taken = _run(ours if is_ours else theirs, folder)
            if turn >= 0:
                seconds[is_ours].append(taken)
    return Comparison(what, against, goal, tuple(seconds[True]), tuple(seconds[False]))


def show(comparisons: Iterable[Comparison]) -> None:
    """Print a Markdown table, a row as soon as it is known."""
    print(HEADER, flush=True)
    for comparison in comparisons:
        print(comparison.row(), flush=True)


def _run(command: Sequence[str], folder: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nexit {done.returncode}\n{done.stderr}")
    return taken


def _seconds(values: Sequence[float]) -> str:
    """Median, and half the distance between the quartiles."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.2f} ± {(high - low) / 2:.2f} s"
