"""Find a browser for the journeys through the web app, or get one.

    python tools/find_browser.py

Chromium or Chrome on the PATH does. Where there is none, root lets apt install Chromium, anybody
else downloads Playwright's own. Where neither works, the journeys are skipped, and this says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 900  # seconds for one way of getting a browser
OWN = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.{})"
NONE_FOUND = """\
There is no Chromium on this machine, and none could be installed:

{reasons}

THE JOURNEYS IN A BROWSER (tests/app/journeys) WILL BE SKIPPED.
Install Chromium (on Debian: sudo apt-get install chromium), and run make test again."""


def find() -> str | None:
    """The path of a browser on this machine; None if there is none."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return on_path or downloaded()


def downloaded() -> str | None:
    """The path of Playwright's own browser, if it was downloaded."""
    done = subprocess.run(
        [sys.executable, "-c", OWN.format("executable_path")],
        capture_output=True,
        text=True,
        check=False,
    )
    path = done.stdout.strip()
    return path if path and Path(path).exists() else None


def ways() -> list[list[list[str]]]:
    """Commands that get a browser, way by way."""
    apt = ["apt-get", "-qq"]
    debian = [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", "chromium"]]
    own = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [debian, own] if root and shutil.which("apt-get") else [own]


def get() -> list[str]:
    """Try every way until there is a browser; returns what was wrong with those that failed."""
    reasons = []
    for way in ways():
        print(f"There is no browser to test with. Trying: {' '.join(way[-1])}", flush=True)
        wrong = next(filter(None, map(complaint, way)), None)
        if wrong is None and find():
            return []
        reasons.append(f"{' '.join(way[-1])}\n    {wrong or 'left no browser behind'}")
    return reasons


def complaint(command: list[str]) -> str | None:
    """What a command said last when it failed; None when it did not fail."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=quiet
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"exit {done.returncode}"


def boxed(text: str) -> str:
    """A text that is not overlooked."""
    lines = text.splitlines()
    width = max(map(len, lines))
    edge = "*" * (width + 4)
    return "\n".join([edge, *(f"* {line:<{width}} *" for line in lines), edge])


def main() -> None:
    """Get a browser unless there is one; journeys that must run fail by themselves without."""
    if find() is not None:
        return
    reasons = get()
    if reasons:
        print(boxed(NONE_FOUND.format(reasons="\n".join(reasons))), file=sys.stderr)


if __name__ == "__main__":
    main()
