"""The documentation site: it builds without a warning, is complete, and needs no other machine."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer.main

import ilk
from ilk.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
RESOURCES = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"(?:url\(|@import\s*)\s*['\"]?((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)


class Page(HTMLParser):
    """The ids of a page, and the addresses of what a browser loads with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.resources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        if address := values.get(RESOURCES.get(tag, "")):
            self.resources.append(address)


def read_page(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def foreign_resources(site: Path) -> Iterator[str]:
    for path in sorted(site.rglob("*.html")):
        for address in read_page(path).resources:
            if ELSEWHERE.match(address):
                yield f"{path.relative_to(site)}: {address}"
    for path in sorted(site.rglob("*.css")):
        for address in IN_STYLES.findall(path.read_text("utf-8")):
            yield f"{path.relative_to(site)}: {address}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "html"
    command: list[str | Path] = [sys.executable, ROOT / "tools" / "build_site.py", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return out


def test_every_command_and_option_has_an_entry(site: Path) -> None:
    path = site / "docs" / "reference" / "cli.html"
    commands = getattr(typer.main.get_command(app), "commands")  # noqa: B009 - typer hides it
    assert commands
    assert {f"ilk-{name}" for name in commands} - read_page(path).ids == set()
    text = path.read_text("utf-8")
    flags = {
        flag for command in commands.values() for param in command.params for flag in param.opts
    }
    options = {flag for flag in flags if flag.startswith("-")}
    assert {flag for flag in options if not re.search(rf">(.*, )?{flag}\b", text)} == set()


@pytest.mark.parametrize("name", ilk.__all__)
def test_every_public_object_has_an_entry(site: Path, name: str) -> None:
    ids = read_page(site / "docs" / "reference" / "api" / f"{name}.html").ids
    assert {f"ilk.{name}", f"module-ilk.{name}"} & ids


def test_every_page_of_the_project_is_in_the_site(site: Path) -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    built = {page: site / page.relative_to(ROOT).with_suffix(".html") for page in pages}
    built[ROOT / "README.md"] = site / "index.html"
    assert [str(page) for page in built.values() if not page.is_file()] == []


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    assert list(foreign_resources(site)) == []


def test_a_resource_of_another_host_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="https://a.example"></a><img src="b.png"><script src="//b.example/c.js"></script>'
    )
    (tmp_path / "a.css").write_text("@font-face { src: url('https://c.example/d.woff2') }")
    noticed = ["a.html: //b.example/c.js", "a.css: https://c.example/d.woff2"]
    assert list(foreign_resources(tmp_path)) == noticed
