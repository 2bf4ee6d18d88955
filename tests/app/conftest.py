"""Shared by the tests of the app: a person who uses the pages, and ways to read them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import streamlit.config
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest

import ilk
from ilk.app.access import ACCESS_RULES
from ilk.app.server import SCRIPT
from ilk.app.session import Session
from ilk.app.upload import load_bundled
from ilk.schema import ROLE_LABELS

PATIENCE = 300  # seconds; the machine may have much else to do
PAGES = ("Data", "Choose", "Segments", "Predict", "Export")


class Person:
    """A user of the app: opens pages, loads tables, presses buttons, reads."""

    def __init__(self, downloads: dict[str, bytes]) -> None:
        self.downloads = downloads
        self.at = AppTest.from_file(SCRIPT, default_timeout=PATIENCE).run()

    def go(self, page: str) -> Person:
        """Open a page."""
        self.downloads.clear()
        self.at.switch_page(f"views/{page.lower()}.py").run()
        return self

    def click(self, key: str) -> Person:
        """Press a button by its key."""
        self.at.button(key=key).click().run()
        return self

    def press(self, label: str) -> Person:
        """Press a button by its label."""
        next(button for button in self.at.button if button.label == label).click().run()
        return self

    def submit(self, form: str) -> Person:
        """Submit a form."""
        next(button for button in self.at.button if button.form_id.startswith(form)).click().run()
        return self

    def take(self, name: str) -> Person:
        """Load bundled customers."""
        return self.click(f"bundled {name}")

    def upload(self, name: str, content: bytes) -> Person:
        """Upload a file of customers."""
        self.uploader("upload").set_value((name, content, "text/csv")).run()
        return self

    def label(self, name: str, content: bytes) -> Person:
        """Upload a file of new customers to be labeled."""
        self.uploader("new customers").set_value((name, content, "text/csv")).run()
        return self

    def load_model(self, content: bytes, name: str = "model.json") -> Person:
        """Upload a saved model."""
        self.uploader("saved model").set_value((name, content, "application/json")).run()
        return self

    def open_path(self, path: object, form: str = "path") -> Person:
        """Enter the path of a file."""
        self.field("text_input", form).set_value(str(path))
        return self.submit(form)

    def edit_column(self, column: str, **cells: str) -> Person:
        """Change cells of the table of columns."""
        editor = self.at.data_editor[0]
        row = list(editor.value["Column"]).index(column)
        headers = {"role": "Use", "kind": "Type"}
        labels: dict[str, str] = dict(ROLE_LABELS.items())
        changes = {headers[name]: labels.get(text, text) for name, text in cells.items()}
        state = self.at.session_state[str(editor.key)]
        edited = {**state["edited_rows"]}
        edited[row] = {**edited.get(row, {}), **changes}
        state = {"edited_rows": edited, "added_rows": [], "deleted_rows": []}
        self.at.session_state[str(editor.key)] = state
        self.at.run()
        return self

    def uploader(self, key: str) -> Any:
        """A file uploader by its key."""
        return next(field for field in self.at.file_uploader if str(field.key).startswith(key))

    def field(self, kind: str, form: str, place: int = 0) -> Any:
        """A field of a form."""
        fields = [field for field in getattr(self.at, kind) if field.form_id.startswith(form)]
        return fields[place]

    def labeled(self, kind: str, label: str) -> Any:
        """A field by a part of its label."""
        return next(field for field in getattr(self.at, kind) if label in field.label)

    @property
    def session(self) -> Session:
        """What the app remembers."""
        session: Session = self.at.session_state["ilk"]
        return session

    @property
    def refusals(self) -> list[str]:
        """The error messages on the page, as they are read."""
        return [readable(error.value) for error in self.at.error]

    @property
    def codes(self) -> list[str]:
        """The codes of the error messages."""
        return re.findall(r"\[([EW]_[A-Z_]+)\]", " ".join(self.refusals))

    @property
    def texts(self) -> list[str]:
        """Every text on the page that is Markdown, as it is sent to the browser."""
        at = self.at
        kinds = (at.title, at.subheader, at.markdown, at.caption, at.warning, at.info, at.error)
        return [element.value for elements in kinds for element in elements]

    @property
    def said(self) -> str:
        """All texts, as they are read."""
        return "\n".join(map(readable, self.texts))

    @property
    def cards(self) -> str:
        """The HTML on the page."""
        return "".join(element.value for element in self.at.html)

    @property
    def figures(self) -> list[int]:
        """Numbers of customers, columns, columns used for segmentation, and missing values."""
        return [int(metric.value.replace(",", "")) for metric in self.at.metric]

    @property
    def roles(self) -> dict[str, str]:
        """The role of every column, as shown."""
        roles = {label: role for role, label in ROLE_LABELS.items()}
        table = self.at.data_editor[0].value
        return {row["Column"]: roles[row["Use"]] for _, row in table.iterrows()}

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of every column, as shown."""
        table = self.at.data_editor[0].value
        return {row["Column"]: row["Type"] for _, row in table.iterrows()}


