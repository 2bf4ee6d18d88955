"""Use an installed ilk the way the container does: fit a table, label it, serve the app, stop it.

    /opt/ilk/bin/python tools/try_out.py

The image's build runs this: a build that ends well can fit and serve, and the bytecode of what that
needs has been written.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ILK = str(Path(sys.executable).with_name("ilk"))
WITHIN = 60.0
"""Seconds until the app must answer."""


def main() -> None:
    """Do all of it; an error ends the build."""
    with tempfile.TemporaryDirectory() as folder:
        fit(Path(folder))
    serve()
    show()


def fit(folder: Path) -> None:
    """Segment the bundled customers, and label them again with the model."""
    table, assets = str(folder / "customers.csv"), folder / "assets"
    model = str(assets / "model.json")
    run("demo", "mall", "--csv", table)
    run("fit", table, "--out", str(assets))
    run("predict", model, table, "--output", str(folder / "labeled.csv"))


def serve() -> None:
    """Start the app, wait until it says it is well, and ask it to stop."""
    port = free_port()
    app = subprocess.Popen([ILK, "app", "--port", str(port)])
    try:
        began = time.monotonic()
        while not healthy(port):
            if app.poll() is not None or time.monotonic() - began > WITHIN:
                raise SystemExit("the app did not come up")
            time.sleep(0.1)
        print(f"the app was up after {time.monotonic() - began:.1f} s")
    finally:
        app.terminate()
        app.wait(timeout=10)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def healthy(port: int) -> bool:
    """Whether Streamlit's health page says so."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def show() -> None:
    """Render the first page without a browser, which loads what pages are made of."""
    from streamlit.testing.v1 import AppTest

    from ilk.app.server import SCRIPT

    page = AppTest.from_file(SCRIPT, default_timeout=WITHIN).run()
    if page.exception:
        raise SystemExit(f"the first page failed: {page.exception}")


def run(*arguments: str) -> None:
    """Run one command of ilk."""
    subprocess.run([ILK, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
