"""Server: how Streamlit is set up and started, whichever way the app is opened."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from ilk.errors import UsageError

SCRIPT = Path(__file__).with_name("script.py")
"""The script that Streamlit runs again and again."""

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


_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104 - recognised, not listened to


def serve(script: Path = SCRIPT, *, port: int | None = None, address: str | None = None) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    script : Path
        What Streamlit runs; the app's own script unless given.
    port : int, optional
        8501 unless given.
    address : str, optional
        Address to listen on; this machine alone can reach the app unless given.

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
    from streamlit.web import cli

    said = {"server.port": port, "server.address": address}
    settings = SETTINGS | {name: value for name, value in said.items() if value is not None}
    # Told its own address, Streamlit asks nobody outside which one this machine has.
    listens = str(settings["server.address"])
    settings["browser.serverAddress"] = "localhost" if listens in _ALL_INTERFACES else listens
    cli.main(
        ["run", str(script), *_format_flags(settings)], prog_name="streamlit", standalone_mode=False
    )


def is_running() -> bool:
    """Whether Streamlit is running the calling script already."""
    runtime = sys.modules.get("streamlit.runtime.scriptrunner_utils.script_run_context")
    return runtime is not None and runtime.get_script_run_ctx(suppress_warning=True) is not None


def _format_flags(settings: dict[str, str | int | bool]) -> list[str]:
    return [f"--{name}={_format_flag_value(value)}" for name, value in settings.items()]


def _format_flag_value(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
