"""One pass over new customers, with counts of what is odd about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from ilk.errors import Notice
from ilk.model.cell_counts import CellCounts
from ilk.model.notices import list_prediction_notices
from ilk.tables.map_frames import map_frames

if TYPE_CHECKING:
    import polars as pl

    from ilk.model.training import TrainingRecord
    from ilk.tables.base import Source

Result = TypeVar("Result")

FrameFunction = Callable[["pl.DataFrame", int], tuple[Result, CellCounts]]


class CheckedPass(Generic[Result]):
    """Applies a function to every frame of new customers, and adds up the counts of their cells.

    Parameters
    ----------
    source : Source
    training : TrainingRecord
        What the customers are compared with.
    function : callable
        Makes a result and counts of a frame and the number of its first row.

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"], fast=True).model
    >>> def measure(frame, first_row):
    ...     return frame.height, CellCounts(frame.height)
    >>> checked = CheckedPass(open_source(ilk.demo.load("mall")), model.training, measure)
    >>> list(checked.iter_results()), checked.counts.n_rows
    ([200], 200)
    """

    def __init__(
        self, source: Source, training: TrainingRecord, function: FrameFunction[Result]
    ) -> None:
        self.source = source
        self.counts = CellCounts()
        self._training = training
        self._function = function

    def iter_results(self) -> Iterator[Result]:
        """Yield the results; after the last one, refuse what has hardly any known level.

        Raises
        ------
        InputError
            ``E_UNSEEN_LEVELS``: see :meth:`CellCounts.check_levels`.
        """
        self.counts = CellCounts()
        for result, counts in map_frames(self.source, self._function):
            self.counts += counts
            yield result
        self.counts.check_levels()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was odd about the customers, complete when all results have been read."""
        return tuple(list_prediction_notices(self._training, self.counts, self.source))
