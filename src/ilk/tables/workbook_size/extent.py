"""The extent of the cells of a sheet, checked against a limit while they are read."""

from __future__ import annotations

MAX_CELLS = 1 << 25
"""Cells that a sheet may have: a million rows of 32 columns, which takes 2 GB to read."""


class WorkbookTooLargeError(Exception):
    """A workbook would take more memory than allowed; the text says why."""


class WorkbookDamagedError(Exception):
    """A workbook cannot be measured; the text says why."""


class SheetExtent:
    """The last row and column with a value, and the number of cells written in the file.

    Parameters
    ----------
    max_cells : int
        Cells allowed.
    prefix : str
        The text of the error begins with it.

    Examples
    --------
    >>> extent = SheetExtent(1000)
    >>> extent.add_cell(3, 2)
    >>> extent.add_cell(1, 300)
    >>> extent.add_cell(4, 1)
    Traceback (most recent call last):
    ilk.tables.workbook_size.extent.WorkbookTooLargeError: a sheet extends to row 4 and column ...
    """

    def __init__(self, max_cells: int, prefix: str = "") -> None:
        self._max_cells = max_cells
        self._prefix = prefix
        self._n_rows = self._n_columns = self._n_cells = 0

    def allows(self, n_rows: int, n_columns: int) -> bool:
        """Whether a sheet of this size is allowed."""
        return n_rows * n_columns <= self._max_cells

    def add_cell(self, row: int, column: int) -> None:
        """Add a cell with a value; rows and columns count from 1."""
        if row <= self._n_rows and column <= self._n_columns:
            return
        self._n_rows, self._n_columns = max(row, self._n_rows), max(column, self._n_columns)
        if not self.allows(self._n_rows, self._n_columns):
            raise WorkbookTooLargeError(
                f"{self._prefix}a sheet extends to row {self._n_rows:,} and column "
                f"{self._n_columns:,}, which makes {self._n_rows * self._n_columns:,} cells; the "
                f"limit is {self._max_cells:,}"
            )

    def count_cells(self, n_cells: int) -> None:
        """Add cells or texts that are written in the file, wherever they are."""
        self._n_cells += n_cells
        if self._n_cells > self._max_cells:
            raise WorkbookTooLargeError(
                f"{self._prefix}there are more than {self._max_cells:,} cells or texts, the limit"
            )
