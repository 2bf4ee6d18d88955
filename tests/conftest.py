from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes tells of the machine, not of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


COSTLY_STARTS = ("tests/tables/spark/", "tests/app/journeys/test_journey_hostile.py")
"""Tests that share a cluster of Spark, or a large table in the web app."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep tests that share a costly start on one worker; all others go where there is room.

    The mark ``xdist_group`` would say so, but pytest 9.2 and pytest-xdist 3.8 overlook it.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class Together(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            start = (start for start in COSTLY_STARTS if nodeid.startswith(start))
            return next(start, nodeid)

    return Together(config, log)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data: the variable ILK_DATA, or a folder beside the project."""
    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("ILK_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set ILK_DATA to run this test")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that no browser was driven, or no Spark started: a dot is easily overlooked."""
    tell_skipped(terminalreporter, "tests/app/journeys/", "BROWSER", "journeys through the web app")
    tell_skipped(terminalreporter, "tests/tables/spark/", "CLUSTER OF SPARK", "tests of Spark")


def tell_skipped(
    terminalreporter: pytest.TerminalReporter, folder: str, where: str, what: str
) -> None:
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if report.nodeid.startswith(folder)
    ]
    if skipped:
        terminalreporter.section(f"NOT TESTED IN A {where}", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} {what} were skipped:")
        for reason in sorted({str(report.longrepr[2]) for report in skipped}):
            terminalreporter.line(f"    {reason}")
