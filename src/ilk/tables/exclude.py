"""Exclusion: customers who must not come out of a source, by their ids."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ilk.errors import InputError, shorten, suggest_name
from ilk.tables.encoding import build_encoding_error, detect_encoding, read_utf8_chunks
from ilk.tables.number_format import cast_to_text
from ilk.tables.rejects import Reject
from ilk.tables.source import Source
from ilk.tables.source_wrappers import SourceWrapper
from ilk.tables.spark.source import SparkSource
from ilk.tables.text.dialect import detect_dialect

_TOKEN = re.compile(r"[^,;\t|\"\s]+")


class ExcludingSource(SourceWrapper):
    """A source without the rows of certain ids; everything else is that of the source within.

    Ids are compared as text without spaces around them, a whole number without decimals. A row
    that could not be read and holds one of the ids stays counted, its text is withheld.
    """

    def __init__(self, source: Source, id_column: str, ids: Collection[str]) -> None:
        if id_column not in source.schema:
            raise InputError(
                "E_UNKNOWN_COLUMN",
                f"there is no column {shorten(id_column)} to find the excluded ids in",
                place=source.name,
                way_out=suggest_name(id_column, source.schema),
            )
        super().__init__(source)
        self._ids = frozenset(identifier.strip() for identifier in ids)
        self._row_filter = _RowFilter(id_column, source.schema[id_column], self._ids)
        self._n_left_out = 0

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Rows that could not be read, without the text of those that may be excluded ones."""
        return tuple(map(self._redact_reject, self._source.rejects))

    @property
    def n_excluded(self) -> int:
        """Rows left out by the latest pass, complete when the pass is."""
        return self._n_left_out + self._source.n_excluded

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows that are not excluded, in order."""
        self._n_left_out, yielded = 0, False
        for frame in self._source.iter_frames():
            kept = self._row_filter(frame)
            self._n_left_out += frame.height - kept.height
            if not kept.is_empty():
                yielded = True
                yield kept
        if not yielded:
            raise _build_nobody_left_error(self.name)

    def exclude_on_spark(self, source: SparkSource) -> SparkSource:
        """The same on Spark, whose rows stay on its executors."""
        kept = source.filter_rows(self._row_filter)
        if not kept.n_rows:
            raise _build_nobody_left_error(self.name)
        return kept

    def _redact_reject(self, reject: Reject) -> Reject:
        if self._ids.isdisjoint(_TOKEN.findall(reject.raw)) and reject.raw.strip() not in self._ids:
            return reject
        return replace(reject, raw="withheld: it holds an id that is to be excluded")


@dataclass(frozen=True)
class _RowFilter:
    """Keeps the rows of a frame whose id is not listed."""

    id_column: str
    dtype: pl.DataType
    ids: frozenset[str]

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        listed = cast_to_text(self.id_column, self.dtype).is_in(sorted(self.ids))
        return frame.filter(~listed.fill_null(False))


def exclude_ids(source: Source, id_column: str, ids: Collection[str]) -> Source:
    """Source without the rows whose id is among ``ids``.

    Raises
    ------
    InputError
        ``E_UNKNOWN_COLUMN`` when the source has no such column.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"id": ["007", "008"], "spend": [1.5, 2.0]}))
    >>> kept = exclude_ids(source, "id", {"007"})
    >>> [frame["id"].to_list() for frame in kept.iter_frames()], kept.n_excluded
    ([['008']], 1)
    """
    left = ExcludingSource(source, id_column, ids)
    return left.exclude_on_spark(source) if isinstance(source, SparkSource) else left


def _build_nobody_left_error(name: str) -> InputError:
    return InputError(
        "E_NO_ROWS",
        "every row belongs to a customer who is to be excluded",
        place=name,
        way_out="Check the list of excluded ids and the id column.",
    )


def read_ids(path: Path, id_column: str | None = None) -> frozenset[str]:
    r"""Ids from a file: one a line, or the id column of a CSV file.

    Parameters
    ----------
    path : Path
        Text in any encoding that is detected; blank lines do not count.
    id_column : str, optional
        Name of the id column; without a header that holds it, the first cell of every line is
        taken.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN``, ``E_ENCODING``. A file without ids is none: it excludes nobody.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ids.csv"
    ...     _ = path.write_text("id,since\n007,2024\n")
    ...     read_ids(path, "id")
    frozenset({'007'})
    """
    encoding = detect_encoding(path)
    try:
        text = b"".join(read_utf8_chunks(path, encoding)).decode()
    except UnicodeDecodeError as error:
        raise build_encoding_error(f"{path}, byte {error.start:,}", encoding.name) from error
    dialect = detect_dialect(text, is_whole_file=True)
    reader = csv.reader(text.splitlines(), delimiter=dialect.delimiter, quotechar=dialect.quote)
    rows = [[cell.strip() for cell in row] for row in reader if row]
    if rows and id_column in rows[0]:
        place = rows[0].index(id_column)
        return frozenset(row[place] for row in rows[1:] if len(row) > place) - {""}
    # The whole line too: an id may hold the sign that was taken for a delimiter.
    lines = {line.strip() for line in text.splitlines()}
    return frozenset({row[0] for row in rows} | lines) - {""}
