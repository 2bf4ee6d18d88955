"""Options: what can be chosen, declared once for every surface.

A choice is a field of a frozen dataclass (:class:`ilk.recipe.Recipe`), made by :func:`option`. The
declaration holds everything that a surface needs: the values it takes, the default, the help text,
the group and the name on the command line, and the label in a form. The command line, the
estimator, the app, the docstrings and the reference page are made from these declarations.

This module loads nothing heavy, because ``ilk --help`` reads the declarations.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ilk.errors import UsageError, shorten
from ilk.formatting.numbers import format_count, format_percent
from ilk.formatting.text import join_words

T = TypeVar("T")


COMMON_ENCODINGS = (
    *("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "koi8-r", "cp1253", "cp1254"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "cp949"),
)
"""Encodings of text that a form offers."""


class Values:
    """The values that an option takes."""

    @property
    def python_type(self) -> type[Any]:
        """What a command line hands on."""
        return str

    @property
    def type_name(self) -> str:
        """The type of a value, for a docstring."""
        return "str"

    @property
    def notation(self) -> str:
        """How a value is written, for a help text."""
        return ""

    @property
    def hint(self) -> str:
        """What to write instead of a value that is refused."""
        raise NotImplementedError

    def check(self, value: object) -> Any:
        """The value as it is kept.

        Raises
        ------
        ValueError
            If it is none of the values.
        """
        raise NotImplementedError

    def name(self, value: object) -> str:
        """What a form calls a value that has no name of its own."""
        return str(value)

    def parse(self, text: Any) -> Any:
        """The value that a command line gives, not checked yet."""
        return text


@dataclass(frozen=True, eq=False)
class OneOf(Values):
    """One of some words.

    Examples
    --------
    >>> OneOf(("median", "mean", "zero")).notation
    'median, mean or zero'
    """

    words: tuple[str, ...]

    @property
    def notation(self) -> str:
        """The words; punctuation would be lost between the commas."""
        return join_words(self.words, "or") if all(map(str.isalnum, self.words)) else ""

    @property
    def hint(self) -> str:
        """The words, as they are written in Python."""
        return f"Use {join_words([repr(word) for word in self.words], 'or')}."

    def check(self, value: object) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(value)
        return value


@dataclass(frozen=True, eq=False)
class WholeNumber(Values):
    """A whole number within bounds, or a word that stands in place of one.

    Examples
    --------
    >>> WholeNumber(2, 100, word="auto").hint
    "Use 'auto' or a whole number from 2 to 100."
    """

    least: int
    most: int | None = None
    word: str | None = None

    @property
    def python_type(self) -> type[Any]:
        """Text, where a word is possible."""
        return int if self.word is None else str

    @property
    def type_name(self) -> str:
        """A number, or the word."""
        return f'"{self.word}" or int' if self.word else "int"

    @property
    def hint(self) -> str:
        """The bounds."""
        word = f"{self.word!r} or " if self.word else ""
        most = f" to {self.most}" if self.most is not None else " on"
        return f"Use {word}a whole number from {self.least}{most}."

    def check(self, value: object) -> int | str:
        """The number as an ``int``."""
        if self.word is not None and value == self.word:
            return self.word
        given = _require_number(value)
        number = int(given)
        if number != given or number < self.least or (self.most is not None and number > self.most):
            raise ValueError(value)
        return number

    def parse(self, text: Any) -> Any:
        """A number where the text is one."""
        return _parse_number(text) if isinstance(text, str) else text


@dataclass(frozen=True, eq=False)
class Share(Values):
    """A share, from 0 to 1 unless one of the bounds is left out.

    Examples
    --------
    >>> Share(without=1).check(0.05)
    0.05
    """

    without: int | None = None
    example: str = "0.05 is 5%"
    python_type = float
    type_name = "float"

    @property
    def notation(self) -> str:
        """An example."""
        return self.example

    @property
    def hint(self) -> str:
        """The bounds, and an example."""
        return f"Use a share between 0 and 1: {self.example}."

    def check(self, value: object) -> float:
        """The share as a ``float``."""
        share = float(_require_number(value))
        if not 0 <= share <= 1 or share == self.without:
            raise ValueError(value)
        return share


class Components(Values):
    """Principal components: how many, or the share of the variance that they explain."""

    type_name = "int or float"
    notation = "how many (3), or the share of the variance that they explain (0.9)"
    hint = "Use a whole number of components (3), a share of the variance (0.9), or 'none'."

    def check(self, value: object) -> int | float | None:
        """A whole number is a count and a fraction a share; 1.0 could be either."""
        if value is None or value == "none":
            return None
        number = _require_number(value)
        if isinstance(number, Integral) and int(number) >= 1:
            return int(number)
        if not isinstance(number, Integral) and 0 < number < 1:
            return float(number)
        raise ValueError(value)

    def name(self, value: object) -> str:
        """The components in words."""
        return name_components(value)

    def parse(self, text: Any) -> Any:
        """A number where the text is one."""
        return _parse_number(text)


class Flag(Values):
    """Yes or no."""

    python_type = bool
    type_name = "bool"
    hint = "Use True or False."

    def check(self, value: object) -> bool:
        """The truth value."""
        if not isinstance(value, bool):
            raise ValueError(value)
        return value


class Text(Values):
    """A text, or ``None``."""

    hint = "Use a text."

    def check(self, value: object) -> str:
        """The text."""
        if not isinstance(value, str):
            raise ValueError(value)
        return value


class Day(Text):
    """A date, as ``YYYY-MM-DD``."""

    type_name = "str or date"
    notation = "YYYY-MM-DD"
    hint = "Use a date: '2024-12-31'."

    def check(self, value: object) -> str:
        """The date as a text."""
        if isinstance(value, date):
            return value.isoformat()[:10]
        return date.fromisoformat(super().check(value)).isoformat()


class Character(Text):
    r"""A single character; ``\t`` and ``tab`` are what people can type for a tab."""

    hint = "Use a single character."

    def check(self, value: object) -> str:
        """The character."""
        if len(super().check(value)) != 1:
            raise ValueError(value)
        return str(value)

    def parse(self, text: Any) -> Any:
        """The character, or the tab."""
        return "\t" if text in ("\\t", "tab") else text


class ColumnList(Values):
    """Names of columns; on a command line ``a,b,"c, with a comma"``."""

    type_name = "sequence of str"
    hint = 'Use a list of column names: ["age", "income"].'

    def check(self, value: object) -> tuple[str, ...]:
        """The names, in a tuple."""
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise ValueError(value)
        names = tuple(value)
        if not all(isinstance(name, str) for name in names):
            raise ValueError(value)
        return names

    def parse(self, text: Any) -> Any:
        """The names between the commas."""
        row = next(csv.reader([text], skipinitialspace=True), [])
        return [name.strip() for name in row if name.strip()]


@dataclass(frozen=True, eq=False)
class ColumnWords(Values):
    """Words for columns: a mapping, or texts such as ``column=word``; kept as these texts.

    Examples
    --------
    >>> ColumnWords(("money", "age")).check({"x": "money"})
    ('x=money',)
    """

    words: tuple[str, ...]
    python_type = list[str]
    type_name = "mapping of str to str"

    @property
    def notation(self) -> str:
        """How one of them is written, and the words."""
        return f"column=word, with {join_words(self.words, 'or')}"

    @property
    def hint(self) -> str:
        """An example, and the words."""
        example = f'{{"column": "{self.words[0]}"}}'
        return f"Use a mapping such as {example}, with {join_words(self.words, 'or')}."

    def check(self, value: object) -> tuple[str, ...]:
        """The texts, in a tuple."""
        if isinstance(value, Mapping):
            value = [f"{column}={word}" for column, word in value.items()]
        if isinstance(value, str | bytes) or not isinstance(value, Iterable):
            raise ValueError(value)
        texts = tuple(value)
        for text in texts:
            column, _, word = str(text).rpartition("=")
            if not column or word not in self.words:
                raise ValueError(value)
        return texts


@dataclass(frozen=True, eq=False)
class Option:
    """One choice, with all that a surface needs to offer it.

    Parameters
    ----------
    name : str
        The field, and the parameter of the library.
    values : Values
        What can be chosen.
    default : object
    help : str
        What is chosen, without a full stop at its end.
    group : str
        The heading under which it stands in a help text.
    label : str
        What a form calls it.
    details : str
        More for the reference page.
    unset : str
        What happens unless it is chosen, where the default does not say so.
    on_command_line, on_form : bool
        Whether it can be chosen there.
    suggestions : mapping
        Values that a form offers, by their names there.
    spelling : str
        The name on the command line, where it is another one.
    """

    name: str
    values: Values
    default: Any
    help: str
    group: str
    label: str
    details: str = ""
    unset: str = ""
    on_command_line: bool = True
    on_form: bool = True
    suggestions: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    spelling: str = ""

    @property
    def flag(self) -> str:
        """The name on the command line."""
        return f"--{self.spelling or self.name.replace('_', '-')}"

    @property
    def default_text(self) -> str:
        """What holds unless something is chosen, for a help text; empty where nothing does."""
        if self.unset or isinstance(self.default, bool | tuple | None):
            return self.unset
        number = f"{self.default:g}" if isinstance(self.default, float) else self.default
        return f"default: {number}"

    def check(self, value: object) -> Any:
        """The value as it is kept.

        Raises
        ------
        UsageError
            ``E_CHOICE`` if the option cannot have this value.
        """
        if value is None and self.default is None:
            return None
        try:
            return self.values.check(value)
        except UsageError:
            raise  # which says more
        except (ValueError, OverflowError):
            raise UsageError(
                "E_CHOICE",
                f"{shorten(value)} is not a valid value",
                place=f"{{{self.name}}}",
                way_out=self.values.hint,
                options=(self.name,),
            ) from None

    @property
    def type_text(self) -> str:
        """The type and whether it has to be given, for a docstring."""
        return f"{self.values.type_name}, optional"

    def describe(self) -> str:
        """What can be chosen, and the default, in a sentence for a help text."""
        notation = self.values.notation
        values = f" ({notation})" if isinstance(self.values, Share) else f": {notation}"
        default = f" [{self.default_text}]" if self.default_text else ""
        return f"{self.help}{values if notation else ''}.{default}"


def option(
    default: T,
    values: Values | None = None,
    *,
    help: str,
    label: str = "",
    group: str,
    **particulars: Any,
) -> T:
    """Declare a choice as a field of a dataclass; see :class:`Option` for the parameters.

    Without ``values`` they follow from the type of the field.
    """
    declared = {"values": values, "help": help, "label": label, "group": group, **particulars}
    declaration: T = field(default=default, metadata=declared)
    return declaration


class Choices:
    """What the frozen dataclasses of options share: they check what they are given."""

    def __post_init__(self) -> None:
        """Check every choice, and keep it in one form."""
        for declared in list_options(type(self)):
            value = declared.check(getattr(self, declared.name))
            object.__setattr__(self, declared.name, value)

    def to_dict(self, *, chosen_only: bool = False) -> dict[str, Any]:
        """The choices by name, as JSON and TOML can hold them.

        Parameters
        ----------
        chosen_only : bool
            Leave out what is as it is by default.
        """
        plain: dict[str, Any] = {}
        for declared in fields(self):  # type: ignore[arg-type]
            value = getattr(self, declared.name)
            if chosen_only and value == declared.default:
                continue
            if isinstance(value, Choices):
                value = value.to_dict(chosen_only=chosen_only)
            plain[declared.name] = list(value) if isinstance(value, tuple) else value
        return plain


def list_options(choices: type[Choices]) -> tuple[Option, ...]:
    """The options that a class declares, in the order of its fields."""
    declared_by: Any = choices
    return _read_declarations(declared_by)


@cache
def _read_declarations(choices: Any) -> tuple[Option, ...]:
    types = get_type_hints(choices)
    return tuple(
        Option(
            **{
                **declared.metadata,
                "name": declared.name,
                "default": declared.default,
                "values": declared.metadata["values"] or _infer_values(types[declared.name]),
            }
        )
        for declared in fields(choices)
        if "help" in declared.metadata
    )


def read_toml(path: Path, what: str, code: str) -> dict[str, Any]:
    """The content of a TOML file that an option names.

    Parameters
    ----------
    path : Path
    what : str
        What the file is, in words.
    code : str
        The code of the error if it cannot be read.

    Raises
    ------
    UsageError
        If the file cannot be opened, is not encoded as UTF-8, or is not TOML.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "recipe.toml"
    >>> _ = file.write_text("k = 5")
    >>> read_toml(file, "the recipe", "E_RECIPE")
    {'k': 5}
    """
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problem, way_out = f"cannot be opened: {error.strerror}", f"Check the path of {what}."
    except UnicodeDecodeError:
        problem, way_out = "is not encoded as UTF-8", "Save it as UTF-8 in a text editor."
    except tomllib.TOMLDecodeError as error:
        problem, way_out = f"is not valid TOML: {error}", "Correct the line named."
    raise UsageError(code, f"{what} {problem}", place=str(path), way_out=way_out)


def name_components(value: object) -> str:
    """Principal components in words.

    Examples
    --------
    >>> name_components(None), name_components(1)
    ('none', '1 component')
    """
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{format_percent(value)} of the variance"
    return format_count(int(str(value)), "component")


def format_parameters(options: Iterable[Option], indent: str = "    ") -> str:
    """The lines of a docstring that describe options, as numpydoc wants them."""
    lines = []
    for declared in options:
        lines.append(f"{declared.name} : {declared.type_text}")
        text = f"{declared.describe()} {declared.details}".strip()
        lines += wrap(text, 96, initial_indent="    ", subsequent_indent="    ")
    return f"\n{indent}".join(lines)


def _require_number(value: object) -> Any:
    """A number; True is one to Python, and hardly ever to a person."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(value)
    return value


def _infer_values(annotation: Any) -> Values:
    """The values that a type allows, where the type says enough."""
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is Literal:
        return OneOf(get_args(annotation))
    if get_origin(annotation) is not tuple and len(parts) == 1:
        return _infer_values(parts[0])
    return {bool: Flag(), str: Text()}.get(annotation) or ColumnList()


def _parse_number(text: str) -> str | int | float:
    """A number where the text is one: whole without a decimal point."""
    if text.isdecimal():
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text
