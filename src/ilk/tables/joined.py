"""Several files as one table, one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

import polars as pl

from ilk.errors import InputError, Notice
from ilk.formatting.text import join_words
from ilk.tables.base import FilteredSource, RowFilter, Source
from ilk.tables.number_format import NumberFormat
from ilk.tables.rejects import Reject


def is_path_list(source: object) -> TypeGuard[Sequence[str | Path]]:
    """Whether something is a list of paths.

    Examples
    --------
    >>> is_path_list(["may.csv", Path("june.csv")]), is_path_list([{"id": 1}]), is_path_list("x")
    (True, False, False)
    """
    return (
        isinstance(source, list | tuple)
        and len(source) > 0
        and all(isinstance(path, str | Path) for path in source)
    )


def join_sources(sources: Sequence[Source]) -> Source:
    """One table of the rows of several, in their order.

    Raises
    ------
    InputError
        ``E_PARTS_DIFFER`` if they do not have the same columns and types, or write their numbers
        differently.

    Examples
    --------
    >>> from ilk.tables.frames import open_frame
    >>> may, june = (open_frame(pl.DataFrame({"id": [one]}), name=one) for one in ("may", "june"))
    >>> joined = join_sources([may, june])
    >>> joined.name, pl.concat(joined.iter_frames())["id"].to_list()
    ('may and june', ['may', 'june'])
    """
    first = sources[0]
    for other in sources[1:]:
        _check_same_columns(first, other)
    return first if len(sources) == 1 else JoinedSource(sources)


class JoinedSource:
    """The rows of several sources with the same columns."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    @property
    def name(self) -> str:
        """Names of the sources."""
        return join_words([source.name for source in self._sources])

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns of the first source."""
        return self._sources[0].schema

    @property
    def number_format(self) -> NumberFormat:
        """How numbers are written."""
        return self._sources[0].number_format

    @property
    def read_details(self) -> dict[str, str]:
        """How the first source was read, and how many there are."""
        return {**self._sources[0].read_details, "files": f"{len(self._sources):,}, in this order"}

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices of the sources, each once."""
        notices = [notice for source in self._sources for notice in source.notices]
        return tuple(one for i, one in enumerate(notices) if one not in notices[:i])

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read."""
        return tuple(reject for source in self._sources for reject in source.rejects)

    @property
    def n_excluded(self) -> int:
        """Rows left out on request."""
        return sum(source.n_excluded for source in self._sources)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files behind the sources."""
        return tuple(path for source in self._sources for path in source.paths)

    def estimate_rows(self) -> int | None:
        """How many rows the sources expect, if all of them know."""
        rows = [source.estimate_rows() for source in self._sources]
        known = [count for count in rows if count is not None]
        return sum(known) if len(known) == len(rows) else None

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of one source after the other."""
        names = list(self.schema)
        for source in self._sources:
            for frame in source.iter_frames():
                yield frame.select(names)

    def filter_rows(self, row_filter: RowFilter) -> Source:
        """The same rows without those that the filter drops."""
        return FilteredSource(self, row_filter)

    def fingerprint(self) -> str:
        """SHA-256 of those of the sources."""
        prints = "\n".join(source.fingerprint() for source in self._sources)
        return hashlib.sha256(prints.encode()).hexdigest()


def _check_same_columns(first: Source, other: Source) -> None:
    ours, theirs = first.schema, other.schema
    if differing := [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]:
        name = differing[0]
        difference = f"it is {theirs.get(name, 'missing')} here and {ours.get(name, 'missing')}"
    elif first.number_format != other.number_format:
        name, difference = "", "numbers are not written as"
    else:
        return
    column = f"column '{name}': " if name else ""
    raise InputError(
        "E_PARTS_DIFFER",
        f"the files are not parts of one table: {column}{difference} in {first.name}",
        place=other.name,
        way_out="Save that file again with the columns and types of the others, or leave it out.",
    )
