"""How the app is served: to whom, with which limits, and by every way of starting it."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit.config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ilk.app.server import SCRIPT, SETTINGS, serve
from ilk.cli.main import main
from ilk.errors import UsageError

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds


def test_the_shipped_configuration_is_the_one_that_is_promised():
    assert SETTINGS["server.address"] == "127.0.0.1"
    assert SETTINGS["server.maxUploadSize"] == 50
    assert SETTINGS["client.showErrorDetails"] == "none"
    assert SETTINGS["client.showErrorLinks"] is False
    assert SETTINGS["browser.gatherUsageStats"] is False
    assert SETTINGS["server.showEmailPrompt"] is False
    assert SETTINGS["server.enableXsrfProtection"] is True
    assert SETTINGS["server.enableCORS"] is True
    assert SETTINGS["server.enableStaticServing"] is False


def test_the_file_says_the_same_as_the_code():
    def flat(table, prefix=""):
        for name, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}", value

    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert dict(flat(said)) == SETTINGS


@pytest.mark.parametrize("name", SETTINGS)
def test_streamlit_knows_every_setting(name):
    template = streamlit.config._config_options_template
    assert name in template
    assert not template[name].deprecated


@pytest.fixture
def asked(monkeypatch) -> list[list[str]]:
    """What Streamlit was asked to do, instead of doing it."""
    calls: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda arguments, **_: calls.append(arguments))
    return calls


def flags(arguments: list[str]) -> dict[str, str]:
    assert arguments[0] == "run"
    return dict(flag.removeprefix("--").split("=", 1) for flag in arguments[2:])


def test_the_command_passes_every_setting_on(asked):
    assert main(["app"]) == 0
    (arguments,) = asked
    assert Path(arguments[1]) == SCRIPT
    assert SCRIPT.is_file()
    written = {name: str(value) for name, value in SETTINGS.items()}
    written |= {
        name: str(value).lower() for name, value in SETTINGS.items() if value in (True, False)
    }
    assert flags(arguments) == written | {"browser.serverAddress": "127.0.0.1"}


def test_port_and_address_can_be_said(asked):
    assert main(["app", "--port", "9000", "--address", "0.0.0.0"]) == 0
    said = flags(asked[0])
    assert (said["server.port"], said["server.address"]) == ("9000", "0.0.0.0")
    # Told an address, Streamlit asks nobody outside for the one that this machine has.
    assert said["browser.serverAddress"] == "localhost"
    serve(Path("mine.py"))
    assert asked[1][1] == "mine.py"
    assert flags(asked[1])["server.address"] == "127.0.0.1"


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_cannot_be_is_refused(asked, capsys, port):
    assert main(["app", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err
    assert asked == []


def test_without_streamlit_it_is_said_how_to_get_it(monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "streamlit" else find(name)
    )
    with pytest.raises(UsageError, match=r"E_MISSING_EXTRA") as refused:
        serve()
    assert "pip install 'ilk[app]'" in refused.value.way_out
    assert main(["app"]) == 2
    assert "E_MISSING_EXTRA" in capsys.readouterr().err


@dataclass(frozen=True)
class Served:
    """An app that runs in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    temporary: Path

    def get(self, path: str, address: str = "127.0.0.1") -> bytes:
        url = f"http://{address}:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.read()

    def visit(self, origin: str | None = None) -> list[ForwardMsg]:
        """Open the first page as a browser does, and return what it is sent."""
        at = f"127.0.0.1:{self.port}"
        with connect(
            f"ws://{at}/_stcore/stream",
            origin=origin or f"http://{at}",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=PATIENCE,
        ) as browser:
            browser.send(BackMsg(rerun_script=ClientState()).SerializeToString())
            messages = []
            while not messages or messages[-1].WhichOneof("type") != "script_finished":
                messages.append(ForwardMsg.FromString(browser.recv(timeout=PATIENCE)))
        return messages


# `app.py` takes no port: this is `python app.py`, but for the port.
_AS_MAIN = (
    "import runpy; from ilk.app import server; server.SETTINGS['server.port'] = {port}; "
    "runpy.run_path('app.py', run_name='__main__')"
)
WAYS = {
    "ilk app": lambda port: ["-m", "ilk", "app", "--port", port],
    "python app.py": lambda port: ["-c", _AS_MAIN.format(port=port)],
    "streamlit run app.py": lambda port: (
        ["-m", "streamlit", "run", "app.py", "--server.port", port]
    ),
}


def free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return asking.getsockname()[1]


@contextmanager
def served(way: str, folder: Path) -> Iterator[Served]:
    port, temporary = free_port(), folder / "tmp"
    temporary.mkdir()
    surroundings = os.environ | {
        "HOME": str(folder),
        "TMPDIR": str(temporary),
        "STREAMLIT_SERVER_HEADLESS": "true",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *WAYS[way](str(port))],
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        app = Served(process, port, temporary)
        try:
            _wait_for(app)
            yield app
        finally:
            process.kill()
            process.wait()


def _wait_for(app: Served) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert app.process.poll() is None, "the app ended by itself"
        try:
            assert app.get("/_stcore/health") == b"ok"
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the app does not answer")


@pytest.mark.parametrize("way", WAYS)
def test_the_app_is_served_to_this_machine_and_leaves_nothing(way, tmp_path):
    with served(way, tmp_path) as app:
        assert b"<html" in app.get("/")
        # All of 127.0.0.0/8 is this machine, but the app listens on one address of it.
        with pytest.raises(OSError, match="refused"):
            app.get("/", "127.0.0.2")
        messages = app.visit()
        _check_what_is_sent(messages)
        with pytest.raises(InvalidStatus, match="403"):
            app.visit(origin="http://evil.example")
        assert [each.name for each in app.temporary.glob("ilk-*")]
        app.process.send_signal(signal.SIGTERM)
        app.process.wait(PATIENCE)
        assert list(app.temporary.glob("ilk-*")) == []
        assert list(tmp_path.glob(".streamlit/*")) == []
    assert b"Traceback" not in (tmp_path / "log").read_bytes()


def _check_what_is_sent(messages: list[ForwardMsg]) -> None:
    kinds = {each.WhichOneof("type"): each for each in messages}
    config = kinds["new_session"].new_session.config
    assert config.gather_usage_stats is False
    elements = [each.delta.new_element for each in messages if each.WhichOneof("type") == "delta"]
    assert not [each for each in elements if each.WhichOneof("type") == "exception"]
    (uploader,) = [each.file_uploader for each in elements if each.HasField("file_uploader")]
    assert uploader.max_upload_size_mb == 50
    buttons = [each.button.label for each in elements if each.HasField("button")]
    assert len(buttons) >= 4
