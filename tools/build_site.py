"""Build the documentation site: the pages as they are, and a reference made from the code.

    python tools/build_site.py [--out build/site]

README.md, the other pages beside it and those in docs/ are written to be read as files too, so
nothing in them is for Sphinx alone. They are copied to a temporary folder as they lie
here, with what they link to; the tables of contents and a page for every public object of `ilk`
are added there. Every warning is an error, and nothing is fetched.
"""

from __future__ import annotations

import argparse
import inspect
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from sphinx.cmd.build import main as run_sphinx

import ilk
from ilk.options import Choices

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s]+)([^)]*)\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)#\s]+)\)")
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
SECTIONS = (
    "Guide <docs/README>",
    "Reference <docs/reference/README>",
    "Decisions <docs/decisions/README>",
    "Changes <CHANGELOG>",
    "Contributing <CONTRIBUTING>",
    "Security <SECURITY>",
)
REFERENCE = {
    "Command line": ("cli",),
    "Library": ("library", "api/*"),
    "Files and messages": ("playbook", "errors"),
}


def build_site(out: Path) -> int:
    """Build the site in a folder that is emptied first; return the exit code of Sphinx."""
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="ilk-site-") as folder:
        pages, trees = Path(folder) / "pages", Path(folder) / "trees"
        stage_pages(pages)
        arguments = ["--fail-on-warning", "--keep-going", "--quiet", "--conf-dir", str(DOCS)]
        return run_sphinx([*arguments, "--doctree-dir", str(trees), str(pages), str(out)])


def stage_pages(stage: Path) -> None:
    """Put every page of the site into a folder: those of the project, and the generated ones."""
    docs, reference = stage / "docs", stage / "docs" / "reference"
    for source in (*(ROOT / name for name in BESIDE), *sorted(DOCS.rglob("*.md"))):
        write_page(stage / source.relative_to(ROOT), stage_text(source, stage))
    write_page(stage / "index.md", stage_text(ROOT / "README.md", stage), make_toctree(SECTIONS))
    guide = (docs / "README.md").read_text("utf-8")
    write_page(docs / "README.md", guide, make_toctree(["app", "how-ilk-decides", "*"]))
    write_page(docs / "decisions" / "README.md", "# Decisions", make_toctree(["*"], shown=True))
    contents = (make_toctree(pages, title, shown=True) for title, pages in REFERENCE.items())
    write_page(reference / "README.md", "# Reference", *contents)
    for name in ilk.__all__:
        write_page(reference / "api" / f"{name}.md", make_object_page(name, getattr(ilk, name)))


def write_page(path: Path, *parts: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def stage_text(page: Path, stage: Path) -> str:
    """The text of a page; files that it links to or shows are copied to the same place."""
    text = page.read_text("utf-8")
    for target in (*PICTURE.findall(text), *(match[2] for match in LINK.finditer(text))):
        source = (page.parent / target).resolve()
        if source.is_file() and source.suffix != ".md":
            copy = stage / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    return LINK.sub(lambda match: stage_link(match, page), text)


def stage_link(match: re.Match[str], page: Path) -> str:
    """A link as the site needs it: a folder has no page, and README.md is the front page."""
    target = (page.parent / match[2]).resolve()
    if target.is_dir():
        return match[1]
    if target == ROOT / "README.md":
        return f"[{match[1]}]({match[2].replace('README.md', 'index.md')}{match[3]})"
    return match[0]


def make_toctree(entries: Iterable[str], caption: str = "", *, shown: bool = False) -> str:
    options = [":glob:", ":maxdepth: 1"]
    options += [f":caption: {caption}"] if caption else []
    options += [] if shown else [":hidden:"]
    return fence("{toctree}", [*options, "", *entries])


def fence(language: str, lines: Iterable[str]) -> str:
    return "\n".join((f"```{language}", *lines, "```"))


# The library.


def make_object_page(name: str, value: object) -> str:
    """A page for a public object, made from its docstring by Sphinx's autodoc."""
    if isinstance(value, ModuleType):
        lines = make_module(name, value)
    elif isinstance(value, str):
        lines = [f".. py:data:: ilk.{name}", f"   :value: {value!r}"]
    elif inspect.isclass(value) and issubclass(value, Choices):
        lines = [f"{make_directive(f'ilk.{name}', value)}(**choices)"]
    else:
        lines = [make_directive(f"ilk.{name}", value)]
    return "\n\n".join([f"# `ilk.{name}`", fence("{eval-rst}", lines)])


def make_directive(path: str, value: object) -> str:
    return f".. auto{'class' if inspect.isclass(value) else 'function'}:: {path}"


def make_module(name: str, module: ModuleType) -> list[str]:
    """The docstring of a module, and what is defined in it."""
    lines = [f".. py:module:: ilk.{name}", "", *inspect.getdoc(module).splitlines(), ""]  # type: ignore[union-attr]
    for member, value in vars(module).items():
        defined = getattr(value, "__module__", None) == module.__name__
        if defined and not member.startswith("_") and inspect.getdoc(value):
            lines += [make_directive(f"ilk.{name}.{member}", value), ""]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    out = parser.parse_args().out.resolve()
    if code := build_site(out):
        return code
    print(f"The site is in {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