def readable(markdown: str) -> str:
    """A text without the backslashes that make it inert."""
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", markdown)


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The downloads that the page offers, by name."""
    offered: dict[str, bytes] = {}
    keep = MemoryMediaFileStorage.load_and_get_id

    def kept(
        self: MemoryMediaFileStorage, data: Any, mime: str, kind: Any, filename: str | None = None
    ) -> str:
        if filename is not None:
            offered[filename] = data
        return keep(self, data, mime, kind, filename)

    monkeypatch.setattr(MemoryMediaFileStorage, "load_and_get_id", kept)
    return offered


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | None], None]]:
    """Set the address that the app listens on, as a server that checks host names."""
    monkeypatch.setattr(ACCESS_RULES, "checks_hosts", True)
    before = streamlit.config.get_option("server.address")

    def on(address: str | None) -> None:
        streamlit.config.set_option("server.address", address)

    yield on
    streamlit.config.set_option("server.address", before)


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip what takes most of a page's time and is not the app's work.

    Altair validates its own charts, and Streamlit searches all installed packages for components.
    """
    nothing: Callable[..., None] = lambda *_, **__: None  # noqa: E731
    monkeypatch.setattr("altair.utils.schemapi.DEBUG_MODE", False)
    monkeypatch.setattr("altair.utils.schemapi.SchemaBase.validate", nothing)
    manager = "streamlit.components.v2.component_manager.BidiComponentManager"
    monkeypatch.setattr(f"{manager}.discover_and_register_components", nothing)


@pytest.fixture
def arrive(downloads, listening, brisk) -> Callable[[], Person]:
    """Open the app in a browser tab of its own."""
    listening("127.0.0.1")
    return lambda: Person(downloads)


@pytest.fixture
def person(arrive) -> Person:
    """A person who has just opened the app."""
    return arrive()


@pytest.fixture(scope="session")
def done() -> Session:
    """A session with the segments of the mall's customers."""
    session = Session()
    session.load_table(load_bundled(ilk.demo.get_dataset("mall")))
    session.get_run()
    return session


@pytest.fixture
def owner(done: Session, arrive) -> Person:
    """A person who has loaded the mall's customers and found their segments."""
    person = arrive()
    person.at.session_state["ilk"] = replace(
        done, edits={}, folder=_folder(), results={**done.results}
    )
    return person


@pytest.fixture(scope="session")
def drawn(done: Session) -> dict[str, bytes]:
    """The pictures of the mall's customers."""
    return done.get_run().plot.render_images()


@pytest.fixture
def undrawn(drawn: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every run the pictures of the mall, which saves the time to draw."""
    monkeypatch.setattr("ilk.report.plots.Plots.render_images", lambda *_, **__: drawn)


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ilk-"))


@pytest.fixture(scope="session")
def mall() -> pl.DataFrame:
    """The bundled customers of a mall."""
    return ilk.demo.load("mall")


@pytest.fixture(scope="session")
def mall_csv(mall: pl.DataFrame) -> bytes:
    """The same as a file."""
    return mall.write_csv().encode()


@pytest.fixture
def mall_file(mall_csv: bytes, tmp_path: Path) -> Path:
    """The same on disk."""
    file = tmp_path / "mall.csv"
    file.write_bytes(mall_csv)
    return file
