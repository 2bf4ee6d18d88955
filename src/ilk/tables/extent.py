"""How far the cells of a sheet reach, held against a limit while they are looked through."""

from __future__ import annotations

MAX_CELLS = 1 << 25
"""Cells that a sheet may have: a million rows of 32 columns, which takes 2 GB to read."""


class TooLargeError(Exception):
    """A workbook takes more memory than allowed; the text says how it was found out."""


class DamagedError(Exception):
    """A workbook cannot be looked through; the text says why."""


class Extent:
    """The farthest row and column that hold a value, and the cells written out on the way there.

    Parameters
    ----------
    most : int
        Cells allowed.
    where : str
        Begins the text of the error.

    Examples
    --------
    >>> extent = Extent(1000)
    >>> extent.reach(3, 2)
    >>> extent.reach(1, 300)
    >>> extent.reach(4, 1)
    Traceback (most recent call last):
    ilk.tables.extent.TooLargeError: a sheet reaches to row 4 and column 300, ...
    """

    def __init__(self, most: int, where: str = "") -> None:
        self._most = most
        self._where = where
        self._rows = self._columns = self._cells = 0

    def holds(self, rows: int, columns: int) -> bool:
        """Whether as many rows and columns are allowed."""
        return rows * columns <= self._most

    def reach(self, row: int, column: int) -> None:
        """Take a cell with a value; rows and columns count from 1."""
        if row <= self._rows and column <= self._columns:
            return
        self._rows, self._columns = max(row, self._rows), max(column, self._columns)
        if not self.holds(self._rows, self._columns):
            raise TooLargeError(
                f"{self._where}a sheet reaches to row {self._rows:,} and column "
                f"{self._columns:,}, which makes {self._rows * self._columns:,} cells; ilk opens "
                f"{self._most:,} at most"
            )

    def count(self, cells: int) -> None:
        """Take cells that are written out, wherever they are."""
        self._cells += cells
        if self._cells > self._most:
            raise TooLargeError(
                f"{self._where}there are more than {self._most:,} cells or texts, the most that "
                "ilk opens"
            )
