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
class RowSample:
    """At most ``limit`` distinct rows out of ``total``, and how many copies of each were met.

    While ``total`` is at most ``limit`` every row is kept and ``keys`` are the row numbers; beyond
    that the sample is ``is_hashed``: ``keys`` are the hashes of the rows kept. ``rows`` stand in
    ascending order of their keys.

    Examples
    --------
    >>> whole = RowSample.of(pl.DataFrame({"x": [3, 1, 2]}), max_rows=10)
    >>> whole.frame["x"].to_list()
    [3, 1, 2]
    """

    distinct_rows: pl.DataFrame
    keys: Hashes
    replicates: NDArray[np.int64]
    n_rows: int
    max_rows: int
    is_hashed: bool

    @classmethod
    def of(
        cls, frame: pl.DataFrame, *, max_rows: int, first_row: int = 1, max_hash: int | None = None
    ) -> RowSample:
        """The sample of one frame, whose first row has the number ``first_row``.

        Rows whose hash exceeds ``max_hash`` are left out: the whole table has enough others.
        """
        ones = np.ones(frame.height, np.int64)
        if first_row + frame.height - 1 <= max_rows:
            numbers = np.arange(first_row, first_row + frame.height, dtype=np.uint64)
            return cls(frame, numbers, ones, frame.height, max_rows, is_hashed=False)
        found = cls(frame, hash_rows(frame), ones, frame.height, max_rows, is_hashed=True)
        return _merge_replicates([found if max_hash is None else found.drop_above(max_hash)])

    @property
    def is_complete(self) -> bool:
        """Whether every row of the table is in the sample."""
        return not self.is_hashed

    @property
    def max_hash(self) -> int | None:
        """A hash beyond which no row of the whole table can be kept; none is known at first."""
        full = self.is_hashed and len(self.keys) >= self.max_rows
        return int(self.keys[-1]) if full else None

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The sample as rows: in the order read when complete, in the order of hashes if not.

        Where copies make it longer than ``limit``, every n-th row is taken.
        """
        if self.is_complete:
            return self.distinct_rows
        ends = np.cumsum(self.replicates)
        size = min(int(ends[-1]), self.max_rows)
        places = (2 * np.arange(size) + 1) * int(ends[-1]) // (2 * size)
        return self.distinct_rows[np.searchsorted(ends, places, side="right")]

    def merge(self, *others: RowSample) -> RowSample:
        """The sample of the table that has the rows of all of these."""
        parts = (self, *others)
        total = sum(part.n_rows for part in parts)
        if total <= self.max_rows and not any(part.is_hashed for part in parts):
            return self._merge_in_read_order(parts, total)
        bounds = [part.max_hash for part in parts if part.max_hash is not None]
        parts = tuple(part.rekey_by_hash() for part in parts)
        if bounds:
            parts = tuple(part.drop_above(min(bounds)) for part in parts)
        return _merge_replicates(parts)

    def drop_above(self, max_hash: int) -> RowSample:
        """The rows of a hashed sample up to a hash; ``total`` stays."""
        kept = self.keys <= np.uint64(max_hash)
        if kept.all():
            return self
        rows = self.distinct_rows.filter(pl.Series(kept))
        return replace(
            self, distinct_rows=rows, keys=self.keys[kept], replicates=self.replicates[kept]
        )

    def rekey_by_hash(self) -> RowSample:
        """The same rows with their hashes for keys."""
        if self.is_hashed:
            return self
        return replace(self, keys=hash_rows(self.distinct_rows), is_hashed=True)

    def _merge_in_read_order(self, parts: Sequence[RowSample], n_rows: int) -> RowSample:
        keys = np.concatenate([part.keys for part in parts])
        rows = pl.concat([part.distinct_rows for part in parts])
        order = np.argsort(keys, kind="stable")
        ones = np.ones(n_rows, np.int64)
        return RowSample(rows[order], keys[order], ones, n_rows, self.max_rows, is_hashed=False)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RowSample)
            and (self.n_rows, self.max_rows) == (other.n_rows, other.max_rows)
            and np.array_equal(self.keys, other.keys)
            and np.array_equal(self.replicates, other.replicates)
            and self.distinct_rows.equals(other.distinct_rows)
        )

    __hash__ = None  # type: ignore[assignment]


def _merge_replicates(parts: Sequence[RowSample]) -> RowSample:
    """Hashed parts joined: copies counted, rows in the order of their hashes, the first kept."""
    keys = np.concatenate([part.keys for part in parts])
    copies = np.concatenate([part.replicates for part in parts])
    distinct, first, group = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.zeros(len(distinct), np.int64)
    np.add.at(counts, group, copies)
    limit = parts[0].max_rows
    rows = pl.concat([part.distinct_rows for part in parts])[first[:limit]]
    total = sum(part.n_rows for part in parts)
    return RowSample(rows, distinct[:limit], counts[:limit], total, limit, is_hashed=True)


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
