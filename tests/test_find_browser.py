from __future__ import annotations

import sys
from pathlib import Path

import find_browser
import pytest


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a browser; gives the folder on its PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find_browser, "downloaded", lambda: None)
    return tmp_path


def program(path: Path, script: str = "") -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_on_the_path_is_found_and_nothing_is_installed(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(find_browser, "ways", lambda: pytest.fail("there is a browser already"))
    program(bare / name)
    assert find_browser.find() == str(bare / name)
    find_browser.main()
    assert capsys.readouterr() == ("", "")


def test_root_lets_apt_install_it(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    installs = f"/bin/cp {bare}/apt-get {bare}/chromium"
    program(bare / "apt-get", f'echo "$@" >> {bare}/asked; [ "$2" = update ] || {installs}')
    assert find_browser.get() == []
    assert (bare / "asked").read_text("utf-8").splitlines() == [
        "-qq update",
        "-qq install -y --no-install-recommends chromium",
    ]


def test_anybody_else_downloads_one(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    program(bare / "apt-get")
    assert find_browser.ways() == [[[sys.executable, "-m", "playwright", "install", "chromium"]]]


def test_where_none_can_be_had_it_says_so_in_a_box_and_goes_on(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(bare / "get", "echo 'no network' >&2; exit 7")
    program(bare / "get-not", "exit 0")
    ways = [[[str(bare / "get")]], [[str(bare / "get-not")]], [[str(bare / "absent")]]]
    monkeypatch.setattr(find_browser, "ways", lambda: ways)
    find_browser.main()
    lines = capsys.readouterr().err.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert set(lines[0]) == set(lines[-1]) == {"*"}
    said = "\n".join(lines)
    assert "JOURNEYS IN A BROWSER (tests/app/journeys) WILL BE SKIPPED" in said
    for reason in ("no network", "left no browser behind", "No such file"):
        assert reason in said
