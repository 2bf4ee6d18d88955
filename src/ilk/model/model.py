"""SegmentModel: everything needed to give a customer a segment, and to say what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ilk.formatting.numbers import format_count
from ilk.model.assign import AssignedRows, ReadRows, RowAssigner, get_ids
from ilk.model.cell_counts import CellCounts
from ilk.model.checked_pass import CheckedPass
from ilk.model.notices import warn
from ilk.model.ranges import ColumnRange
from ilk.model.training import TrainingRecord
from ilk.recipe import OPTIONS, Reading, Recipe
from ilk.schema import Schema, count_to_day
from ilk.segments.edits import edit
from ilk.tables.number_format import NumberFormat
from ilk.tables.source import open_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ilk.cluster.partition import Partition
    from ilk.features.encoder import Encoder
    from ilk.segments.segment import Figures, Segments
    from ilk.selection.candidates import Selection
    from ilk.tables.base import Source


Measure = Callable[[RowAssigner, ReadRows], "NDArray[np.float64]"]
"""What a :class:`~ilk.model.assign.RowAssigner` computes of every row of a frame."""


@dataclass(frozen=True)
class SegmentModel:
    """Recipe, columns, encoder, partition and described segments of one fit.

    ``ranges`` are the smallest and the largest value of every number used for segmentation, and how
    its values are spread; there are none in models of older versions.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), k=5, describe=["Age", "Gender"]).model
    >>> model.predict({"Annual Income (k$)": 85, "Spending Score (1-100)": 15})["segment_name"][0]
    'High-income low spenders'
    """

    recipe: Recipe
    schema: Schema
    encoder: Encoder
    partition: Partition
    selection: Selection
    segments: Segments
    everyone: Figures
    ranges: tuple[ColumnRange, ...] = ()

    def assign(
        self,
        frame: pl.DataFrame,
        number_format: NumberFormat = NumberFormat(is_assumed=True),  # noqa: B008 - frozen
        *,
        first_row: int = 1,
    ) -> AssignedRows:
        """Give every row of a frame its segment.

        Parameters
        ----------
        frame : polars.DataFrame
            The columns as they were read, in any order; columns that are not features are ignored.
        number_format : NumberFormat
            How numbers are written in columns of text.
        first_row : int
            Number of the frame's first row, for messages.

        Returns
        -------
        AssignedRows
            ``segments`` (1..K, or 0 for a row that fits none) and ``margin`` (0 on the border
            between two segments, up to 1) as arrays of shape (n,); ``unseen`` and ``missing``
            count, for each feature, the cells with a category that training did not see and those
            without a value.

        Raises
        ------
        InputError
            If a feature is missing from the frame, or has text where numbers belong.

        Examples
        --------
        >>> import ilk
        >>> customers = ilk.demo.load("mall")
        >>> run = ilk.fit(customers, describe=["Age"])
        >>> run.model.assign(customers).segments.tolist() == run.customers["segment"].to_list()
        True
        """
        return self.assigner.assign(frame, number_format, first_row=first_row)

    @property
    def assigner(self) -> RowAssigner:
        """The part of the model that gives rows their segments."""
        return RowAssigner(self.schema.features, self.encoder, self.partition)

    def look_up_names(self, segments: NDArray[np.int32]) -> pl.Series:
        """Names of the segments with these numbers; null for 0, no segment."""
        return self._gather_texts(segments, [segment.name for segment in self.segments])

    def look_up_actions(self, segments: NDArray[np.int32]) -> pl.Series:
        """Actions for the segments with these numbers; null for 0, no segment."""
        return self._gather_texts(segments, [segment.action for segment in self.segments])

    def _gather_texts(self, segments: NDArray[np.int32], texts: list[str]) -> pl.Series:
        return pl.Series([None, *texts], dtype=pl.String).gather(segments)

    def make_label_table(self, ids: pl.Series, segments: NDArray[np.int32]) -> pl.DataFrame:
        """The label columns, those of ``customers.csv``: id (or row number), segment, its name."""
        return pl.DataFrame(
            [
                ids,
                pl.Series("segment", segments),
                self.look_up_names(segments).alias("segment_name"),
            ]
        )

    def make_detail_table(
        self, segments: NDArray[np.int32], margin: NDArray[np.float64]
    ) -> pl.DataFrame:
        """The columns beside the labels: what to do for a customer, and how clear the segment is.

        Their names are in ``ilk.model.assign.DETAIL_COLUMNS``.
        """
        return pl.DataFrame(
            [self.look_up_actions(segments).alias("action"), pl.Series("margin", margin)]
        )

    @cached_property
    def training(self) -> TrainingRecord:
        """What the model knows of its training data, to tell what is odd about others."""
        return TrainingRecord(
            self.schema.features,
            self.encoder,
            self.ranges,
            self.everyone,
            self.schema.id,
            self.schema.feature_answers,
        )

    def label_frames(self, source: Source) -> CheckedPass[pl.DataFrame]:
        """What :meth:`predict` returns, batch by batch, and what is odd about the customers."""
        training = self.training
        return CheckedPass(source, training, _FramePredictor(self, training, source.number_format))

    def predict(self, customers: object, reading: Reading | None = None) -> pl.DataFrame:
        """Segments of new customers.

        Parameters
        ----------
        customers : path, data frame, Source or mapping
            A file, a pandas, Polars or PyArrow table, or one customer as ``{column: value}``.
        reading : Reading, optional
            How to read a text file; whatever it leaves out is detected.

        Returns
        -------
        polars.DataFrame
            One row per customer, in the order read: the id (or ``row``), ``segment``,
            ``segment_name``, ``action`` and ``margin``.

        Warns
        -----
        NoticeWarning
            About whatever puts segments in doubt: values outside the range of the training data,
            levels that it did not have, columns that look broken, IDs that are missing or repeat,
            a row of totals, rows that could not be read. :func:`ilk.model.predict.predict` returns
            every notice that ``ilk predict`` prints.

        Raises
        ------
        InputError
            If the customers cannot be read, lack a feature, or have hardly any level that training
            saw.

        Examples
        --------
        >>> import ilk
        >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
        >>> model.predict(ilk.demo.load("mall")).columns
        ['CustomerID', 'segment', 'segment_name', 'action', 'margin']
        """
        labeled = self.label_frames(self.open_customers(customers, reading))
        tables = pl.concat(labeled.iter_results())
        warn(labeled.notices)
        return tables

    def predict_proba(self, customers: object, reading: Reading | None = None) -> pl.DataFrame:
        """How probably new customers belong to each segment.

        Parameters
        ----------
        customers, reading
            As for :meth:`predict`.

        Returns
        -------
        polars.DataFrame
            One row per customer, in the order read: the id (or ``row``) and the probabilities
            ``segment_1`` to ``segment_K``, which add up to 1; for a customer who fits no segment
            all are 0. :meth:`ilk.Segmenter.predict_proba` states the formulas.

        Warns
        -----
        NoticeWarning
            As :meth:`predict`.

        Raises
        ------
        InputError
            As :meth:`predict`.

        Examples
        --------
        >>> import ilk
        >>> model = ilk.fit(ilk.demo.load("mall"), k=5, describe=["Age", "Gender"]).model
        >>> near_two = {"Annual Income (k$)": 70, "Spending Score (1-100)": 62}
        >>> [round(share, 2) for share in model.predict_proba(near_two).row(0)[1:]]
        [0.89, 0.11, 0.0, 0.0, 0.0]
        """
        return self._tabulate_by_segment(RowAssigner.compute_memberships, customers, reading)

    def transform(self, customers: object, reading: Reading | None = None) -> pl.DataFrame:
        """Distances of new customers to each segment, in the encoded space.

        Parameters
        ----------
        customers, reading
            As for :meth:`predict`.

        Returns
        -------
        polars.DataFrame
            One row per customer, in the order read: the id (or ``row``) and the distances
            ``segment_1`` to ``segment_K``, the smallest to the customer's own segment; NaN for a
            customer with missing values whom the model leaves out. :meth:`ilk.Segmenter.transform`
            says what they are measured from.

        Warns
        -----
        NoticeWarning
            As :meth:`predict`.

        Raises
        ------
        InputError
            As :meth:`predict`.

        Examples
        --------
        >>> import ilk
        >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
        >>> model.transform(ilk.demo.load("mall")).columns
        ['CustomerID', 'segment_1', 'segment_2', 'segment_3', 'segment_4', 'segment_5']
        """
        return self._tabulate_by_segment(RowAssigner.compute_distances, customers, reading)

    def score(self, customers: object, reading: Reading | None = None) -> float:
        """How well customers fit the segments, as :meth:`ilk.Segmenter.score` measures it.

        Parameters
        ----------
        customers, reading
            As for :meth:`predict`.

        Warns
        -----
        NoticeWarning
            As :meth:`predict`.

        Raises
        ------
        InputError
            As :meth:`predict`.
        UsageError
            ``E_NO_SCORE`` for segments of DBSCAN or HDBSCAN.

        Examples
        --------
        >>> import ilk
        >>> run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
        >>> round(run.model.score(ilk.demo.load("mall")) + run.inertia, 9)
        0.0
        """
        parts = self._measure(RowAssigner.score_rows, customers, reading)
        return self.assigner.summarize_scores(np.concatenate([scores for _, scores in parts]))

    def _tabulate_by_segment(
        self, measure: Measure, customers: object, reading: Reading | None
    ) -> pl.DataFrame:
        """The id of every customer, and what is measured of every segment."""
        names = [f"segment_{segment.number}" for segment in self.segments]
        return pl.concat(
            pl.DataFrame([ids]).hstack(pl.DataFrame(measured, schema=names))
            for ids, measured in self._measure(measure, customers, reading)
        )

    def _measure(
        self, measure: Measure, customers: object, reading: Reading | None
    ) -> list[tuple[pl.Series, NDArray[np.float64]]]:
        """The ids of customers and what is measured of them, after the checks of a prediction."""
        source, training = self.open_customers(customers, reading), self.training
        function = _FrameMeasurer(self.assigner, training, measure, source.number_format)
        measured = CheckedPass(source, training, function)
        results = list(measured.iter_results())
        warn(measured.notices)
        return results

    def with_as_of(self, as_of: str | date) -> SegmentModel:
        """The same model, which counts dates to another day: ages, days since the last order.

        Parameters
        ----------
        as_of : str or date
            The day, such as ``"2024-12-31"``.

        Raises
        ------
        UsageError
            ``E_CHOICE`` if it is no date.

        Examples
        --------
        >>> import ilk, polars
        >>> customers = ilk.demo.load("mall").with_columns(born=2024 - polars.col("Age"))
        >>> model = ilk.fit(customers, ignore=["Age"], as_of="2024-12-31", fast=True).model
        >>> model.with_as_of("2030-12-31").schema.columns[-1].reason
        "from 'born', as of 2030-12-31"
        """
        day = str(OPTIONS["as_of"].check(as_of))
        columns = tuple(count_to_day(column, day) for column in self.schema)
        return replace(self, schema=Schema(columns))

    def edit_segments(
        self,
        names: Mapping[int, str] | None = None,
        actions: Mapping[int, str] | None = None,
    ) -> SegmentModel:
        """The same model with other names or actions for some segments; no customer moves.

        Parameters
        ----------
        names, actions : mapping of int to str, optional
            The new texts by the number of the segment.

        Raises
        ------
        UsageError
            If there is no such segment, a text cannot be shown, or two names would be the same.

        Examples
        --------
        >>> import ilk
        >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
        >>> edited = model.edit_segments(names={2: "Big spenders"})
        >>> edited.predict({"Annual Income (k$)": 85, "Spending Score (1-100)": 85})[
        ...     "segment_name"
        ... ][0]
        'Big spenders'
        """
        return replace(self, segments=edit(self.segments, names or {}, actions or {}))

    def open_customers(self, customers: object, reading: Reading | None = None) -> Source:
        """New customers as a source, read like the training data unless ``reading`` is given."""
        rows = pl.DataFrame([dict(customers)]) if isinstance(customers, Mapping) else customers
        return open_source(rows, reading or self.recipe.reading)

    @property
    def headline(self) -> str:
        """How many segments of how many customers."""
        customers = format_count(self.segments.customers, "customer")
        return f"{format_count(len(self.segments), 'segment')} of {customers}"

    def __repr__(self) -> str:
        return f"SegmentModel: {self.headline}"


@dataclass(frozen=True)
class _FramePredictor:
    """Labels frames as they were read: see :meth:`SegmentModel.label_frames`."""

    model: SegmentModel
    training: TrainingRecord
    number_format: NumberFormat

    def __call__(self, frame: pl.DataFrame, first_row: int) -> tuple[pl.DataFrame, CellCounts]:
        model = self.model
        assigned = model.assign(frame, self.number_format, first_row=first_row)
        ids, segments = get_ids(frame, model.schema.id, first_row), assigned.segments
        table = model.make_label_table(ids, segments)
        details = model.make_detail_table(segments, assigned.margin)
        return table.hstack(details), self.training.count(assigned.rows)


@dataclass(frozen=True)
class _FrameMeasurer:
    """Measures the rows of frames as they were read, wherever these are: their ids and a result."""

    assigner: RowAssigner
    training: TrainingRecord
    measure: Measure
    number_format: NumberFormat

    def __call__(
        self, frame: pl.DataFrame, first_row: int
    ) -> tuple[tuple[pl.Series, NDArray[np.float64]], CellCounts]:
        rows = self.assigner.read(frame, self.number_format, first_row=first_row)
        ids = get_ids(frame, self.training.id_column, first_row)
        return (ids, self.measure(self.assigner, rows)), self.training.count(rows)
