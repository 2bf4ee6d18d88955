"""Python code that repeats a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ilk.formatting.text import format_literal
from ilk.recipe import Recipe
from ilk.segments.edits import Edits

_LINE_WIDTH = 88
"""The longest line; a longer call gets one line per argument."""

_INDENT = "    "


@dataclass(frozen=True)
class _Argument:
    """An argument of a call; a list or mapping has ``items`` between its brackets."""

    opening: str
    items: tuple[str, ...] = ()
    closing: str = ""

    def __str__(self) -> str:
        return f"{self.opening}{', '.join(self.items)}{self.closing}"

    def format_lines(self) -> list[str]:
        """The argument with a comma, on lines of its own."""
        one = f"{_INDENT}{self},"
        if not self.items or len(one) <= _LINE_WIDTH:
            return [one]
        inner = (f"{2 * _INDENT}{item}," for item in self.items)
        return [f"{_INDENT}{self.opening}", *inner, f"{_INDENT}{self.closing},"]


def format_call(
    source: str, recipe: Recipe, edits: Edits | None = None, *, function: str = "ilk.fit"
) -> str:
    """The library call that repeats a run, in one line.

    Parameters
    ----------
    source : str
        A Python expression for the customers, used as it is.
    recipe : Recipe
        Only what differs from the defaults is written.
    edits : Edits, optional
    function : str
        What is called.

    Examples
    --------
    >>> format_call("customers", Recipe(k=5), Edits(names={2: "Big spenders"}))
    'ilk.fit(customers, k=5).edit_segments(names={2: "Big spenders"})'
    >>> format_call("customers", Recipe(k=5), function="ilk.compare")
    'ilk.compare(customers, k=5)'
    """
    call = _format_one_line(function, _list_fit_arguments(source, recipe))
    if not edits:
        return call
    return f"{call}{_format_one_line('.edit_segments', _list_edit_arguments(edits))}"


def format_script(source: str, recipe: Recipe, edits: Edits, *, excluded: int = 0) -> str:
    """A script that repeats a run and writes its results; it also works in a notebook cell.

    Parameters
    ----------
    source, recipe, edits
        As for :func:`format_call`.
    excluded : int
        Number of customers excluded on request. Their ids are not in the code, so a comment says
        that they must be named again.

    Examples
    --------
    >>> print(format_script("customers", Recipe(k=5), Edits()))
    import ilk
    <BLANKLINE>
    run = ilk.fit(customers, k=5)
    run.write("assets")
    for segment in run.segments:
        print(segment.number, segment.name, segment.figures.customers)
    <BLANKLINE>
    """
    lines = ["import ilk", ""]
    if excluded:
        lines.append(
            f"# {excluded} rows were left out. Name excluded customers again with exclude=[...]."
        )
    lines.append(_format_wrapped("run = ilk.fit", _list_fit_arguments(source, recipe)))
    if edits:
        lines.append(_format_wrapped("run = run.edit_segments", _list_edit_arguments(edits)))
    lines += [
        'run.write("assets")',
        "for segment in run.segments:",
        f"{_INDENT}print(segment.number, segment.name, segment.figures.customers)",
    ]
    return "\n".join([*lines, ""])


def _list_fit_arguments(source: str, recipe: Recipe) -> Iterator[_Argument]:
    chosen = recipe.to_dict(chosen_only=True)
    chosen.update(chosen.pop("reading", {}))
    yield _Argument(source)
    for name, value in chosen.items():
        if isinstance(value, list):
            yield _Argument(f"{name}=[", tuple(map(format_literal, value)), "]")
        else:
            yield _Argument(f"{name}={format_literal(value)}")


def _list_edit_arguments(edits: Edits) -> Iterator[_Argument]:
    for name, texts in (("names", edits.names), ("actions", edits.actions)):
        if texts:
            items = tuple(f"{number}: {format_literal(text)}" for number, text in texts.items())
            yield _Argument(f"{name}={{", items, "}")


def _format_one_line(function: str, arguments: Iterable[_Argument]) -> str:
    return f"{function}({', '.join(map(str, arguments))})"


def _format_wrapped(function: str, arguments: Iterable[_Argument]) -> str:
    """The call in one line, or one argument per line if that is too long."""
    arguments = list(arguments)
    line = _format_one_line(function, arguments)
    if len(line) <= _LINE_WIDTH:
        return line
    inner = (inner_line for argument in arguments for inner_line in argument.format_lines())
    return "\n".join([f"{function}(", *inner, ")"])
