"""Everything ilk can refuse, and how.

    IlkError                    code, what was found, place, way out
    ├── UsageError              exit 2   the command or the call is wrong
    ├── InputError              exit 3   the data cannot be used as it is
    ├── GateError               exit 4   a quality gate that the caller set said no
    ├── ModelFileError          exit 5   a model file is not ours, damaged, or of another protocol
    └── OutputError             exit 6   a result could not be written

A :class:`Notice` is the milder sibling: something the user should know while the work goes on.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class IlkError(Exception):
    """A refusal that says what was found, where, and the way out.

    Parameters
    ----------
    code : str
        Stable identifier for scripts, such as ``"E_INPUT_OPEN"``.
    message : str
        What was found, with the offending value shortened.
    place : str, optional
        File, line or column.
    way_out : str, optional
        What the user can do now.

    Examples
    --------
    >>> print(InputError("E_NO_ROWS", "no data rows", place="a.csv", way_out="Add customers."))
    no data rows (a.csv). Add customers. [E_NO_ROWS]
    """

    exit_code = 1

    def __init__(
        self, code: str, message: str, *, place: str | None = None, way_out: str | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.place = place
        self.way_out = way_out

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        way_out = f" {self.way_out}" if self.way_out else ""
        return f"{self.message}{where}.{way_out} [{self.code}]"


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


@dataclass(frozen=True)
class Notice:
    """Something the user should know while the work goes on.

    Examples
    --------
    >>> Notice("W_EMPTY_COLUMN", "dropped: it holds no value", column="fax").code
    'W_EMPTY_COLUMN'
    """

    code: str
    message: str
    column: str | None = None


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
    return f"There are {shown}{more}."


def describe_bug(error: Exception) -> str:
    """One line on what went wrong and where, instead of a traceback."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"ilk: this is a bug in ilk, not in your data: {type(error).__name__}: {error} "
        f"({Path(place.filename).name}, line {place.lineno}). "
        "Please report it with the command you ran."
    )
