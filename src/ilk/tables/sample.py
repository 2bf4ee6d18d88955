"""A sample of rows that depends on the content of the rows alone.

The sample must not depend on how a table is split into batches, or on the order of its rows or
columns. So rows are ranked by a 64-bit hash, and those with the smallest hashes are kept.
Replicates of a row share a hash; they are kept once, with their number, because otherwise a table
of few distinct rows would yield a sample of even fewer.
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
    """At most ``max_rows`` distinct rows out of ``n_rows``, with the number of replicates of each.

    While ``n_rows`` is at most ``max_rows``, every row is kept and ``keys`` are the row numbers;
    above that the sample ``is_hashed``, and ``keys`` are the hashes of the rows kept.
    ``distinct_rows`` are in ascending order of their keys.

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

        Rows with a hash above ``max_hash`` are left out: the table has enough others.
        """
        ones = np.ones(frame.height, np.int64)
        if first_row + frame.height - 1 <= max_rows:
            numbers = np.arange(first_row, first_row + frame.height, dtype=np.uint64)
            return cls(frame, numbers, ones, frame.height, max_rows, is_hashed=False)
        hashed = cls(frame, hash_rows(frame), ones, frame.height, max_rows, is_hashed=True)
        return _merge_replicates([hashed if max_hash is None else hashed.drop_above(max_hash)])

    @property
    def is_complete(self) -> bool:
        """Whether every row of the table is in the sample."""
        return not self.is_hashed

    @property
    def max_hash(self) -> int | None:
        """A hash above which no row of the table can be kept; ``None`` while it is unknown."""
        is_full = self.is_hashed and len(self.keys) >= self.max_rows
        return int(self.keys[-1]) if is_full else None

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows of the sample: in the order read if complete, else in the order of hashes.

        Where replicates make it longer than ``max_rows``, every n-th row is taken.
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
        n_rows = sum(part.n_rows for part in parts)
        if n_rows <= self.max_rows and not any(part.is_hashed for part in parts):
            return self._merge_in_read_order(parts, n_rows)
        bounds = [part.max_hash for part in parts if part.max_hash is not None]
        parts = tuple(part.rekey_by_hash() for part in parts)
        if bounds:
            parts = tuple(part.drop_above(min(bounds)) for part in parts)
        return _merge_replicates(parts)

    def drop_above(self, max_hash: int) -> RowSample:
        """The rows of a hashed sample up to a hash; ``n_rows`` stays."""
        kept = self.keys <= np.uint64(max_hash)
        if kept.all():
            return self
        rows = self.distinct_rows.filter(pl.Series(kept))
        return replace(
            self, distinct_rows=rows, keys=self.keys[kept], replicates=self.replicates[kept]
        )

    def rekey_by_hash(self) -> RowSample:
        """The same rows with their hashes as keys."""
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
    """Merge hashed parts: count replicates, and keep the rows with the smallest hashes."""
    keys = np.concatenate([part.keys for part in parts])
    replicates = np.concatenate([part.replicates for part in parts])
    distinct, first, group = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.zeros(len(distinct), np.int64)
    np.add.at(counts, group, replicates)
    max_rows = parts[0].max_rows
    rows = pl.concat([part.distinct_rows for part in parts])[first[:max_rows]]
    n_rows = sum(part.n_rows for part in parts)
    return RowSample(rows, distinct[:max_rows], counts[:max_rows], n_rows, max_rows, is_hashed=True)


def hash_rows(frame: pl.DataFrame) -> Hashes:
    """A 64-bit hash of the content of every row, whatever the order of the columns.

    Polars computes it. It is the same on every machine with the same version of Polars, and may
    differ between versions. Integers of the same value have the same hash whatever the width of
    their type, and so have floating-point numbers and times.

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
    """A cell in the widest type of its kind, as another reader may store it in a narrower one."""
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
