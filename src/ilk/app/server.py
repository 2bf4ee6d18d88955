"""Server: how Streamlit is configured and started, whichever way the app is opened."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilk.errors import UsageError

if TYPE_CHECKING:
    from streamlit.starlette import App

SCRIPT = Path(__file__).with_name("script.py")
"""The script that Streamlit runs at every interaction."""

SETTINGS: dict[str, str | int | bool] = {
    "server.address": "127.0.0.1",
    "server.port": 8501,
    "server.maxUploadSize": 50,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
    "theme.paddingTop": "2rem",
    "theme.light.primaryColor": "#0072B2",
    "theme.dark.primaryColor": "#2A80B9",
}
"""Whom the app listens to, what it accepts (MB), and what it keeps to itself. The file
``.streamlit/config.toml`` says the same to ``streamlit run app.py``; a test holds them together."""


SESSION_FOLDERS: list[str] = []
"""The folder in which sessions keep their files while a server runs; it goes with the server."""

_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104 - recognized, not listened to


def serve(
    *,
    port: int | None = None,
    address: str | None = None,
    allowed_hosts: Sequence[str] = (),
    allow_paths: bool = False,
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    port : int, optional
        8501 unless given.
    address : str, optional
        Address to listen on; this machine alone can reach the app unless given.
    allowed_hosts : sequence of str
        Host names to answer to, besides those of this machine.
    allow_paths : bool
        Whether people on other machines may open files by their path as well.

    Raises
    ------
    UsageError
        ``E_MISSING_EXTRA`` if Streamlit is not installed.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError(
            "E_MISSING_EXTRA",
            "the web app needs Streamlit, which is not installed",
            way_out="Install it with: pip install 'ilk[app]'",
        )
    from streamlit.starlette import App

    said = {"server.port": port, "server.address": address}
    settings = SETTINGS | {name: value for name, value in said.items() if value is not None}
    # Given its own address, Streamlit does not look up the public one on the internet.
    listens = str(settings["server.address"])
    settings["browser.serverAddress"] = "localhost" if listens in _ALL_INTERFACES else listens
    app = App(SCRIPT, **build_app_arguments(allowed_hosts, allow_paths=allow_paths))
    # As `streamlit run` sets it: Streamlit looks for modules next to the file named here.
    sys.argv = [str(SCRIPT)]
    # Stopping the app is not an error, whether by SIGTERM or by Ctrl+C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(KeyboardInterrupt):
        app.run(config=settings)


def build_app_arguments(
    allowed_hosts: Sequence[str] = (), *, allow_paths: bool = False
) -> dict[str, Any]:
    """Keyword arguments of ``streamlit.starlette.App``: the host check, and the server's lifespan.

    The environment variables ILK_ALLOW_HOST (names separated by spaces) and ILK_ALLOW_PATHS (1)
    allow the same as the arguments.
    """
    from starlette.middleware import Middleware

    from ilk.app.access import ACCESS_RULES, AllowedHostMiddleware

    ACCESS_RULES.hosts = (*allowed_hosts, *os.environ.get("ILK_ALLOW_HOST", "").split())
    ACCESS_RULES.paths = allow_paths or os.environ.get("ILK_ALLOW_PATHS") == "1"
    ACCESS_RULES.checks_hosts = True
    return {
        "middleware": [Middleware(AllowedHostMiddleware, ACCESS_RULES)],
        "lifespan": _run_lifespan,
    }


@asynccontextmanager
async def _run_lifespan(_: App) -> AsyncIterator[None]:
    """Open a browser when the server starts, and remove its files when it stops."""
    import streamlit as st

    with tempfile.TemporaryDirectory(prefix="ilk-") as folder:
        SESSION_FOLDERS.append(folder)
        if not st.get_option("server.headless"):
            host, port = (st.get_option(f"browser.server{part}") for part in ("Address", "Port"))
            asyncio.get_running_loop().call_soon(webbrowser.open, f"http://{host}:{port}")
        yield
        SESSION_FOLDERS.remove(folder)
