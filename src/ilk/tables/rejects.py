"""Rows that could not be read, with line, reason and raw text."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilk.errors import InputError, format_place


@dataclass(frozen=True)
class Reject:
    """One row that could not be read.

    ``line`` counts physical lines from 1, including the header; ``reason`` is a phrase; ``raw`` is
    the row as it is in the file.

    Examples
    --------
    >>> Reject(17, "3 fields instead of 5", "7,Ann,31").line
    17
    """

    line: int
    reason: str
    raw: str


@dataclass
class RejectLog:
    """Rejects of one pass over a file: keeps as many as are allowed, counts the rest.

    Examples
    --------
    >>> log = RejectLog(limit=1)
    >>> log.add(Reject(2, "1 field instead of 2", "7"))
    >>> log.is_exceeded
    False
    """

    limit: int
    count: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def add(self, reject: Reject) -> None:
        """Add a row; the first is always kept, so that an error can name it."""
        self.count += 1
        if self.count <= max(self.limit, 1):
            self.rejects.append(reject)

    @property
    def is_exceeded(self) -> bool:
        """Whether there are more bad rows than allowed."""
        return self.count > self.limit

    def check(self, place: str) -> None:
        """Refuse the file if it has more bad rows than allowed.

        Raises
        ------
        InputError
            ``E_BAD_ROWS``, with the number of bad rows, and line and reason of the first.
        """
        if not self.is_exceeded:
            return
        first = self.rejects[0]
        rows = "1 row cannot" if self.count == 1 else f"{self.count:,} rows cannot"
        lead = "it has" if self.count == 1 else "the first has"
        raise InputError(
            "E_BAD_ROWS",
            f"{rows} be read ({self.limit:,} allowed); {lead} {first.reason}",
            place=format_place(place, line=first.line),
            way_out="Correct the file, or use {max_bad_rows} to skip these rows; they are then "
            "listed in rejects.csv.",
            options={"max_bad_rows": self.count},
        )
