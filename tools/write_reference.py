"""Write the tables of options in docs/reference/cli.md, from the commands themselves.

    python tools/write_reference.py

A table stands between `<!-- options of NAME -->` and `<!-- end of options -->`; whatever stands
there is replaced. What an option means is written where the option is declared: in
`src/ilk/recipe.py`, or in `src/ilk/cli/options.py` for what is not a choice of a recipe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from ilk.cli.main import app
from ilk.recipe import OPTIONS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
BLOCK = re.compile(r"(<!-- options of (\w+) -->\n).*?(<!-- end of options -->)", re.DOTALL)
COMPLETE = "fit"
"""The command of which every option is described; others refer to it for what they share."""


def render_page(text: str) -> str:
    """The page with its tables as the commands are now."""
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands")  # noqa: B009
    described = set(list_rows(commands[COMPLETE]))

    def render_block(match: re.Match[str]) -> str:
        name = match[2]
        known = set() if name == COMPLETE else described
        return f"{match[1]}\n{render_tables(commands[name], known)}\n{match[3]}"

    return BLOCK.sub(render_block, text)


def render_tables(command: Any, described: set[tuple[str, str, str]]) -> str:
    """A table for each group of options."""
    groups: dict[str, list[str]] = {}
    shared: dict[str, list[str]] = {}
    for group, flags, meaning in list_rows(command):
        rows = groups.setdefault(group, [])
        if (group, flags, meaning) in described:
            shared.setdefault(group, []).append(flags)
        else:
            rows.append(f"| {flags} | {meaning} |")
    for group, names in shared.items():
        groups[group].append(f"| {', '.join(names)} | as for `ilk {COMPLETE}` |")
    return "\n".join(
        "\n".join((f"| {group} | meaning |", "|---|---|", *rows, ""))
        for group, rows in groups.items()
    )


def list_rows(command: Any) -> Iterator[tuple[str, str, str]]:
    """Group, names and meaning of every option."""
    for param in command.params:
        if param.param_type_name != "option":
            continue
        group = getattr(param, "rich_help_panel", None) or "Options"
        flags = ", ".join(f"`{flag}`" for flag in param.opts)
        yield group, flags, describe(param)


def describe(param: Any) -> str:
    """What an option means, with its default and with what the declaration adds."""
    option = OPTIONS.get(param.name)
    details = option.details if option is not None else ""
    shown = param.default is not None and not isinstance(param.default, bool)
    default = f" [default: {param.default}]" if shown and not param.required else ""
    return f"{param.help}{default} {details}".strip().replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text("utf-8")), encoding="utf-8")
