"""How ilk speaks: words and constructions that must not come back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ENDINGS = {".css", ".j2", ".py", ".toml"}
SOURCE = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in SOURCE_ENDINGS)
DOCS = sorted(
    path
    for path in (ROOT / "docs").rglob("*.md")
    if path.parent.name != "decisions"  # a decision is a record and keeps its words
)
PAGES = [ROOT / "README.md", *DOCS]

# Each phrase is a regular expression; the right side is what to write instead.
PHRASES = {
    r"a room of": "a package of",
    r"\bspools?\b": "a buffer",
    r"\b[Tt]all(y|ies)\b": "counts",
    r"a lottery": "depends on the random start",
    r"are held against": "are compared with",
    r"[Bb]orders? runs? through": "boundaries cut through dense regions",
    r"[Bb]ring other customers": "Change file",
    r"handiest": "most practical",
    r"How it is done": "Method",
    r"[Rr]ead it differently": "File settings",
    r"[Ss]o flat a lead": "Several numbers do about equally well",
    r"[Ss]tands? on more than one row": "appear more than once",
    r"(?i:take it with you)": "Export",
    r"[Tt]he least sure": "the least stable",
    r"(?i:through crowds)": "through dense regions",
    r"\b[Bb]lades?\b": "one segment's silhouettes",
    r"\bladders?\b": "the field's own word",
    r"\brow [\d,]+ says\b": "row 5 contains 'old'",
    r"\bweather\b": "no metaphors",
    r"[Ww]hat shall these columns be": "How should we use these columns?",
    r"(above|below) chance": "above random data",
    r"agrees? with these segments by": "gave nearly the same segments (agreement 0.96 of 1)",
    r"gather in groups that chance": "tighter than random data",
    r"borders are conventions": "divide a continuum",
    r"parts of one cloud": "divide a continuum",
    r"[Cc]ould (just )?as well belong": "are borderline",
    r"[Ff]ound again on|[Cc]omes? back on|on other draws": "in repeat tests",
    r"[Ll]ead over chance": "gain over random data",
    r"[Pp]ut up with": "skip",
    r"[Ss]parse(ly populated)? gaps?": "a visible gap; in code, a valley",
    r"[Ss]hapes? (the )?segments": "used for segmentation",
}
# Parts of longer names; whole words are codespell's.
BRITISH = (
    r"(?i)behaviour|cancelled|centre|catalogue|colour|favour"  # codespell:ignore
    r"|grey(?![a-z])|labell(ed|er|ing)"  # codespell:ignore
    r"|neighbour|organis(?!m)|recognis"  # codespell:ignore
    r"|programme\b|enrol\b|instalment|honour"  # codespell:ignore
)
RECORDS = {
    "src/ilk/vocabulary/vocabulary.toml",  # words that columns may be called by
    "src/ilk/model/file_schema.py",  # a field of model files of protocol 4
    "docs/decisions/0015-packages-and-names.md",  # the name of an earlier module
}


def find(pattern: str, paths: Iterable[Path]) -> list[str]:
    """Where a pattern stands; a line break in a paragraph counts as a space."""
    places = []
    for path in paths:
        text = path.read_text("utf-8")
        for match in re.finditer(pattern.replace(" ", r"\s+(?:#\s+)?"), text):
            line = text.count("\n", 0, match.start()) + 1
            place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            places.append(f"{place}:{line}: {match.group()}")
    return places


def test_the_search_sees_what_stands_on_two_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text("x = 1\n# They could as\n# well belong there.\n", "utf-8")
    assert [place.rpartition(":")[0] for place in find("as well", [page])] == [f"{page}:2"]


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrases_of_the_past_do_not_come_back(phrase: str) -> None:
    assert SOURCE
    assert DOCS
    assert find(phrase, [*SOURCE, *PAGES]) == [], f"better: {PHRASES[phrase]}"


def test_names_and_pages_are_in_american_spelling() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    scripts = [*(ROOT / "benchmarks").glob("*.py"), *(ROOT / "examples").glob("*.py")]
    places = find(BRITISH, [*SOURCE, *tests, *scripts, *pages])
    assert {place.partition(":")[0] for place in places} == RECORDS


def test_a_percentage_is_written_without_a_space() -> None:
    # A brace may end a figure in an f-string; a template's tags and a remainder are no percentages.
    spaced = r"(?:(?<![\w.])\d[\d.,]*|\})[ \u00a0]%(?![}(]| \d)"
    assert find(spaced, [*SOURCE, *PAGES]) == []
