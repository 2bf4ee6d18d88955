"""The wheel: what is in it, and that ilk works where nothing but the wheel was installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

import ilk

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_CONTRIBUTORS = {"dev", "docs", "test"}
EXTRA_NAMED = re.compile(r"\bilk\[([a-z, ]+)\]")


def run_clean(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without what points Python at this checkout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name != "VIRTUAL_ENV"
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def install_wheel(wheel: Path, folder: Path) -> Path:
    """Make an empty environment, install the wheel with what it requires; return its programs."""
    venv = folder / "venv"
    made = run_clean([sys.executable, "-m", "venv", "--without-pip", venv], folder)
    assert made.returncode == 0, made.stderr
    programs = venv / ("Scripts" if os.name == "nt" else "bin")
    command: list[str | Path] = [sys.executable, "-m", "uv", "pip", "install"]
    command += ["--python", programs / "python"]
    command += ["--constraint", ROOT / "requirements.txt", wheel]
    # What was installed once is in uv's cache: only the first time asks for a network.
    done = run_clean([*command, "--offline"], folder)
    if done.returncode != 0:
        done = run_clean(command, folder)
    assert done.returncode == 0, done.stderr
    return programs


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy, because a build leaves files beside the source."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]):
        shutil.copyfile(ROOT / name, folder / name)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    done = run_clean([*command, "--wheel-dir", folder / "dist", folder], folder)
    assert done.returncode == 0, done.stderr
    (built,) = (folder / "dist").iterdir()
    return built


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    source = ROOT / "src"
    package = {
        path.relative_to(source).as_posix()
        for path in (source / "ilk").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if not re.match(r"ilk-[^/]+\.dist-info/", name)} == package
    assert {Path(name).suffix for name in package} >= {".py", ".typed", ".toml", ".j2", ".css"}


def test_the_metadata_of_the_wheel_is_valid_and_complete(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        prefix = f"ilk-{ilk.__version__}.dist-info"
        metadata = Metadata.from_email(archive.read(f"{prefix}/METADATA"), validate=True)
        assert (
            archive.read(f"{prefix}/entry_points.txt").split()
            == b"".join([b"[console_scripts] ilk = ", PROJECT["scripts"]["ilk"].encode()]).split()
        )
    assert (metadata.name, str(metadata.version)) == ("ilk", ilk.__version__)
    assert set(metadata.provides_extra or ()) == set(EXTRAS)
    assert metadata.license_expression == "MIT"
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text("utf-8")


def test_ilk_works_where_only_the_wheel_is_installed(wheel: Path, tmp_path: Path) -> None:
    programs = install_wheel(wheel, tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    place = run_clean([programs / "python", "-c", "import ilk; print(ilk.__file__)"], empty)
    assert Path(place.stdout.strip()).is_relative_to(tmp_path / "venv"), place.stderr
    done = run_clean([programs / "ilk", "demo"], empty)
    assert done.returncode == 0, done.stderr
    assert (empty / "assets" / "report.html").is_file()
    assert (empty / "assets" / "customers.csv").read_text("utf-8").count("\n") == 201


def test_every_extra_that_is_named_exists() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.py")]
    named = {
        extra.strip()
        for page in pages
        for extras in EXTRA_NAMED.findall(page.read_text("utf-8"))
        for extra in extras.split(",")
    }
    assert named >= {"excel", "spark"}
    assert named - set(EXTRAS) == set()


def test_the_extra_all_has_every_extra_for_users() -> None:
    (everything,) = EXTRAS["all"]
    (named,) = EXTRA_NAMED.findall(everything)
    assert set(named.split(",")) == set(EXTRAS) - FOR_CONTRIBUTORS - {"all"}
