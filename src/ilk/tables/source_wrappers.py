"""Wrapped sources: all of another source but what they say themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ilk.errors import Notice
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject
from ilk.tables.source import Source, estimate_rows
from ilk.tables.targets import list_input_files


class SourceWrapper:
    """Another source; those that differ from it in something derive from this one."""

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
        """Rows left out as asked."""
        return self._source.n_excluded

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files behind the source."""
        return list_input_files(self._source)

    def estimate_rows(self) -> int | None:
        """How many rows the source expects."""
        return estimate_rows(self._source)

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of the source."""
        yield from self._source.iter_frames()

    def fingerprint(self) -> str:
        """SHA-256 of the content as it lies there."""
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
