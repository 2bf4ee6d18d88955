"""The commands of contributors: one list, wherever they are run from."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def list_recipe(target: str) -> list[str]:
    """The commands of a target, without the folder of the programs."""
    match = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)
    assert match, f"no target {target}"
    return re.findall(r"\$\(BIN\)/(.*)", match[1])


def test_the_hooks_of_pre_commit_are_the_commands_of_make_lint() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    entries = re.findall(r"entry: \.venv/bin/(.*)", config)
    without_files = [command.removesuffix(" $(PROSE)") for command in list_recipe("lint")]
    assert [entry.removesuffix(" --force-exclude") for entry in entries] == without_files


def test_the_hooks_of_pre_commit_fetch_nothing() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (.*)", config) == ["local"]
    hooks = len(re.findall(r"- id: ", config))
    assert re.findall(r"language: (.*)", config) == ["system"] * hooks


def test_what_must_pass_before_a_change_is_taken_is_made_by_make() -> None:
    called = re.findall(r"^make (\S+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert called == ["lint", "docs", "test", "test-thorough"]
    assert [target for target in called if not list_recipe(target)] == []
