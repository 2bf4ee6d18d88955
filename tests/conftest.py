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
    """The folder of published files: the variable ILK_DATA, or a folder beside the project."""
    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("ILK_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        missing = f"there are no published files in {folder}; set ILK_DATA to the folder with them"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} (with CI=true, the figures have to be checked)")
        pytest.skip(missing)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in large letters what was not tested: a skipped test is easily overlooked."""
    skipped = terminalreporter.stats.get("skipped", [])
    journeys = [report for report in skipped if report.nodeid.startswith("tests/app/journeys/")]
    spark = [report for report in skipped if report.nodeid.startswith("tests/tables/spark/")]
    figures = [report for report in skipped if "no published files" in get_reason(report)]
    show_skipped(terminalreporter, journeys, "IN A BROWSER", "journeys through the web app")
    show_skipped(terminalreporter, spark, "ON A CLUSTER OF SPARK", "tests of Spark")
    show_skipped(terminalreporter, figures, "ON PUBLISHED FILES", "tests of published figures")


def get_reason(report: pytest.TestReport) -> str:
    """Why a test was skipped; pytest keeps the file, the line and the reason."""
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""


def show_skipped(
    terminalreporter: pytest.TerminalReporter,
    skipped: list[pytest.TestReport],
    where: str,
    what: str,
) -> None:
    if skipped:
        terminalreporter.section(f"NOT TESTED {where}", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} {what} were skipped:")
        for reason in sorted({get_reason(report) for report in skipped}):
            terminalreporter.line(f"    {reason}")
