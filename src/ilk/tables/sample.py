"""Sample: rows of a table chosen by the content of the rows alone.

A sample of at most ``limit`` rows must not depend on how a table is cut into batches, or on the
order of its rows or of its columns. So rows are ranked by a 64-bit hash, and those with the
smallest hashes are kept. Copies of a row share a hash; they are kept once, with their number, or
else a table of few distinct rows would yield a sample of even fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Sample:
    """At most ``limit`` distinct rows out of ``total``, and how many copies of each were met.

    While ``total`` is at most ``limit`` every row is kept and ``keys`` are the row numbers; beyond
    that the sample is ``hashed``: ``keys`` are the hashes of the rows kept. ``rows`` stand in
    ascending order of their keys.

    Examples
    --------
    >>> whole = Sample.of(pl.DataFrame({"x": [3, 1, 2]}), max_rows=10)
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
        cls, frame: pl.DataFrame, *, max_rows: int, first_row: int = 1, max_hash: int | None = None
    ) -> Sample:
        """The sample of one frame, whose first row has the number ``first_row``.

        Rows whose hash exceeds ``max_hash`` are left out: the whole table has enough others.
        """
        ones = np.ones(frame.height, np.int64)
        if first_row + frame.height - 1 <= max_rows:
            numbers = np.arange(first_row, first_row + frame.height, dtype=np.uint64)
            return cls(frame, numbers, ones, frame.height, max_rows, hashed=False)
        found = cls(frame, hash_rows(frame), ones, frame.height, max_rows, hashed=True)
        return _merge_replicates([found if max_hash is None else found.within(max_hash)])

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
            return self._merge_in_read_order(parts, total)
        bounds = [part.bound for part in parts if part.bound is not None]
        parts = tuple(part.by_hash() for part in parts)
        if bounds:
            parts = tuple(part.within(min(bounds)) for part in parts)
        return _merge_replicates(parts)

    def within(self, max_hash: int) -> Sample:
        """The rows of a hashed sample up to a hash; ``total`` stays."""
        kept = self.keys <= np.uint64(max_hash)
        if kept.all():
            return self
        rows = self.rows.filter(pl.Series(kept))
        return replace(self, rows=rows, keys=self.keys[kept], copies=self.copies[kept])

    def by_hash(self) -> Sample:
        """The same rows with their hashes for keys."""
        if self.hashed:
            return self
        return replace(self, keys=hash_rows(self.rows), hashed=True)

    def _merge_in_read_order(self, parts: Sequence[Sample], n_rows: int) -> Sample:
        keys = np.concatenate([part.keys for part in parts])
        rows = pl.concat([part.rows for part in parts])
        order = np.argsort(keys, kind="stable")
        ones = np.ones(n_rows, np.int64)
        return Sample(rows[order], keys[order], ones, n_rows, self.limit, hashed=False)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sample)
            and (self.total, self.limit) == (other.total, other.limit)
            and np.array_equal(self.keys, other.keys)
            and np.array_equal(self.copies, other.copies)
            and self.rows.equals(other.rows)
        )

    __hash__ = None  # type: ignore[assignment]


def _merge_replicates(parts: Sequence[Sample]) -> Sample:
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

    It is that of Polars, which is the same on every machine with the same version of Polars, and
    may be another with another version. Whole numbers of the same value have the same hash in
    whatever width they are stored, and so have floating-point numbers, and moments in time.

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
    if not frame.width:
        return np.zeros(frame.height, dtype=np.uint64)
    alike = frame.select(_widen_cell(name, frame.schema[name]) for name in sorted(frame.columns))
    return alike.hash_rows().to_numpy()


def _widen_cell(name: str, dtype: pl.DataType) -> pl.Expr:
    """A cell in the widest type of its kind: another reader may store it in a narrower one."""
    cell = pl.col(name)
    if dtype.is_integer():
        return cell if dtype in (pl.UInt64, pl.Int128, pl.UInt128) else cell.cast(pl.Int64)
    if dtype.is_float():
        # By its bits: 0.0 and -0.0 are different rows, of which only one would be kept.
        return cell.cast(pl.Float64).reinterpret(dtype=pl.Int64)
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return cell.dt.cast_time_unit("us").to_physical()
    if dtype.is_temporal():
        return cell.to_physical()
    return cell if dtype in (pl.String, pl.Boolean, pl.Null) else cell.cast(pl.String)
