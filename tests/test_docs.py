"""What the pages say is true: names are documented, and what they show runs.

In README.md and under docs/, a fenced ``console`` block holds commands, each after ``$ ``. Those
that begin with ``ilk`` are run, and a line shown under a command must come out of it, in the order
shown; ``…`` stands for anything. A command that is meant to be refused ends in ``# exit 3``.
A fenced ``python`` block is run too. The blocks of a page share one empty folder and one Python
session, top to bottom. What is not meant to be run is fenced as ``text``.
"""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main
from write_reference import BLOCK, render_page

import ilk
from ilk import errors
from ilk.cli.main import app
from ilk.errors import IlkError

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
FENCE = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"[EW]_[A-Z][A-Z_]*")


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it: what to type, the exit code, and lines of its output."""

    command: str
    exit_code: int
    lines: tuple[str, ...]


def commands(block: str) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        typed, *lines = part.splitlines()
        command, _, code = typed.partition("# exit ")
        yield Shown(command.strip(), int(code or 0), tuple(line for line in lines if line.strip()))


def runnable(page: Path) -> list[tuple[str, str]]:
    return FENCE.findall(page.read_text("utf-8"))


def absent(shown: tuple[str, ...], printed: str) -> list[str]:
    """Lines shown that were not printed, or not in that order."""
    lines = iter(printed.splitlines())
    missing = []
    for line in shown:
        pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
        if not any(re.fullmatch(pattern, line.strip()) for line in lines):
            missing.append(line)
    return missing


def check(shown: Shown) -> None:
    """Run one command where we stand, and hold what it prints against the page."""
    program, *arguments = shlex.split(shown.command)
    if program != "ilk":
        return
    done = subprocess.run(
        [sys.executable, "-m", "ilk", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == shown.exit_code, f"{shown.command}\n{done.stdout}"
    assert absent(shown.lines, done.stdout) == [], f"{shown.command}\n{done.stdout}"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if runnable(page)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_what_a_page_shows_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, block in runnable(page):
        if language == "python":
            exec(compile(block, str(page), "exec"), names)
            continue
        for shown in commands(block):
            check(shown)


def test_a_console_block_is_read_as_commands_and_their_output() -> None:
    block = "$ ilk fit \\\n  a.csv  # exit 3\nno file …\n\n$ ls\nassets\n"
    assert list(commands(block)) == [
        Shown("ilk fit    a.csv", 3, ("no file …",)),
        Shown("ls", 0, ("assets",)),
    ]


def test_shown_lines_must_come_in_their_order() -> None:
    printed = "reading a.csv\n5 segments in 0.31 s\ndone\n"
    assert absent(("reading …", "5 segments in … s"), printed) == []
    assert absent(("done", "reading …"), printed) == ["reading …"]
    assert absent(("6 segments in … s",), printed) == ["6 segments in … s"]


def test_every_command_and_option_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "cli.md").read_text("utf-8")
    sections = dict(re.findall(r"^## `ilk (\w+)`$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    group = typer.main.get_command(app)
    commands = getattr(group, "commands")  # noqa: B009 - typer's type for a group hides it
    assert sorted(sections) == sorted(commands)
    documented = {
        name: set(re.findall(r"`(-{1,2}[a-z][a-z-]*)", text)) for name, text in sections.items()
    }
    real = {
        name: {flag for param in command.params for flag in param.opts if flag.startswith("--")}
        for name, command in commands.items()
    }
    assert {
        name: flags - documented[name] for name, flags in real.items() if flags - documented[name]
    } == {}
    extra = {
        name: {flag for flag in documented[name] if flag.startswith("--")} - real[name]
        for name in real
    }
    assert {name: flags - {"--help"} for name, flags in extra.items() if flags - {"--help"}} == {}


def test_every_public_name_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "library.md").read_text("utf-8")
    headings = re.findall(r"^#+ .*`(?:ilk\.)?(\w+)", page, flags=re.MULTILINE)
    assert set(ilk.__all__) - {"__version__"} - set(headings) == set()


def codes_in_source() -> dict[str, set[int]]:
    """Every code of an error or a notice in the source, with the exit codes of its errors."""
    codes: dict[str, set[int]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)):
                codes.setdefault(str(node.value), set())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind = getattr(errors, node.func.id, None)
                code = getattr(node.args[0], "value", None)
                if isinstance(kind, type) and issubclass(kind, IlkError) and isinstance(code, str):
                    codes.setdefault(code, set()).add(kind.exit_code)
    return codes


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    page = (DOCS / "reference" / "errors.md").read_text("utf-8")
    documented = re.findall(r"^\| `([EW]_[A-Z_]+)` \|", page, flags=re.MULTILINE)
    assert sorted(documented) == sorted(set(documented))
    assert set(documented) == set(codes_in_source())


def test_every_error_has_one_exit_code_and_it_is_documented() -> None:
    page = (DOCS / "reference" / "errors.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `(E_[A-Z_]+)` \| (\d) \|", page, flags=re.MULTILINE))
    real = {code: exits for code, exits in codes_in_source().items() if exits}
    assert real
    assert {code: {int(documented[code])} for code in real if code in documented} == real


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in (*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_page_can_be_found_from_the_index() -> None:
    index = DOCS / "README.md"
    linked = set(re.findall(r"\]\(([^)#]+)", index.read_text("utf-8")))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page != index}
    assert pages - linked == set()


def test_the_tables_of_options_are_those_of_the_commands() -> None:
    page = (DOCS / "reference" / "cli.md").read_text("utf-8")
    assert page.count("<!-- options of ") == len(BLOCK.findall(page)) == 6
    assert render_page(page) == page, "run python tools/write_reference.py"
