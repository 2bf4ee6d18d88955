"""Source: what every table of customers can do, and sources made from another source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import polars as pl

from ilk.errors import InputError, Notice
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject

_NUMBER_NOTICES = frozenset({"W_ASSUMED_NUMERALS", "W_MIXED_DECIMALS"})


class RowFilter(Protocol):
    """Decides which rows of a table are used."""

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that are used."""

    def redact(self, reject: Reject) -> Reject:
        """An unreadable row, without its text if it may be one that is left out."""


class Source(Protocol):
    """A table of customers that can be read again and again with the same result.

    Text files yield text only; other sources keep the types they have. Every row of the table is
    in one of the frames, among the rejects, or left out on request.
    """

    @property
    def name(self) -> str:
        """Name for messages."""

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns in the order read, with their types."""

    @property
    def number_format(self) -> NumberFormat:
        """How numbers are written where they are text."""

    @property
    def read_details(self) -> dict[str, str]:
        """How the table was read (encoding, delimiter and so on), in words, with reasons."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the user should know."""

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read."""

    @property
    def n_excluded(self) -> int:
        """Rows left out on request, complete after a pass over the table."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files behind the table; none for a table in memory."""

    def estimate_rows(self) -> int | None:
        """How many rows there are, roughly, if that is known before they are read."""

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, in frames of at most 100,000."""

    def filter_rows(self, row_filter: RowFilter) -> Source:
        """The same table with only the rows that the filter keeps.

        Raises
        ------
        InputError
            ``E_NO_ROWS`` if it keeps none: here, or when the rows are read.
        """

    def fingerprint(self) -> str:
        """SHA-256 of the content."""


class SourceWrapper:
    """Another source under the same interface; subclasses change a part of it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """Name of the source."""
        return self._source.name

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns of the source."""
        return self._source.schema

    @property
    def number_format(self) -> NumberFormat:
        """How numbers are written."""
        return self._source.number_format

    @property
    def read_details(self) -> dict[str, str]:
        """How the source was read."""
        return self._source.read_details

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices of the source."""
        return self._source.notices

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read."""
        return self._source.rejects

    @property
    def n_excluded(self) -> int:
        """Rows left out on request."""
        return self._source.n_excluded

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files behind the source."""
        return self._source.paths

    def estimate_rows(self) -> int | None:
        """How many rows the source expects."""
        return self._source.estimate_rows()

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of the source."""
        yield from self._source.iter_frames()

    def filter_rows(self, row_filter: RowFilter) -> Source:
        """The same rows without those that the filter drops."""
        return FilteredSource(self, row_filter)

    def fingerprint(self) -> str:
        """SHA-256 of the content of the source."""
        return self._source.fingerprint()


class NamedSource(SourceWrapper):
    """A source under the name by which its user knows it.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> NamedSource(open_source(pl.DataFrame({"age": [31]})), "customers.csv").name
    'customers.csv'
    """

    def __init__(self, source: Source, name: str) -> None:
        super().__init__(source)
        self._name = name

    @property
    def name(self) -> str:
        """The name given."""
        return self._name


class ReformattedSource(SourceWrapper):
    """A source whose numbers turned out to be written otherwise than its first rows show.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"spend": ["12,5"]}))
    >>> ReformattedSource(source, NumberFormat(","), {}, ()).number_format.decimal
    ','
    """

    def __init__(
        self,
        source: Source,
        number_format: NumberFormat,
        read_details: dict[str, str],
        notices: tuple[Notice, ...],
    ) -> None:
        super().__init__(source)
        self._number_format = number_format
        self._read_details = read_details
        self._notices = notices

    @property
    def number_format(self) -> NumberFormat:
        """How numbers are written."""
        return self._number_format

    @property
    def read_details(self) -> dict[str, str]:
        """How the source was read, with the reasons for the number format."""
        return self._source.read_details | self._read_details

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices of the source, and those about its numbers instead of earlier ones."""
        kept = (notice for notice in self._source.notices if notice.code not in _NUMBER_NOTICES)
        return (*kept, *self._notices)


class NotedSource(SourceWrapper):
    """A source about which there is more to know.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"age": [31]}))
    >>> [notice.code for notice in NotedSource(source, (Notice("W_TOTALS", "a row"),)).notices]
    ['W_TOTALS']
    """

    def __init__(self, source: Source, notices: tuple[Notice, ...]) -> None:
        super().__init__(source)
        self._notices = notices

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices of the source, and these."""
        return (*self._source.notices, *self._notices)


class FilteredSource(SourceWrapper):
    """A source without the rows that a filter drops."""

    def __init__(self, source: Source, row_filter: RowFilter) -> None:
        super().__init__(source)
        self._row_filter = row_filter
        self._n_dropped = 0

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read, without the text of those that may be left out."""
        return tuple(map(self._row_filter.redact, self._source.rejects))

    @property
    def n_excluded(self) -> int:
        """Rows left out by the latest pass, complete when the pass is."""
        return self._n_dropped + self._source.n_excluded

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows kept, in order."""
        self._n_dropped, has_rows = 0, False
        for frame in self._source.iter_frames():
            kept = self._row_filter.keep(frame)
            self._n_dropped += frame.height - kept.height
            if not kept.is_empty():
                has_rows = True
                yield kept
        if not has_rows:
            raise build_all_excluded_error(self.name)


def build_all_excluded_error(name: str) -> InputError:
    """The error for a table of which no row is left.

    Examples
    --------
    >>> build_all_excluded_error("customers.csv").code
    'E_NO_ROWS'
    """
    return InputError(
        "E_NO_ROWS",
        "every row belongs to a customer who is to be excluded",
        place=name,
        way_out="Check the list of excluded ids and the id column.",
    )
