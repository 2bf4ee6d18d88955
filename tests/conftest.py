from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes tells of the machine, not of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
    tell_skipped(terminalreporter, "tests/spark/", "CLUSTER OF SPARK", "tests of Spark")


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
