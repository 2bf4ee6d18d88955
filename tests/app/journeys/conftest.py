from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browsing import NoBrowserError, Visit, launch_browser, open_tab, serve_app
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, for one file of tests: while it runs, other tests could not use an event loop."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(launch_browser())
        except NoBrowserError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{error} (with CI=true, the journeys have to run)")
            pytest.skip(str(error))
        yield started


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The app's address and its log file."""
    folder = tmp_path_factory.mktemp("served")
    with serve_app(folder) as address:
        yield address, folder / "app.log"


@pytest.fixture
def visit(chromium: Browser, served: tuple[str, Path]) -> Iterator[Callable[..., Visit]]:
    """Open the app in a new window; at the end of every journey, check what must never happen."""
    address, log = served
    log_start = len(log.read_text("utf-8"))
    visits = []
    with ExitStack() as stack:

        def open_visit(**window: Any) -> Visit:
            visits.append(stack.enter_context(open_tab(chromium, address, **window)))
            return visits[-1]

        yield open_visit
        for visited in visits:
            assert visited.outside == [], "the browser asked another machine"
            assert visited.dialogs == [], "a dialog was opened"
            assert visited.errors == [], "the page has errors"
    complaints = re.search(
        r".*(bug in ilk|Traceback|Warning|Error).*", log.read_text("utf-8")[log_start:]
    )
    assert complaints is None, f"the app says: {complaints}"
