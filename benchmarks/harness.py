"""Two processes timed side by side: taken in turns, medians compared, one row of a table each.

A benchmark informs; it never fails a build. Turns keep a busy moment of the machine from falling
on one side alone, and the median forgets the odd slow turn.

A process inherits the peak memory of the one that started it, which is why nothing large is
imported or held here, nor in a benchmark that tells memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("ILK_DATA", HERE.parents[1] / "shared" / "data"))
ILK = (str(Path(sys.executable).with_name("ilk")),)
PYTHON = (sys.executable,)
HEADER = """\
| what | ilk | against | ratio | goal | |
|---|---|---|---|---|---|"""
GB = 10**9

_TOLD_FROM = 0.5 * GB  # below, memory is that of libraries rather than of data
_BLOCK = 2**24
_MAXRSS = 1 if sys.platform == "darwin" else 1024  # its unit in bytes


class Failed(SystemExit):
    """A command that did not end well: ends a benchmark that does not expect it."""

    def __init__(self, command: Sequence[str], code: int, complaints: str) -> None:
        super().__init__(f"{' '.join(command)}\nexit {code}\n{complaints}")


class Row(Protocol):
    """One row of the table."""

    def row(self) -> str: ...


@dataclass(frozen=True)
class Taken:
    """What one run took: seconds, and the bytes of the largest of its processes at its peak."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class Bounded:
    """Two figures in words, and their ratio, which we want to stay under a goal."""

    what: str
    ours: str
    against: str
    ratio: float
    goal: float
    digits: int = 3

    def row(self) -> str:
        verdict = "within" if self.ratio <= self.goal else "MISSED"
        ratio, goal = f"{self.ratio:#.{self.digits}g}", f"{self.goal:.{self.digits}g}"
        return f"| {self.what} | {self.ours} | {self.against} | {ratio} | {goal} | {verdict} |"


@dataclass(frozen=True)
class Comparison:
    """Every turn of both sides, and the ratio of median seconds that we want to stay under."""

    what: str
    against: str
    goal: float
    ours: tuple[Taken, ...]
    theirs: tuple[Taken, ...]

    @property
    def ratio(self) -> float:
        return seconds(self.ours) / seconds(self.theirs)

    def row(self) -> str:
        against = f"{self.against}: {describe(self.theirs)}"
        return Bounded(self.what, describe(self.ours), against, self.ratio, self.goal).row()


@dataclass(frozen=True)
class Note:
    """A row that says why there are no figures."""

    what: str
    reason: str

    def row(self) -> str:
        return f"| {self.what} | | not measured: {self.reason} | | | |"


def compare(
    what: str,
    ours: Sequence[str],
    against: str,
    theirs: Sequence[str],
    *,
    goal: float,
    turns: int,
    folder: Path,
    warm_up: bool = True,
) -> Comparison:
    """Run both commands in ``folder``, ``turns`` times each, after one turn that is not counted.

    Who goes first alternates. Without ``warm_up`` all turns count.
    """
    taken: dict[bool, list[Taken]] = {True: [], False: []}
    for turn in range(-1 if warm_up else 0, turns):
        for is_ours in (True, False) if turn % 2 else (False, True):
            run = measure(ours if is_ours else theirs, folder)
            if turn >= 0:
                taken[is_ours].append(run)
    return Comparison(what, against, goal, tuple(taken[True]), tuple(taken[False]))


def show(rows: Iterable[Row]) -> None:
    """Print a Markdown table, a row as soon as it is known."""
    print(HEADER, flush=True)
    for row in rows:
        print(row.row(), flush=True)


def measure(command: Sequence[str], folder: Path) -> Taken:
    """Run a command in ``folder`` to its end, and tell what it took."""
    with tempfile.TemporaryFile("w+") as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=complaints
        )
        try:
            # What the process and those that it waited for used: no other call tells it.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            raise Failed(command, process.returncode, complaints.read())
    return Taken(taken, usage.ru_maxrss * _MAXRSS)


def output(command: Sequence[str], folder: Path) -> str:
    """What a command prints; its time does not matter."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(command, done.returncode, done.stderr)
    return done.stdout


def peer(name: str, *arguments: object) -> list[str]:
    """The command of a script in this folder."""
    return [*PYTHON, str(HERE / name), *map(str, arguments)]


def seconds(turns: Sequence[Taken]) -> float:
    return statistics.median(turn.seconds for turn in turns)


def memory(turns: Sequence[Taken]) -> int:
    """The most that any turn took."""
    return max(turn.memory for turn in turns)


def gigabytes(size: float) -> str:
    return f"{size / GB:.2f} GB"


def describe(turns: Sequence[Taken]) -> str:
    """Median seconds, half the distance between the quartiles, and memory where it is much."""
    text = f"{seconds(turns):.2f}"
    if len(turns) > 1:
        low, _, high = statistics.quantiles([turn.seconds for turn in turns], n=4)
        text += f" ± {(high - low) / 2:.2f}"
    most = memory(turns)
    return f"{text} s" + (f", {gigabytes(most)}" if most >= _TOLD_FROM else "")


@dataclass(frozen=True)
class Tables:
    """Generated tables of many customers, each made once in ``data``; results go to ``out``."""

    data: Path
    out: Path

    def __call__(self, rows: int, ending: str) -> Path:
        """The table of so many customers; it has been read once, so that no disk is timed."""
        path = self.data / f"customers-{rows}.{ending}"
        if not path.is_file():
            # Under another name until it is whole: an interrupted run leaves no short table.
            unfinished = path.with_stem(f"unfinished-{rows}")
            measure(peer("many_customers.py", rows, unfinished), self.data)
            unfinished.rename(path)
        with path.open("rb") as file:
            while file.read(_BLOCK):
                pass
        return path


def asked(
    about: str | None, names: Iterable[str], *, rows: int, turns: int
) -> argparse.ArgumentParser:
    """The arguments that benchmarks on many customers share."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=rows, help=f"customers (default {rows:,})")
    parser.add_argument("--turns", type=int, default=turns, help=f"default {turns}")
    parser.add_argument("--only", nargs="+", choices=[*names], metavar="NAME", help="of the rows")
    parser.add_argument("--folder", type=Path, help="keep the tables here for the next time")
    return parser


@contextmanager
def tables(folder: Path | None) -> Iterator[Tables]:
    """Tables in a folder that stays, or in one that is removed; results never stay."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        yield Tables((folder or Path(out)).resolve(), Path(out).resolve())


def chosen(
    parts: Mapping[str, Callable[[], Iterable[Row]]], only: Sequence[str] | None
) -> Iterator[Row]:
    """The rows of the parts asked for, or of all.

    A part that fails leaves a note, and what it said on the standard error: the others took long.
    """
    for name, part in parts.items():
        if only is None or name in only:
            try:
                yield from part()
            except Failed as failed:
                print(failed, file=sys.stderr, flush=True)
                yield Note(name, "a command failed")
