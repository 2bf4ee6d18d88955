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
from dataclasses import dataclass, fields
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import streamlit.config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from ilk.app.access import ACCESS_RULES, AccessRules
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
def asked(monkeypatch) -> list[dict[str, Any]]:
    """With which settings Streamlit was asked to serve the app, instead of doing it."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("streamlit.starlette.App.run", lambda _, config: calls.append(config))
    monkeypatch.setattr("sys.argv", ["ilk"])
    for field in fields(ACCESS_RULES):
        monkeypatch.setattr(ACCESS_RULES, field.name, getattr(ACCESS_RULES, field.name))
    for name in ("ILK_ALLOW_HOST", "ILK_ALLOW_PATHS"):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_the_command_passes_every_setting_on(asked):
    assert main(["app"]) == 0
    assert asked == [SETTINGS | {"browser.serverAddress": "127.0.0.1"}]
    assert SCRIPT.is_file()
    assert AccessRules(checks_hosts=True) == ACCESS_RULES


def test_port_and_address_can_be_set(asked):
    assert main(["app", "--port", "9000", "--address", "0.0.0.0"]) == 0
    assert (asked[0]["server.port"], asked[0]["server.address"]) == (9000, "0.0.0.0")
    # Told an address, Streamlit asks nobody outside for the one that this machine has.
    assert asked[0]["browser.serverAddress"] == "localhost"
    serve()
    assert asked[1]["server.address"] == "127.0.0.1"


def test_names_and_paths_can_be_allowed(asked, monkeypatch):
    assert main(["app", "--allow-host", "a.example", "--allow-host", "*", "--allow-paths"]) == 0
    assert AccessRules(("a.example", "*"), paths=True, checks_hosts=True) == ACCESS_RULES
    monkeypatch.setenv("ILK_ALLOW_HOST", "b.example *.c.example")
    monkeypatch.setenv("ILK_ALLOW_PATHS", "1")
    assert main(["app", "--allow-host", "a.example"]) == 0
    assert (
        AccessRules(("a.example", "b.example", "*.c.example"), paths=True, checks_hosts=True)
        == ACCESS_RULES
    )


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_cannot_be_is_refused(asked, capsys, port):
    assert main(["app", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err
    assert asked == []


def test_without_streamlit_the_error_says_how_to_install_it(monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "streamlit" else find(name)
    )
    with pytest.raises(UsageError, match=r"E_MISSING_EXTRA") as refused:
        serve()
    assert "pip install 'ilk[app]'" in str(refused.value.way_out)
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

    def ask(self, host: str | None, path: str = "/", method: str = "GET") -> int:
        """Ask by a host name, and return the status of the answer."""
        asking = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        asking.putrequest(method, path, skip_host=True)
        if host is not None:
            asking.putheader("Host", host)
        asking.endheaders()
        status = asking.getresponse().status
        asking.close()
        return status

    def visit(self, host: str = "127.0.0.1", origin: str | None = None) -> list[ForwardMsg]:
        """Open the first page as a browser does, by a name, and return what it is sent."""
        at = f"{host}:{self.port}"
        with (
            socket.create_connection(("127.0.0.1", self.port)) as line,
            connect(
                f"ws://{at}/_stcore/stream",
                sock=line,
                origin=Origin(origin or f"http://{at}"),
                subprotocols=[Subprotocol("streamlit")],
                max_size=None,
                open_timeout=PATIENCE,
            ) as browser,
        ):
            browser.send(BackMsg(rerun_script=ClientState()).SerializeToString())
            messages: list[ForwardMsg] = []
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
def served(way: str, folder: Path, *options: str, **variables: str) -> Iterator[Served]:
    port, temporary = free_port(), folder / "tmp"
    temporary.mkdir()
    environment = os.environ | {
        "HOME": str(folder),
        "TMPDIR": str(temporary),
        "STREAMLIT_SERVER_HEADLESS": "true",
        **variables,
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *WAYS[way](str(port)), *options],
            cwd=ROOT,
            env=environment,
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
        # A name that an attacker makes lead to this machine: page and app have one origin.
        with pytest.raises(InvalidStatus, match="403"):
            app.visit("evil.example")
        for path in ("/", "/_stcore/health", "/_stcore/host-config", "/media/a.csv"):
            assert app.ask("evil.example", path) == 403
            assert app.ask(f"localhost:{app.port}", path) != 403
        assert app.ask("evil.example", "/_stcore/upload_file/a/b", "PUT") == 403
        assert app.ask("evil.example", "/_stcore/upload_file/a/b", "OPTIONS") == 403
        assert app.ask("localhost", "/_stcore/upload_file/a/b", "OPTIONS") == 204
        assert app.ask(None) == 400
        assert [path.name for path in app.temporary.glob("ilk-*")]
        app.process.send_signal(signal.SIGTERM)
        app.process.wait(PATIENCE)
        assert list(app.temporary.glob("ilk-*")) == []
        assert list(tmp_path.glob(".streamlit/*")) == []
    assert b"Traceback" not in (tmp_path / "log").read_bytes()


def test_a_stopped_command_ends_well(tmp_path):
    for stop in (signal.SIGTERM, signal.SIGINT):
        (folder := tmp_path / stop.name).mkdir()
        with served("ilk app", folder) as app:
            app.process.send_signal(stop)
            assert app.process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("way", "options", "variables"),
    [
        ("ilk app", ["--address", "0.0.0.0"], {}),
        ("ilk app", ["--address", "0.0.0.0", "--allow-host", "ilk.example", "--allow-paths"], {}),
        (
            "streamlit run app.py",
            ["--server.address", "0.0.0.0"],
            {"ILK_ALLOW_HOST": "ilk.example", "ILK_ALLOW_PATHS": "1"},
        ),
    ],
)
def test_where_others_can_reach_the_app_they_may_do_what_is_allowed(
    way, options, variables, tmp_path
):
    allowed = bool(variables) or "--allow-host" in options
    with served(way, tmp_path, *options, **variables) as app:
        statuses = [app.ask(f"{host}:{app.port}") for host in ("localhost", "192.168.1.5")]
        assert statuses == [200, 200]
        assert app.ask("evil.example") == 403
        assert app.ask("ilk.example") == (200 if allowed else 403)
        fields = _inputs(app.visit("ilk.example" if allowed else "localhost"))
        assert fields == (["Or enter the path of a file on the machine that runs ilk"] * allowed)


def _inputs(messages: list[ForwardMsg]) -> list[str]:
    deltas = [message.delta for message in messages if message.WhichOneof("type") == "delta"]
    elements = [delta.new_element for delta in deltas]
    return [element.text_input.label for element in elements if element.HasField("text_input")]


def _check_what_is_sent(messages: list[ForwardMsg]) -> None:
    kinds = {message.WhichOneof("type"): message for message in messages}
    config = kinds["new_session"].new_session.config
    assert config.gather_usage_stats is False
    elements = [
        message.delta.new_element for message in messages if message.WhichOneof("type") == "delta"
    ]
    assert not [element for element in elements if element.WhichOneof("type") == "exception"]
    (uploader,) = [
        element.file_uploader for element in elements if element.HasField("file_uploader")
    ]
    assert uploader.max_upload_size_mb == 50
    assert len(_inputs(messages)) == 1
    buttons = [element.button.label for element in elements if element.HasField("button")]
    assert len(buttons) >= 4
