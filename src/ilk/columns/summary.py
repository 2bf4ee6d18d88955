"""Survey: one pass over a table, as counters that add up and a sample of its rows.

Everything counted here is exact and mergeable: the surveys of the parts of a table, merged in any
order, equal the survey of the whole. What cannot be merged exactly is computed from the sample.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from ilk.columns.stats import Tally, merge_tallies, tallies
from ilk.columns.vocabulary import names_id
from ilk.progress import Advance
from ilk.tables.map_frames import mapped
from ilk.tables.number_format import Numerals
from ilk.tables.sample import Sample

if TYPE_CHECKING:
    from ilk.tables.source import Source


_MAX_PARTS = 32
"""Parts held at most before they are merged: each has the hashes of its ids."""


@dataclass(frozen=True)
class Survey:
    """Counters per column, in the order read, and a sample of the rows.

    Examples
    --------
    >>> part = survey_frame(pl.DataFrame({"age": ["31", "n/a"]}), Numerals())
    >>> part.merge(survey_frame(pl.DataFrame({"age": ["44"]}), Numerals(), first_row=3)).rows
    3
    """

    tallies: dict[str, Tally]
    chosen: Sample
    numerals: Numerals

    @property
    def rows(self) -> int:
        """Rows read."""
        return self.chosen.total

    @property
    def sample(self) -> pl.DataFrame:
        """Rows as they were read: all of them when they fit, else those chosen by their hash."""
        return self.chosen.table

    @property
    def complete(self) -> bool:
        """Whether the sample holds every row."""
        return self.chosen.complete

    def merge(self, *others: Survey) -> Survey:
        """The survey of the table that has the rows of all of these.

        Parameters
        ----------
        *others : Survey
            Surveys of further parts of the same table, each made with the number of its first row.
        """
        parts = (self, *others)
        merged = {
            name: merge_tallies([part.tallies[name] for part in parts]) for name in self.tallies
        }
        return Survey(merged, self.chosen.merge(*(part.chosen for part in others)), self.numerals)


def survey(
    source: Source,
    *,
    sample_size: int = 200_000,
    id_columns: Iterable[str] = (),
    advance: Advance = lambda rows: None,
) -> Survey:
    """Survey a source in one pass.

    Parameters
    ----------
    source : Source
        What to read.
    sample_size : int
        Rows to keep; a table of at most this many rows is kept whole.
    id_columns : iterable of str
        Columns whose values are to be counted exactly whatever their name, such as ``Recipe.id``.
    advance : callable, optional
        Told how many rows were read since it was told last.

    Returns
    -------
    Survey

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> seen = survey(open_source(pl.DataFrame({"age": [31, 44], "city": ["Rome", "Oslo"]})))
    >>> seen.rows, seen.tallies["age"].high
    (2, 44.0)
    """
    parts: list[Survey] = []
    look = _FrameSummarizer(source.numerals, sample_size, frozenset(id_columns))
    for part in mapped(source, look, Survey.merge):
        parts.append(part)
        advance(part.rows)
        # Few enough to stay in memory, rarely enough to cost nothing.
        held = sum(each.chosen.rows.height for each in parts)
        if held > 4 * sample_size or len(parts) > _MAX_PARTS:
            parts = [parts[0].merge(*parts[1:])]
            look.bound = parts[0].chosen.bound
    if not parts:
        return survey_frame(
            pl.DataFrame(schema=source.schema), source.numerals, sample_size=sample_size
        )
    return parts[0].merge(*parts[1:]) if len(parts) > 1 else parts[0]


@dataclass
class _FrameSummarizer:
    """The survey of one frame after another, which learns what need not be counted again."""

    numerals: Numerals
    sample: int
    ids: frozenset[str]
    crowded: frozenset[str] = frozenset()
    few: frozenset[str] = frozenset()
    bound: int | None = None

    def __call__(self, frame: pl.DataFrame, first_row: int) -> Survey:
        part = survey_frame(
            frame,
            self.numerals,
            sample_size=self.sample,
            first_row=first_row,
            id_columns=self.ids,
            high_cardinality=self.crowded,
            low_cardinality=self.few,
            max_hash=self.bound,
        )
        known = {name for name, tally in part.tallies.items() if tally.levels is not None}
        self.crowded, self.few = self.crowded | part.tallies.keys() - known, frozenset(known)
        return part


def survey_frame(
    frame: pl.DataFrame,
    number_format: Numerals,
    *,
    sample_size: int = 200_000,
    first_row: int = 1,
    id_columns: frozenset[str] = frozenset(),
    high_cardinality: frozenset[str] = frozenset(),
    low_cardinality: frozenset[str] = frozenset(),
    max_hash: int | None = None,
) -> Survey:
    """Survey one part of a table.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows of the part.
    number_format : Numerals
        How text columns write their numbers.
    sample_size : int
        Rows to keep.
    first_row : int
        Number of the part's first row in the table, counting from 1.
    id_columns : frozenset of str
        Columns whose values are to be counted exactly whatever their name.
    high_cardinality : frozenset of str
        Columns known to have more than ``MAX_LEVELS`` values: theirs are not counted again.
    low_cardinality : frozenset of str
        Columns likely to have no more, which spares a look at first.
    max_hash : int, optional
        A hash beyond which no row can be in the sample of the whole table.

    Examples
    --------
    >>> survey_frame(pl.DataFrame({"age": ["31", "n/a"]}), Numerals()).tallies["age"].missing
    1
    """
    possible_ids = id_columns | {name for name in frame.columns if names_id(name)}
    return Survey(
        tallies(
            frame,
            number_format,
            first_row=first_row,
            id_columns=possible_ids,
            high_cardinality=high_cardinality,
            low_cardinality=low_cardinality,
        ),
        Sample.of(frame, max_rows=sample_size, first_row=first_row, max_hash=max_hash),
        number_format,
    )
