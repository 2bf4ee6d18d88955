"""Sample: rows of a table chosen by the content of the rows alone.

A sample of at most ``limit`` rows must not depend on how a table is cut into batches, on the order
of its rows or of its columns, or on the version of a library. So rows are ranked by a 64-bit hash
that is written out here in full: FNV-1a over the first 64 words of eight bytes, started with
BLAKE2b where a row is longer, finished by MurmurHash3's mixer. The rows with the smallest hashes
are kept. Copies of a row share a hash; they are kept once, with their number, or else a table of
few distinct rows would yield a sample of even fewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_WORD = 8
_HEAD = 512
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_MIXERS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)


@dataclass(frozen=True, eq=False)
class Sample:
    """At most ``limit`` distinct rows out of ``total``, and how many copies of each were met.

    While ``total`` is at most ``limit`` every row is kept and ``keys`` are the row numbers; beyond
    that the sample is ``hashed``: ``keys`` are the hashes of the rows kept. ``rows`` stand in
    ascending order of their keys.

    Examples
    --------
    >>> whole = Sample.of(pl.DataFrame({"x": [3, 1, 2]}), limit=10)
    >>> whole.table["x"].to_list()
    [3, 1, 2]
    """

    rows: pl.DataFrame
    keys: Hashes
    copies: NDArray[np.int64]
    total: int
    limit: int
    hashed: bool

    @classmethod
    def of(
        cls, frame: pl.DataFrame, *, limit: int, first_row: int = 1, bound: int | None = None
    ) -> Sample:
        """The sample of one frame, whose first row has the number ``first_row``.

        Rows whose hash exceeds ``bound`` are left out: the whole table has enough others.
        """
        ones = np.ones(frame.height, np.int64)
        if first_row + frame.height - 1 <= limit:
            numbers = np.arange(first_row, first_row + frame.height, dtype=np.uint64)
            return cls(frame, numbers, ones, frame.height, limit, hashed=False)
        found = cls(frame, hash_rows(frame), ones, frame.height, limit, hashed=True)
        return _distinct([found if bound is None else found.within(bound)])

    @property
    def complete(self) -> bool:
        """Whether every row of the table is in the sample."""
        return not self.hashed

    @property
    def bound(self) -> int | None:
        """A hash beyond which no row of the whole table can be kept; none is known at first."""
        full = self.hashed and len(self.keys) >= self.limit
        return int(self.keys[-1]) if full else None

    @cached_property
    def table(self) -> pl.DataFrame:
        """The sample as rows: in the order read when complete, in the order of hashes if not.

        Where copies make it longer than ``limit``, every n-th row is taken.
        """
        if self.complete:
            return self.rows
        ends = np.cumsum(self.copies)
        size = min(int(ends[-1]), self.limit)
        places = (2 * np.arange(size) + 1) * int(ends[-1]) // (2 * size)
        return self.rows[np.searchsorted(ends, places, side="right")]

    def merge(self, *others: Sample) -> Sample:
        """The sample of the table that has the rows of all of these."""
        parts = (self, *others)
        total = sum(part.total for part in parts)
        if total <= self.limit and not any(part.hashed for part in parts):
            return self._in_order_read(parts, total)
        bounds = [part.bound for part in parts if part.bound is not None]
        parts = tuple(part.by_hash() for part in parts)
        if bounds:
            parts = tuple(part.within(min(bounds)) for part in parts)
        return _distinct(parts)

    def within(self, bound: int) -> Sample:
        """The rows of a hashed sample up to a hash; ``total`` stays."""
        kept = self.keys <= np.uint64(bound)
        if kept.all():
            return self
        rows = self.rows.filter(pl.Series(kept))
        return replace(self, rows=rows, keys=self.keys[kept], copies=self.copies[kept])

    def by_hash(self) -> Sample:
        """The same rows with their hashes for keys."""
        if self.hashed:
            return self
        return replace(self, keys=hash_rows(self.rows), hashed=True)

    def _in_order_read(self, parts: Sequence[Sample], total: int) -> Sample:
        keys = np.concatenate([part.keys for part in parts])
        rows = pl.concat([part.rows for part in parts])
        order = np.argsort(keys, kind="stable")
        ones = np.ones(total, np.int64)
        return Sample(rows[order], keys[order], ones, total, self.limit, hashed=False)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sample)
            and (self.total, self.limit) == (other.total, other.limit)
            and np.array_equal(self.keys, other.keys)
            and np.array_equal(self.copies, other.copies)
            and self.rows.equals(other.rows)
        )

    __hash__ = None  # type: ignore[assignment]


def _distinct(parts: Sequence[Sample]) -> Sample:
    """Hashed parts joined: copies counted, rows in the order of their hashes, the first kept."""
    keys = np.concatenate([part.keys for part in parts])
    copies = np.concatenate([part.copies for part in parts])
    distinct, first, group = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.zeros(len(distinct), np.int64)
    np.add.at(counts, group, copies)
    limit = parts[0].limit
    rows = pl.concat([part.rows for part in parts])[first[:limit]]
    total = sum(part.total for part in parts)
    return Sample(rows, distinct[:limit], counts[:limit], total, limit, hashed=True)


def hash_rows(frame: pl.DataFrame) -> Hashes:
    """A 64-bit hash of the content of every row, whatever the order of the columns.

    Polars promises no stable hash across its versions; this one is defined by the bytes alone.
    Among ten million different rows the chance that any two share a hash is 3 in a million.

    Parameters
    ----------
    frame : polars.DataFrame
        n rows of any columns.

    Returns
    -------
    ndarray of uint64, shape (n,)

    Examples
    --------
    >>> frame = pl.DataFrame({"a": ["x", "y"], "b": [1, 2]})
    >>> bool((hash_rows(frame) == hash_rows(frame.select("b", "a"))).all())
    True
    """
    joined = pl.concat_str(
        [_text(name, frame.schema[name]).fill_null("\x1e") for name in sorted(frame.columns)],
        separator="\x1f",
    )
    rows = frame.select(joined.cast(pl.Binary)).to_series()
    size = rows.bin.size().cast(pl.UInt64).to_numpy()
    state = _FNV_OFFSET ^ size ^ _digests(rows, size)
    for start, word in _words(rows, int(size.max(initial=0))):
        mixed = (state ^ word) * _FNV_PRIME
        # FNV was made for single bytes: without this, high bits never reach low ones.
        mixed ^= mixed >> _SHIFT
        # A row that has ended takes no more words, however long the rows beside it are.
        state = np.where(size > start, mixed, state)
    for factor in _MIXERS:
        state = (state ^ (state >> _SHIFT)) * factor
    return state ^ (state >> _SHIFT)


def _words(rows: pl.Series, longest: int) -> Iterator[tuple[int, Hashes]]:
    """The first bytes of all rows as words, filled up with zeros, and where each word starts."""
    padded = (rows + pl.Series([b"\0" * _WORD])).alias("")
    starts = range(0, min(longest, _HEAD), _WORD)
    words = padded.to_frame().select(
        pl.col("")
        .bin.slice(start, _WORD)
        .bin.reinterpret(dtype=pl.UInt64, endianness="little")
        .fill_null(0)
        .alias(str(start))
        for start in starts
    )
    return ((start, word.to_numpy()) for start, word in zip(starts, words, strict=True))


def _digests(rows: pl.Series, size: Hashes) -> Hashes:
    """BLAKE2b of the rows too long for words, which would fill the memory; 0 for the others."""
    digests = np.zeros_like(size)
    long = size > _HEAD
    digests[long] = [
        int.from_bytes(blake2b(row, digest_size=_WORD).digest(), "little")
        for row in rows.filter(pl.Series(long))
    ]
    return digests


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Text of a cell of any type; a time or date as the whole number that stands for it."""
    cell = pl.col(name)
    return (cell.to_physical() if dtype.is_temporal() else cell).cast(pl.String)
