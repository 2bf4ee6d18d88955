"""Make a virtual environment with pip in it, or say what the machine lacks.

    python3 tools/make_venv.py .venv

Debian and Ubuntu ship ``venv`` without the part that puts pip into a new environment, unless
python3-venv is installed. Where it is not, virtualenv or the machine's own pip does as well; and
where there is neither, the package is installed if that needs no password.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

TOO_OLD = "import sys; sys.exit(sys.version_info < (3, 11))"
NO_PIP = """\
{python} cannot make a virtual environment with pip in it:

{reason}

On Debian and Ubuntu, run
    sudo apt-get install python3-venv
and then the same make command again."""


def main(folder: str) -> str | None:
    """Make the environment unless a good one is there; returns what went wrong, if anything."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells an old Python so
        version = sys.version.split()[0]
        return (
            f"ilk needs Python 3.11 or newer; {sys.executable} is {version}. "
            "Name a newer one: make PYTHON=python3.13"
        )
    inside = str(Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python")
    if not complaint(inside, "-c", TOO_OLD) and not complaint(inside, "-m", "pip", "--version"):
        return None
    own = [sys.executable, "-m"]
    ways = (
        [[*own, "venv", folder]],
        [[*own, "virtualenv", folder]],
        [
            [*own, "venv", "--without-pip", folder],
            [*own, "pip", "--python", inside, "install", "--quiet", "pip"],
        ],
    )
    reasons: list[str] = []
    for way in ways:
        reason = attempt(way, folder)
        if reason is None:
            return None
        reasons.append(reason)
    if install_venv() and attempt(ways[0], folder) is None:
        return None
    return NO_PIP.format(python=sys.executable, reason=reasons[0])


def attempt(way: list[list[str]], folder: str) -> str | None:
    """Make the environment one way; returns what went wrong, and leaves nothing behind then."""
    shutil.rmtree(folder, ignore_errors=True)
    reason = next(filter(None, (complaint(*command) for command in way)), None)
    if reason is not None:
        shutil.rmtree(folder, ignore_errors=True)
    return reason


def install_venv() -> bool:
    """Install Debian's package for this Python, where that needs no password."""
    if shutil.which("apt-get") is None:
        return False
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*root, "apt-get", "-qq"]
    package = f"python3.{sys.version_info.minor}-venv"
    print(f"This Python cannot make environments: installing {package}.", file=sys.stderr)
    return not complaint(*apt, "update") and not complaint(*apt, "install", "-y", package)


def complaint(*command: str) -> str | None:
    """What a command printed when it failed; None when it did not fail."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    return (done.stderr or done.stdout).strip() or f"exit {done.returncode}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
