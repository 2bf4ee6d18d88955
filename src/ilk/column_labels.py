"""Readable names of columns and of their values, and the order of these: what a user may give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ilk.errors import UsageError, format_place, shorten, suggest_name
from ilk.options import Values, read_toml

LABELS_FILE = "labels.toml"
"""Name of the file among the results that lists columns and values, ready to be filled in."""

ColumnLabels = dict[str, Any]
"""Readable names by column: ``name``, ``levels`` (of each value) and ``order``, where given."""

_ENTRIES = ("name", "levels", "order")
_HEADER = """\
# What columns and their values are called. Fill in what needs a readable name; what is empty keeps
# its own. Where values have an order, add a line such as: order = ["low", "medium", "high"]
"""


class LabelTables(Values):
    """Readable names by column, as a mapping or a TOML file of it.

    Examples
    --------
    >>> LabelTables().check({"Sex": {"name": "", "levels": {0: "male", 1: "female"}}})
    {'Sex': {'levels': {'0': 'male', '1': 'female'}}}
    """

    type_name = "path or mapping"
    notation = "a TOML file"
    hint = 'Use a TOML file, or a mapping such as {"Sex": {"levels": {"0": "male"}}}.'

    def check(self, value: object) -> ColumnLabels | None:
        """The names that are given, in one form; ``None`` where there are none."""
        if isinstance(value, str | Path):
            value = read_toml(Path(value), "the file of labels", "E_LABELS")
        if not isinstance(value, Mapping):
            raise ValueError(value)
        tables = {str(column): _read_table(str(column), table) for column, table in value.items()}
        _check_distinct(tables)
        return {column: table for column, table in tables.items() if table} or None


def is_unfilled(path: Path) -> bool:
    """Whether there is no such file, or nothing is filled in.

    Examples
    --------
    >>> is_unfilled(Path("no such file"))
    True
    """
    if not path.exists():
        return True
    try:
        return LabelTables().check(path) is None
    except ValueError:  # somebody is writing it
        return False


def render_labels(labels: Mapping[str, Mapping[str, Any]]) -> str:
    """Labels as the text of a TOML file, with a line that says how to fill it in.

    Examples
    --------
    >>> text = render_labels({"Sex": {"name": "", "levels": {"0": "male", "1": ""}}})
    >>> text.splitlines()[-2:]
    ['0 = "male"', '1 = ""']
    """
    import tomlkit

    document = tomlkit.document()
    for column, table in labels.items():
        document.add(column, tomlkit.item(dict(table)))
    return f"{_HEADER}\n{tomlkit.dumps(document)}"


def _read_table(column: str, table: object) -> dict[str, Any]:
    """What is said of one column; a text alone is its name."""
    if isinstance(table, str):
        table = {"name": table}
    if not isinstance(table, Mapping):
        raise _build_shape_error(column, f"{shorten(table)} is no table")
    for entry in table:
        if entry not in _ENTRIES:
            raise _build_shape_error(
                column, f"there is no entry {shorten(entry)}", suggest_name(str(entry), _ENTRIES)
            )
    found = {
        "name": _read_text(column, table.get("name", "")),
        "levels": dict(_read_levels(column, table.get("levels", {}))),
        "order": list(_read_order(column, table.get("order", []))),
    }
    return {entry: value for entry, value in found.items() if value}


def _read_levels(column: str, levels: object) -> Iterator[tuple[str, str]]:
    if not isinstance(levels, Mapping):
        raise _build_shape_error(column, "'levels' is no table of values and their names")
    for level, text in levels.items():
        if name := _read_text(column, text):
            yield _format_level(level), name


def _read_order(column: str, order: object) -> Iterator[str]:
    if isinstance(order, str | bytes | Mapping) or not isinstance(order, Sequence):
        raise _build_shape_error(column, "'order' is no list of values")
    yield from map(_format_level, order)


def _read_text(column: str, text: object) -> str:
    if not isinstance(text, str):
        raise _build_shape_error(column, f"{shorten(text)} is no text")
    if len(text.strip().splitlines()) > 1:
        raise _build_shape_error(column, f"{shorten(text)} has a line break", "Use one line.")
    return " ".join(text.split())


def _format_level(level: object) -> str:
    """A value as a category spells it."""
    return str(level).lower() if isinstance(level, bool) else str(level).strip()


def _build_shape_error(
    column: str, problem: str, way_out: str = "Give it a name, levels or an order."
) -> UsageError:
    return _build_error(problem, _format_column(column), way_out)


def _build_error(problem: str, place: str, way_out: str) -> UsageError:
    return UsageError("E_LABELS", problem, place=place, way_out=way_out, options=("labels",))


def _check_distinct(tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a name that stands for two columns or two values."""
    _check_names({column: table.get("name", column) for column, table in tables.items()}, "columns")
    for column, table in tables.items():
        _check_names(table.get("levels", {}), "values", column)
        repeated = _find_repeated(table.get("order", []))
        if repeated is not None:
            problem = f"{shorten(repeated)} stands twice in the order"
            raise _build_error(problem, _format_column(column), "Leave it in one place.")


def _check_names(names: Mapping[str, str], what: str, column: str | None = None) -> None:
    repeated = _find_repeated(names.values())
    if repeated is None:
        return
    owners = [f"'{own}'" for own, name in names.items() if _fold(name) == _fold(repeated)]
    problem = f"the {what} {' and '.join(owners)} have the same name, {shorten(repeated)}"
    place = "{labels}" if column is None else _format_column(column)
    raise _build_error(problem, place, "Give them different names.")


def _format_column(column: str) -> str:
    return format_place("{labels}", column=column)


def _find_repeated(texts: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for text in texts:
        if _fold(text) in seen:
            return text
        seen.add(_fold(text))
    return None


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
