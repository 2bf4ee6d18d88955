"""Excluding customers from a table by their ids."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ilk.errors import InputError, shorten, suggest_name
from ilk.tables.base import Source
from ilk.tables.encoding import build_encoding_error, detect_encoding, read_utf8_chunks
from ilk.tables.number_format import cast_to_text
from ilk.tables.rejects import Reject
from ilk.tables.text.dialect import detect_dialect

_TOKEN = re.compile(r"[^,;\t|\"\s]+")


@dataclass(frozen=True)
class IdFilter:
    """Keeps the rows whose id is not listed; see :class:`ilk.tables.base.RowFilter`.

    Ids are compared as text without spaces around them, a whole number without decimals.
    """

    id_column: str
    dtype: pl.DataType
    ids: frozenset[str]

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of customers who are not listed."""
        is_listed = cast_to_text(self.id_column, self.dtype).is_in(sorted(self.ids))
        return frame.filter(~is_listed.fill_null(False))

    def redact(self, reject: Reject) -> Reject:
        """An unreadable row; its text is withheld if it holds one of the ids."""
        if self.ids.isdisjoint(_TOKEN.findall(reject.raw)) and reject.raw.strip() not in self.ids:
            return reject
        return replace(reject, raw="withheld: it holds an id that is to be excluded")


def exclude_ids(source: Source, id_column: str, ids: Collection[str]) -> Source:
    """A source without the rows whose id is among ``ids``.

    Raises
    ------
    InputError
        ``E_UNKNOWN_COLUMN`` if the source has no such column; ``E_NO_ROWS``, at the latest when
        the rows are read, if nobody is left.

    Examples
    --------
    >>> from ilk.tables.source import open_source
    >>> source = open_source(pl.DataFrame({"id": ["007", "008"], "spend": [1.5, 2.0]}))
    >>> kept = exclude_ids(source, "id", {"007"})
    >>> [frame["id"].to_list() for frame in kept.iter_frames()], kept.n_excluded
    ([['008']], 1)
    """
    if id_column not in source.schema:
        raise InputError(
            "E_UNKNOWN_COLUMN",
            f"there is no column {shorten(id_column)} to find the excluded ids in",
            place=source.name,
            way_out=suggest_name(id_column, source.schema),
        )
    stripped = frozenset(identifier.strip() for identifier in ids)
    return source.filter_rows(IdFilter(id_column, source.schema[id_column], stripped))


def read_ids(path: Path, id_column: str | None = None) -> frozenset[str]:
    r"""Read ids from a file: one on each line, or the id column of a CSV file.

    Parameters
    ----------
    path : Path
        Text in any encoding that can be detected; blank lines are skipped.
    id_column : str, optional
        Name of the id column. If the file has no header with that name, the first cell of every
        line is an id.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN``, ``E_ENCODING``. A file without ids is no error: it excludes nobody.

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
    # The whole line too: an id may contain the character that was detected as the delimiter.
    lines = {line.strip() for line in text.splitlines()}
    return frozenset({row[0] for row in rows} | lines) - {""}
