"""Encoder: typed columns to the numbers that are clustered, and back to original units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.errors import InputError
from ilk.features.category import MISSING, UNSEEN, CategoryEncoding, fit_category
from ilk.features.number import NumberEncoding, fit_number
from ilk.recipe import Recipe
from ilk.schema import Schema

__all__ = ["CategoryEncoding", "Encoded", "Encoder", "NumberEncoding", "fit_encoder"]


@dataclass(frozen=True)
class Encoded:
    """Encoded rows.

    Attributes
    ----------
    values : ndarray, shape (n, d)
        Always finite; the row of a customer who is not usable is only a placeholder.
    usable : ndarray of bool, shape (n,)
        False where a feature is missing and the encoder does without such rows.
    unseen : dict
        Cells per category whose level training did not see.
    missing : dict
        Cells per feature without a value.
    """

    values: NDArray[np.float64]
    usable: NDArray[np.bool_]
    unseen: dict[str, int]
    missing: dict[str, int]


@dataclass(frozen=True)
class Encoder:
    """The fitted encodings of all features, in the order of the schema.

    Examples
    --------
    >>> age = NumberEncoding("age", 40.0, None, None, False, center=40.0, scale=10.0)
    >>> plan = CategoryEncoding("plan", ("basic", "gold"), scale=1.0)
    >>> encoder = Encoder((age, plan))
    >>> encoder.names
    ('age', 'plan=basic', 'plan=gold')
    >>> frame = pl.DataFrame({"age": [55.0, None], "plan": ["gold", "silver"]})
    >>> encoder.encode(frame).values.tolist()
    [[1.5, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """

    columns: tuple[NumberEncoding | CategoryEncoding, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the d encoded columns, such as ``Age`` and ``Region=2``."""
        return tuple(name for column in self.columns for name in column.names)

    @property
    def logged(self) -> frozenset[str]:
        """Numbers whose logarithm is encoded."""
        numbers = (column for column in self.columns if isinstance(column, NumberEncoding))
        return frozenset(column.name for column in numbers if column.log)

    def encode(self, frame: pl.DataFrame) -> Encoded:
        """Encode typed rows.

        Parameters
        ----------
        frame : polars.DataFrame
            n rows with the features as ``typed`` gives them; other columns make no difference.
        """
        values = np.empty((frame.height, len(self.names)))
        usable = np.ones(frame.height, dtype=bool)
        unseen: dict[str, int] = {}
        missing: dict[str, int] = {}
        for column, place in self._blocks():
            cells = frame.get_column(column.name)
            if isinstance(column, NumberEncoding):
                raw = cells.to_numpy()
                absent, required = np.isnan(raw), column.fill is None
                encoded = column.encode(raw)
                values[:, place.start] = np.where(np.isnan(encoded), 0.0, encoded)
            else:
                codes = column.codes(cells)
                absent, required = codes == MISSING, column.required
                values[:, place] = column.encode(codes)
                unseen[column.name] = int(np.count_nonzero(codes == UNSEEN))
            missing[column.name] = int(np.count_nonzero(absent))
            if required:
                usable &= ~absent
        return Encoded(values, usable, unseen, missing)

    def decode(self, values: NDArray[np.float64]) -> pl.DataFrame:
        """Original units of encoded rows or centres.

        Parameters
        ----------
        values : ndarray, shape (n, d)

        Returns
        -------
        polars.DataFrame
            One column per feature: a number in original units; the strongest level of a category,
            null where none has a value above 0.
        """
        columns = [
            pl.Series(column.name, column.decode(values[:, place.start]), dtype=pl.Float64)
            if isinstance(column, NumberEncoding)
            else pl.Series(column.name, column.decode(values[:, place]), dtype=pl.String)
            for column, place in self._blocks()
        ]
        return pl.DataFrame(columns)

    def _blocks(self) -> Iterator[tuple[NumberEncoding | CategoryEncoding, slice]]:
        """Every encoding with the places of its columns."""
        start = 0
        for column in self.columns:
            end = start + len(column.names)
            yield column, slice(start, end)
            start = end


def fit_encoder(frame: pl.DataFrame, schema: Schema, recipe: Recipe) -> Encoder:
    """Fit an encoder to typed rows.

    Parameters
    ----------
    frame : polars.DataFrame
        The features of ``schema`` as ``typed`` gives them.
    schema : Schema
        Tells the features and their kinds.
    recipe : Recipe
        How missing values, outliers, skew, scale and categories are treated.

    Raises
    ------
    InputError
        If rows with missing values are to be dropped and none is left, or a logarithm is asked for
        in a column with negative values.

    Examples
    --------
    >>> from ilk.schema import Column
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> encoder = fit_encoder(pl.DataFrame({"Age": [20.0, 40.0]}), Schema((age,)), Recipe())
    >>> encoder.columns[0].center, encoder.columns[0].scale
    (30.0, 10.0)
    """
    features = schema.features
    rows = frame.select(pl.col(column.name) for column in features)
    if recipe.missing == "drop":
        rows = _complete(rows)
    return Encoder(
        tuple(
            fit_number(column.name, rows[column.name].to_numpy(), recipe)
            if column.kind == "number"
            else fit_category(column.name, rows[column.name], recipe)
            for column in features
        )
    )


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    complete = rows.drop_nulls()
    if complete.is_empty():
        raise InputError(
            "E_NO_COMPLETE_ROWS",
            f"each of {rows.height:,} rows lacks a value in some feature",
            place="--missing drop",
            way_out="Use `--missing median`, or leave out the features with most missing values.",
        )
    return complete
