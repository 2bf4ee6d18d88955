"""Segments for new customers, batch by batch, and what was odd about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from ilk.errors import Notice
from ilk.model.assign import DETAIL_COLUMNS
from ilk.model.labels import label_source
from ilk.model.notices import check_doubts
from ilk.tables.write_table import write_table

if TYPE_CHECKING:
    from ilk.model.assign import AssignedRows
    from ilk.model.cell_counts import CellCounts
    from ilk.model.model import SegmentModel
    from ilk.model.training import TrainingRecord
    from ilk.progress import AdvanceCallback
    from ilk.recipe import Reading
    from ilk.tables.base import Source


@dataclass(frozen=True)
class Prediction:
    """Labeled new customers, and what there is to know about them.

    ``customers`` is what :meth:`ilk.SegmentModel.predict` returns: the id (or ``row``),
    ``segment``, ``segment_name``, ``action`` and ``margin`` of every row, in the order read.
    """

    customers: pl.DataFrame
    notices: tuple[Notice, ...]

    @property
    def labels(self) -> pl.DataFrame:
        """The label columns: id (or ``row``), segment and its name."""
        return select_label_columns(self.customers)


class BatchPredictor:
    """Labels new customers while they are read, and counts what is odd about them.

    Parameters
    ----------
    model : SegmentModel
    source : Source

    Examples
    --------
    >>> import ilk
    >>> from ilk.tables.source import open_source
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> predictor = BatchPredictor(model, open_source(ilk.demo.load("mall")))
    >>> [table.shape for table in predictor.iter_tables()], predictor.notices
    ([(200, 5)], ())
    """

    def __init__(self, model: SegmentModel, source: Source) -> None:
        self._model = model
        self._pass = model.label_frames(source)

    def iter_tables(self, advance: AdvanceCallback = lambda rows: None) -> Iterator[pl.DataFrame]:
        """Yield the rows of :attr:`Prediction.customers`, and tell ``advance`` how many they are.

        Only a few batches are held at a time.
        """
        for table in self._pass.iter_results():
            advance(table.height)
            yield table

    def write(
        self,
        path: Path,
        table_format: Literal["csv", "parquet"],
        advance: AdvanceCallback,
        *,
        details: bool = False,
    ) -> int:
        """Write the label columns to one file, and return how many rows it has.

        With ``details``, the action and the margin of every customer are written, too.
        """
        tables = self.iter_tables(advance)
        return write_table(
            tables if details else map(select_label_columns, tables), path, table_format
        )

    def write_parts(
        self,
        path: Path,
        table_format: Literal["csv", "parquet"],
        advance: AdvanceCallback,
        *,
        details: bool = False,
    ) -> int:
        """Have Spark's executors write the label columns as a folder of files."""
        model = self._model
        labels, self._pass.counts = label_source(
            self._pass.source,
            model.assigner,
            model.schema.id,
            _CellCounter(model.training),
            advance,
            keep_margin=details,
        )
        self._pass.counts.check_levels()
        labels.write(model, path, table_format)
        return labels.n_rows

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was odd, complete when all rows have been read."""
        return (*self._pass.source.notices, *self._pass.notices)


@dataclass(frozen=True)
class _CellCounter:
    """Counts the cells of labeled rows, wherever they are."""

    training: TrainingRecord

    def __call__(self, assigned: AssignedRows) -> CellCounts:
        return self.training.count(assigned.rows)


def predict(
    model: SegmentModel,
    customers: object,
    reading: Reading | None = None,
    *,
    strict: bool = False,
) -> Prediction:
    """Label new customers with a model, and say what was odd about them.

    Parameters
    ----------
    model : SegmentModel
    customers : path, data frame, Source or mapping
        See :meth:`ilk.SegmentModel.predict`.
    reading : Reading, optional
        How to read a text file; whatever it leaves out is detected.
    strict : bool
        Refuse customers whose labels any notice puts in doubt.

    Raises
    ------
    InputError
        If the customers cannot be labeled: see :meth:`ilk.SegmentModel.predict`.
    GateError
        ``E_DOUBTS`` if ``strict`` and there is a notice that puts labels in doubt.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> predict(model, {"Annual Income (k$)": 85, "Spending Score (1-100)": None}).notices[0].column
    'Spending Score (1-100)'
    """
    predictor = BatchPredictor(model, model.open_customers(customers, reading))
    table = pl.concat(predictor.iter_tables())
    if strict:
        check_doubts(predictor.notices)
    return Prediction(table, predictor.notices)


def select_label_columns(customers: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``customers.csv``: all but the action and the margin."""
    return customers.drop(DETAIL_COLUMNS)
