"""Everything ilk can refuse, and how.

    IlkError                    code, what was found, place, way out
    ├── UsageError              exit 2   the command or the call is wrong
    ├── InputError              exit 3   the data cannot be used as it is
    ├── GateError               exit 4   a quality gate that the caller set said no
    ├── ModelFileError          exit 5   a model file is not ours, damaged, or of another protocol
    └── OutputError             exit 6   a result could not be written

A :class:`Notice` is the milder sibling: something the user should know while the work goes on.

An error names an option by its field, in braces, and each surface spells it its own way:
``{k_max}`` is ``k_max=`` in Python, ``--k-max`` on the command line and "Largest number of segments
tried" in the app.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ilk.formatting.text import format_literal

Spelling = Callable[[str, object], str]
"""How a surface spells an option: from its field, and the value suggested or ``None``."""


class IlkError(Exception):
    """A refusal that says what was found, where, and the way out.

    Parameters
    ----------
    code : str
        Stable identifier for scripts, such as ``"E_INPUT_OPEN"``.
    message : str
        What was found, with the offending value shortened.
    place : str, optional
        File, line or column; see :func:`format_place`.
    way_out : str, optional
        What the user can do now.
    options : collection of str, or mapping of str to object
        Fields of the options that the texts name in braces; a mapping suggests values for them.

    Examples
    --------
    >>> print(InputError("E_NO_ROWS", "no data rows", place="a.csv", way_out="Add customers."))
    no data rows (a.csv). Add customers. [E_NO_ROWS]
    >>> error = InputError("E_X", "odd", way_out="Use {missing}.", options={"missing": "median"})
    >>> print(error)
    odd. Use missing="median". [E_X]
    >>> error.render(lambda field, value: f"--{field} {value}")
    'odd. Use --missing median. [E_X]'
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        place: str | None = None,
        way_out: str | None = None,
        options: Collection[str] | Mapping[str, object] = (),
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self._message = message
        self._place = place
        self._way_out = way_out
        self._options = _suggest_values(options)

    @property
    def message(self) -> str:
        """What was found."""
        return self._spell(self._message, spell_parameter)

    @property
    def place(self) -> str | None:
        """Where it was found."""
        return self._place and self._spell(self._place, spell_parameter)

    @property
    def way_out(self) -> str | None:
        """What the user can do now."""
        return self._way_out and self._spell(self._way_out, spell_parameter)

    @property
    def options(self) -> tuple[str, ...]:
        """Fields of the options that the texts name."""
        return tuple(self._options)

    def rename_place(self, old: str, new: str) -> None:
        """Call a place by the name by which the user knows it."""
        if self._place is not None:
            self._place = self._place.replace(old, new)

    def render(self, spell: Spelling) -> str:
        """The whole error, with its options as a surface spells them."""
        where = f" ({self._place})" if self._place else ""
        way_out = f" {self._way_out}" if self._way_out else ""
        return self._spell(f"{self._message}{where}.{way_out} [{self.code}]", spell)

    def __str__(self) -> str:
        return self.render(spell_parameter)

    def _spell(self, text: str, spell: Spelling) -> str:
        return _spell_options(text, self._options, spell)


def _suggest_values(options: Collection[str] | Mapping[str, object]) -> dict[str, object]:
    """Options with the values suggested for them, ``None`` without one."""
    return dict(options if isinstance(options, Mapping) else dict.fromkeys(options))


def _spell_options(text: str, options: Mapping[str, object], spell: Spelling) -> str:
    for field, value in options.items():
        text = text.replace(f"{{{field}}}", spell(field, value))
    return text


class UsageError(IlkError, ValueError):
    """The command or the call asks for something that does not exist or contradicts itself."""

    exit_code = 2


class InputError(IlkError, ValueError):
    """The data cannot be used as it is."""

    exit_code = 3


class GateError(IlkError):
    """A quality gate that the caller set was not met."""

    exit_code = 4


