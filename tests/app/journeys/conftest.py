from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browsing import NoBrowserError, Visit, app, browser, tab
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, for one file of tests: while it runs, other tests could not use an event loop."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(browser())
        except NoBrowserError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{error} (with CI=true, the journeys have to run)")
            pytest.skip(str(error))
        yield started


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The app's address, and the file it tells its troubles to."""
    folder = tmp_path_factory.mktemp("served")
    with app(folder) as address:
        yield address, folder / "app.log"


@pytest.fixture
def visit(chromium: Browser, served: tuple[str, Path]) -> Iterator[Callable[..., Visit]]:
    """Open the app in a fresh window; every journey ends with a look at what must never happen."""
    address, log = served
    told = len(log.read_text("utf-8"))
    visits = []
    with ExitStack() as stack:

        def open_(**look: Any) -> Visit:
            visits.append(stack.enter_context(tab(chromium, address, **look)))
            return visits[-1]

        yield open_
        for each in visits:
            assert each.outside == [], "the browser asked another machine"
            assert each.dialogs == [], "a dialog was opened"
            assert each.errors == [], "the page has errors"
    complaints = re.search(
        r".*(bug in ilk|Traceback|Warning|Error).*", log.read_text("utf-8")[told:]
    )
    assert complaints is None, f"the app says: {complaints}"
