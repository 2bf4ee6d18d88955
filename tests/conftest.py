from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes tells of the machine, not of the code. A contributor's runs try other
# examples each time; a check before a change is taken is the same for everybody.
settings.register_profile("untimed", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("untimed")


SLOWEST = (
    "tests/tables/spark/",
    "tests/app/journeys/test_journey_hostile.py",
    "tests/app/journeys/test_journey_work.py",
    "tests/app/journeys/test_journey_looks.py",
    "tests/workflow/test_compare.py",
    "tests/selection/",
    "tests/laws/",
    "tests/test_estimator.py",
    "tests/app/",
    "tests/model/",
    "tests/workflow/",
)
"""Tests that come first, so that no worker has them alone at the end."""

ALONE = ("tests/app/journeys/test_journey_work.py", "tests/app/journeys/test_journey_looks.py")
"""Files of long tests, each of which may go to another worker."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: find_start(SLOWEST, item.nodeid))


def find_start(starts: tuple[str, ...], nodeid: str) -> int:
    """The position of the first that a test's name starts with, or else of their end."""
    found = (i for i, start in enumerate(starts) if nodeid.startswith(start))
    return next(found, len(starts))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file on one worker, and those of Spark, which share a cluster."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/tables/spark/"):
                return "tests/tables/spark/"
            return nodeid if nodeid.startswith(ALONE) else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
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