class ModelFileError(IlkError, ValueError):
    """A model file is not ours, damaged, or written by another protocol."""

    exit_code = 5


class OutputError(IlkError, OSError):
    """A result could not be written; unless it says otherwise, what stood there is untouched."""

    exit_code = 6


class NoticeWarning(UserWarning):
    """A :class:`Notice` about new customers, given as a warning of Python.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", NoticeWarning)  # where they are expected
    """


@dataclass(frozen=True)
class Notice:
    """Something the user should know while the work goes on.

    Parameters
    ----------
    code : str
        Stable identifier for scripts.
    text : str
        What was found; it names options in braces, as the texts of :class:`IlkError` do.
    column : str, optional
        The column it is about.
    options : collection of str, or mapping of str to object
        Fields of the options that the text names; a mapping suggests values for them.

    Examples
    --------
    >>> notice = Notice("W_CODE", "looks like a code; use {numeric}", "zip", {"numeric": ["zip"]})
    >>> notice.message
    'looks like a code; use numeric=["zip"]'
    """

    code: str
    text: str
    column: str | None = None
    options: Collection[str] | Mapping[str, object] = ()

    @property
    def message(self) -> str:
        """The text, with its options as parameters in Python."""
        return self.render(spell_parameter)

    @property
    def suggestions(self) -> dict[str, object]:
        """The options that the text names, by field, with the values suggested, or ``None``.

        Examples
        --------
        >>> Notice("W_CODE", "a code; use {numeric} or {k}", options=("numeric", "k")).suggestions
        {'numeric': None, 'k': None}
        """
        return _suggest_values(self.options)

    def render(self, spell: Spelling) -> str:
        """The text, with its options as a surface spells them."""
        return _spell_options(self.text, self.suggestions, spell)


def spell_parameter(field: str, value: object = None) -> str:
    """An option as a parameter in Python.

    Examples
    --------
    >>> spell_parameter("k_max"), spell_parameter("missing", "median")
    ('k_max=', 'missing="median"')
    """
    return f"{field}={'' if value is None else format_literal(value)}"


def format_place(
    file: object = None,
    *,
    line: int | None = None,
    column: str | None = None,
    row: int | None = None,
) -> str:
    """Where something is, from the file inwards.

    Examples
    --------
    >>> format_place("a.csv", line=3), format_place(column="Age", row=1204)
    ('a.csv, line 3', "column 'Age', row 1,204")
    """
    parts = (
        None if file is None else str(file),
        None if line is None else f"line {line}",
        None if column is None else f"column '{column}'",
        None if row is None else f"row {row:,}",
    )
    return ", ".join(part for part in parts if part is not None)


def shorten(value: object, limit: int = 40) -> str:
    """Quote a value for a message without spilling all of it.

    Examples
    --------
    >>> shorten("a very long cell that somebody typed by accident", 20)
    "'a very long cell tha…'"
    """
    text = str(value)
    return repr(text if len(text) <= limit else text[:limit] + "…")


def suggest_name(name: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known name, or the known names when none is near.

    Examples
    --------
    >>> suggest_name("Incme", ["Income", "Age"])
    "Did you mean 'Income'?"
    >>> suggest_name("zzz", ["Income", "Age"])
    "There are 'Income', 'Age'."
    """
    names = list(known)
    folded = {other.casefold(): other for other in names}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    if near:
        return f"Did you mean '{folded[near[0]]}'?"
    shown = ", ".join(f"'{other}'" for other in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"There {'is only' if len(names) == 1 else 'are'} {shown}{more}."


def describe_bug(error: Exception) -> str:
    """One line on what went wrong and where, instead of a traceback."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"ilk: this is a bug in ilk, not in your data: {type(error).__name__}: {error} "
        f"({Path(place.filename).name}, line {place.lineno}). "
        "Please report it with the command you ran."
    )
