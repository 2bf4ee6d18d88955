"""SegmentModel: everything needed to give a customer a segment, and the one way to do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.columns.cast import cast_columns
from ilk.formatting.numbers import format_count
from ilk.recipe import Reading, Recipe
from ilk.schema import Schema
from ilk.segments.edits import edit
from ilk.tables.map_frames import map_frames
from ilk.tables.number_format import NumberFormat, parse_categories
from ilk.tables.source import open_source

if TYPE_CHECKING:
    from ilk.cluster.partition import Partition
    from ilk.features.encoder import EncodedRows, Encoder
    from ilk.segments.segment import Figures, Segments
    from ilk.selection.candidates import Selection
    from ilk.tables.base import Source

UNASSIGNED = 0
"""The segment number of a customer who fits nowhere."""


@dataclass(frozen=True)
class Assignments:
    """A segment for every row of a frame of n rows.

    ``segments``, shape (n,), holds 1..K, or 0 for rows that fit nowhere. ``clarity``, shape (n,),
    is 0 on the border between two segments and 1 where no other segment comes into question. With
    k-means it is 1 - d1 / d2 with the distances to the nearest and the second nearest centre in
    the encoded space; :mod:`ilk.cluster` says what it is elsewhere. ``unseen`` and ``missing``
    count, per feature, the cells with a level that training did not see and those without a value.
    """

    segments: NDArray[np.int32]
    margin: NDArray[np.float64]
    unseen: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SegmentModel:
    """Recipe, columns, encoder, partition and described segments of one fit.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), k=5, describe=["Age", "Gender"]).model
    >>> model.predict({"Annual Income (k$)": 85, "Spending Score (1-100)": 15})["segment_name"][0]
    'High income, low spending'
    """

    recipe: Recipe
    schema: Schema
    encoder: Encoder
    partition: Partition
    selection: Selection
    segments: Segments
    everyone: Figures

    def assign(
        self,
        frame: pl.DataFrame,
        number_format: NumberFormat = NumberFormat(),  # noqa: B008 - frozen
        *,
        first_row: int = 1,
    ) -> Assignments:
        """Give every row of a frame its segment.

        Parameters
        ----------
        frame : polars.DataFrame
            Columns as they were read; more columns, or another order, make no difference.
        number_format : Numerals
            How text columns write their numbers.
        first_row : int
            Number of the frame's first row, for messages.

        Raises
        ------
        InputError
            If a feature is missing from the frame or holds text where numbers belong.

        Examples
        --------
        >>> import ilk
        >>> customers = ilk.demo.load("mall")
        >>> run = ilk.fit(customers, describe=["Age"])
        >>> run.model.assign(customers).segments.tolist() == run.customers["segment"].to_list()
        True
        """
        cells = cast_columns(frame, self.schema.features, number_format, first_row=first_row)
        return assign_frame(cells, self.encoder, self.partition)

    def look_up_names(self, segments: NDArray[np.int32]) -> pl.Series:
        """Names of the segments with these numbers; null for 0, which fits nowhere."""
        return self._gather_texts(segments, [segment.name for segment in self.segments])

    def look_up_actions(self, segments: NDArray[np.int32]) -> pl.Series:
        """Actions for the segments with these numbers; null for 0, which fits nowhere."""
        return self._gather_texts(segments, [segment.action for segment in self.segments])

    def _gather_texts(self, segments: NDArray[np.int32], texts: list[str]) -> pl.Series:
        return pl.Series([None, *texts], dtype=pl.String).gather(segments)

    def label(self, ids: pl.Series, segments: NDArray[np.int32]) -> pl.DataFrame:
        """The table of labelled customers: id (or row number), segment and its name."""
        return pl.DataFrame(
            [
                ids,
                pl.Series("segment", segments),
                self.look_up_names(segments).alias("segment_name"),
            ]
        )

    def make_labeller(self, number_format: NumberFormat) -> BatchLabeller:
        """A function that labels frames, to be sent to where they are."""
        return BatchLabeller(self, number_format)

    def label_batches(self, source: Source) -> Iterator[tuple[pl.DataFrame, Assignments]]:
        """Label a source batch by batch: what :meth:`predict` returns, and the assignments."""
        yield from map_frames(source, BatchPredictor(self, source.number_format))

    def predict(self, customers: object, reading: Reading | None = None) -> pl.DataFrame:
        """Segments of new customers.

        Parameters
        ----------
        customers : path, data frame, Source or mapping
            A file, a pandas, Polars or PyArrow table, or one customer as ``{column: value}``.
        reading : Reading, optional
            How to read a text file; what it leaves open is detected.

        Returns
        -------
        polars.DataFrame
            One row per customer, in the order read: the id (or ``row``), ``segment``,
            ``segment_name``, ``action`` and ``clarity``.

        Raises
        ------
        InputError
            If the customers cannot be read, or lack a feature.

        Examples
        --------
        >>> import ilk
        >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
        >>> model.predict(ilk.demo.load("mall")).columns
        ['CustomerID', 'segment', 'segment_name', 'action', 'clarity']
        """
        source = self.open_customers(customers, reading)
        if isinstance(customers, Mapping):
            # Threads for one customer would take as long as the customer does.
            tell = BatchPredictor(self, source.number_format)
            return pl.concat(tell(frame, 1)[0] for frame in source.iter_frames())
        return pl.concat(frame for frame, _ in self.label_batches(source))

    def edit_segments(
        self,
        names: Mapping[int, str] | None = None,
        actions: Mapping[int, str] | None = None,
    ) -> SegmentModel:
        """The same model with other names or actions for some segments.

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
        """New customers as a source, read the way the training data was unless told otherwise."""
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
class BatchLabeller:
    """Labels frames as they were read; see :meth:`SegmentModel.label`."""

    model: SegmentModel
    number_format: NumberFormat

    def __call__(self, frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
        """Id (or row number), segment and its name."""
        found = self.model.assign(frame, self.number_format, first_row=first_row)
        ids = get_ids(frame, self.model.schema.id, first_row)
        return self.model.label(ids, found.segments)


@dataclass(frozen=True)
class BatchPredictor:
    """Labels frames as they were read and tells all that is known; see :meth:`SegmentModel.labels`.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> frame, _ = BatchPredictor(model, NumberFormat())(ilk.demo.load("mall"), 1)
    >>> frame.columns
    ['CustomerID', 'segment', 'segment_name', 'action', 'clarity']
    """

    model: SegmentModel
    number_format: NumberFormat

    def __call__(self, frame: pl.DataFrame, first_row: int) -> tuple[pl.DataFrame, Assignments]:
        """The id (or row number), segment, name, action and clarity; and the assignments."""
        model = self.model
        found = model.assign(frame, self.number_format, first_row=first_row)
        labelled = model.label(get_ids(frame, model.schema.id, first_row), found.segments)
        action = model.look_up_actions(found.segments).alias("action")
        return labelled.hstack([action, pl.Series("clarity", found.margin)]), found


def assign_frame(frame: pl.DataFrame, encoder: Encoder, partition: Partition) -> Assignments:
    """Place typed rows: the one way by which any row gets its segment.

    Parameters
    ----------
    frame : polars.DataFrame
        The features of the encoder, as ``cast_columns`` gives them.
    encoder : Encoder
    partition : Partition
        Clusters in the encoded space.
    """
    return assign_encoded(encoder.encode(frame), partition)


def assign_encoded(encoded: EncodedRows, partition: Partition) -> Assignments:
    """Place encoded rows; those that are not usable fit nowhere."""
    placement = partition.predict(encoded.values)
    segments = np.where(encoded.usable, placement.labels + 1, UNASSIGNED).astype(np.int32)
    clarity = np.where(encoded.usable, placement.margin, 0.0)
    return Assignments(segments, clarity, encoded.unseen, encoded.missing)


def get_ids(frame: pl.DataFrame, id_column: str | None, first_row: int) -> pl.Series:
    """The ids of a frame as they were read; row numbers where there is no such column."""
    if id_column is None or id_column not in frame.columns:
        return pl.int_range(first_row, first_row + frame.height, eager=True).alias("row")
    ids = frame.get_column(id_column)
    if ids.dtype == pl.String:
        return ids
    return frame.select(parse_categories(id_column, ids.dtype).alias(id_column)).to_series()
