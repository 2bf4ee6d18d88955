"""The app and a browser that opens it, for the journeys in the tests and for the pictures."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from find_browser import find
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Download,
    Locator,
    Page,
    Route,
    WebSocket,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as TooLong

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTING = 60  # seconds that the app may take to answer
NOTICED = 5_000  # milliseconds in which a click reaches the app
PATIENCE = 60_000  # milliseconds that a page may take to show what is expected
LOCAL = {"data", "blob", "file", "about"}
MALL = "Customers of a mall"

expect.set_options(timeout=PATIENCE)


class NoBrowserError(Exception):
    """There is no browser on this machine."""


@contextmanager
def serve_app(folder: Path) -> Iterator[str]:
    """Serve the app from a folder, in which it writes ``app.log``; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "app.log"
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "ilk", "app", "--port", str(port)],
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "STREAMLIT_SERVER_HEADLESS": "true"},
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(server, address, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the app answers."""
    end = time.monotonic() + STARTING
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"the app does not answer:\n{log.read_text('utf-8')}")


@contextmanager
def launch_browser() -> Iterator[Browser]:
    """Start a browser without a window.

    While it runs, nothing else in this thread can run an event loop.
    """
    path = find()
    if path is None:
        raise NoBrowserError("there is no Chromium on this machine: see tools/find_browser.py")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        try:
            yield started
        finally:
            started.close()


@contextmanager
def open_tab(
    browser: Browser, address: str, *, width: int = 1280, height: int = 900, dark: bool = False
) -> Iterator[Visit]:
    """Open the app in a new window without cookies or cache."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    try:
        yield Visit(context, address)
    finally:
        context.close()


class Visit:
    """One visit to the app: what a person does there, and what the browser does on its own."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.clicks = 0
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self._host = urlsplit(address).netloc
        context.on("request", lambda request: self._note(request.url))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("dialog", self._refuse)
        context.route(re.compile(rf"^https?://(?!{re.escape(self._host)}/)"), _abort)
        self.page: Page = context.new_page()
        self.page.on("websocket", self._open)
        self.page.goto(address)

    def get_button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press a button, a second time if the app did not notice the first.

        On a busy machine a click on a new element is lost now and then: the browser sends the app
        no message.
        """
        self._aim(name)
        self.clicks += 1
        try:
            with self._socket.expect_event("framesent", timeout=NOTICED):
                self.get_button(name).click()
        except TooLong:
            self.get_button(name).click()

    def _aim(self, name: str) -> None:
        # A page that still moves may miss a click.
        expect(self.get_button(name)).to_have_count(1)
        self.wait_until_idle()

    def wait_for_title(self, text: str) -> None:
        """Wait for a page by its title."""
        # Counted, since the old page may stay beside the new one for a moment.
        expect(self.page.get_by_role("heading", level=1, name=text, exact=True)).to_have_count(1)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait until the app has nothing more to compute."""
        state = self.page.get_by_test_id("stApp")
        expect(state).to_have_attribute("data-test-script-state", "notRunning")

    def wait_for_cell(self, column: int, row: int, text: str) -> None:
        """Wait until a cell of the table has this text, as a screen reader gets it.

        A table that was changed is drawn again, and the old one may stay beside it for a moment.
        """
        cells = self.page.get_by_test_id(f"glide-cell-{column}-{row}")
        expect(cells.filter(has_text=re.compile(f"^{re.escape(text)}$"))).to_have_count(1)

    def go(self, page: str) -> None:
        """Go to a page by the menu, which is behind a button in a narrow window."""
        link = self.page.get_by_role("link", name=page, exact=True)
        more = self.get_button("Expand sidebar")
        expect(link.or_(more).first).to_be_visible()
        narrow = more.is_visible()
        if narrow:
            more.click()
        link.click()
        if narrow:
            self.get_button("Collapse sidebar").click()
        expect(self.page).to_have_url(re.compile("/$" if page == "Data" else f"/{page.lower()}$"))
        self.wait_until_idle()

    def upload(self, name: str, content: bytes) -> None:
        """Upload a file on the data page."""
        field = self.page.locator("input[type=file]")
        expect(field).to_be_attached()
        self.wait_until_idle()
        field.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})

    def download(self, button: str) -> Download:
        self._aim(button)
        with self.page.expect_download() as waiting:
            self.get_button(button).click()
        return waiting.value

    def segment_mall(self) -> None:
        """Segment the bundled mall customers, the shortest way."""
        self.press(MALL)
        self.press("Find segments")
        self.press("Show segments")
        expect(self.page.locator("article")).to_have_count(5)
        self.wait_until_idle()

    def _open(self, socket: WebSocket) -> None:
        self._socket = socket
        self._note(socket.url)

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in LOCAL and parts.netloc != self._host:
            self.outside.append(url)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def _abort(route: Route) -> None:
    route.abort()
