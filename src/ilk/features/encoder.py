"""From cast columns to the numbers that are clustered, and back to original units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.errors import InputError
from ilk.features.categorical import MISSING_CODE, UNSEEN_CODE, CategoricalEncoding, fit_categorical
from ilk.features.numeric import NumericEncoding, fit_numeric
from ilk.features.pca import CHUNK_CELLS, PrincipalComponents, fit_pca
from ilk.formatting.numbers import format_count
from ilk.recipe import Recipe
from ilk.schema import Entries, Schema

__all__ = [
    "CategoricalEncoding",
    "EncodedRows",
    "Encoder",
    "NumericEncoding",
    "PrincipalComponents",
    "fit_encoder",
]


@dataclass(frozen=True)
class EncodedRows:
    """Encoded rows.

    Attributes
    ----------
    values : ndarray, shape (n, d)
        Always finite; the row of a customer who is not usable is a placeholder.
    usable : ndarray of bool, shape (n,)
        False where a feature is missing and the encoder leaves out such rows.
    unseen : dict
        Cells per category whose level was not in the training data.
    missing : dict
        Cells per feature without a value.
    low, high : dict
        Cells per feature with bounds whose value is beyond the lower or the upper one.
    n_clipped : ndarray of int, shape (n,)
        Cells of each row that are beyond a bound.
    """

    values: NDArray[np.float64]
    usable: NDArray[np.bool_]
    unseen: dict[str, int]
    missing: dict[str, int]
    low: dict[str, int]
    high: dict[str, int]
    n_clipped: NDArray[np.int32]


@dataclass(frozen=True)
class Encoder:
    """The fitted encodings of all features, in the order of the schema.

    Where there are ``components``, the encoded columns are projected onto these, and rows are
    clustered there.

    Examples
    --------
    >>> age = NumericEncoding("age", 40.0, None, None, False, center=40.0, scale=10.0)
    >>> plan = CategoricalEncoding("plan", ("basic", "gold"), scale=1.0)
    >>> encoder = Encoder((age, plan))
    >>> encoder.output_names
    ('age', 'plan=basic', 'plan=gold')
    >>> frame = pl.DataFrame({"age": [55.0, None], "plan": ["gold", "silver"]})
    >>> encoder.encode(frame).values.tolist()
    [[1.5, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """

    columns: Entries[NumericEncoding | CategoricalEncoding]
    components: PrincipalComponents | None = None

    @cached_property
    def encoded_names(self) -> tuple[str, ...]:
        """Names of the encoded columns before projection: ``Age``, ``Region=2`` …"""
        return tuple(name for column in self.columns for name in column.column_names)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the d output columns: the encoded columns, or the components."""
        return self.encoded_names if self.components is None else self.components.names

    @property
    def category_slices(self) -> tuple[slice, ...]:
        """Positions of the levels of each category among the output columns.

        There are none with components, which mix categories with numbers.
        """
        if self.components is not None:
            return ()
        return tuple(
            block
            for column, block in self._iter_blocks()
            if isinstance(column, CategoricalEncoding)
        )

    @property
    def explained_variance(self) -> float:
        """The share of the variance that the output columns keep."""
        return 1.0 if self.components is None else self.components.explained_variance

    @property
    def log_columns(self) -> frozenset[str]:
        """Names of the numbers whose logarithm is encoded."""
        numbers = (column for column in self.columns if isinstance(column, NumericEncoding))
        return frozenset(column.name for column in numbers if column.log)

    def encode(self, frame: pl.DataFrame) -> EncodedRows:
        """Encode cast rows.

        Parameters
        ----------
        frame : polars.DataFrame
            n rows with the features as ``cast_columns`` makes them; other columns are ignored.
        """
        usable = np.ones(frame.height, dtype=bool)
        n_clipped = np.zeros(frame.height, dtype=np.int32)
        unseen: dict[str, int] = {}
        missing: dict[str, int] = {}
        low: dict[str, int] = {}
        high: dict[str, int] = {}
        cells: list[NDArray[Any]] = []
        for column in self.columns:
            if isinstance(column, NumericEncoding):
                raw = frame.get_column(column.name).to_numpy()
                is_missing, required = np.isnan(raw), column.fill is None
                if column.is_clipped:
                    below, above = column.find_clipped(raw)
                    low[column.name] = int(np.count_nonzero(below))
                    high[column.name] = int(np.count_nonzero(above))
                    n_clipped += below | above
                cells.append(raw)
            else:
                codes = column.find_codes(frame.get_column(column.name))
                is_missing, required = codes == MISSING_CODE, column.required
                unseen[column.name] = int(np.count_nonzero(codes == UNSEEN_CODE))
                cells.append(codes)
            missing[column.name] = int(np.count_nonzero(is_missing))
            if required:
                usable &= ~is_missing
        values = self._encode_cells(cells, frame.height)
        if self.components is not None:
            values = self.components.encode(values)
        return EncodedRows(values, usable, unseen, missing, low, high, n_clipped)

    def decode(self, values: NDArray[np.float64]) -> pl.DataFrame:
        """Original units of encoded rows or centers.

        Parameters
        ----------
        values : ndarray, shape (n, d)

        Returns
        -------
        polars.DataFrame
            One column per feature: a number in original units; the strongest level of a category,
            null where none has a value above 0. Components that were left out count with
            their mean.
        """
        if self.components is not None:
            values = self.components.decode(values)
        decoded = [
            pl.Series(column.name, column.decode(values[:, block.start]), dtype=pl.Float64)
            if isinstance(column, NumericEncoding)
            else pl.Series(column.name, column.decode(values[:, block]), dtype=pl.String)
            for column, block in self._iter_blocks()
        ]
        return pl.DataFrame(decoded)

    def _encode_cells(self, cells: Sequence[NDArray[Any]], height: int) -> NDArray[np.float64]:
        """Encode numbers and codes, a few rows at a time, so that they stay in the cache."""
        width = len(self.encoded_names)
        values = np.empty((height, width))
        step = max(1, CHUNK_CELLS // max(1, width))
        scratch = np.empty((width, min(step, height)))
        for start in range(0, height, step):
            rows = slice(start, start + step)
            encoded = scratch[:, : min(step, height - start)]
            for (column, block), raw in zip(self._iter_blocks(), cells, strict=True):
                column.encode_into(raw[rows], encoded[block])
            values[rows] = encoded.T
        return values

    def _iter_blocks(self) -> Iterator[tuple[NumericEncoding | CategoricalEncoding, slice]]:
        """Every encoding with the positions of its columns."""
        start = 0
        for column in self.columns:
            end = start + len(column.column_names)
            yield column, slice(start, end)
            start = end


def fit_encoder(frame: pl.DataFrame, schema: Schema, recipe: Recipe) -> Encoder:
    """Fit an encoder to cast rows.

    Parameters
    ----------
    frame : polars.DataFrame
        The features of ``schema`` as ``cast_columns`` makes them.
    schema : Schema
        The features and their kinds.
    recipe : Recipe
        How missing values, outliers, skew, scale and categories are treated, and whether the
        encoded columns are projected onto principal components.

    Raises
    ------
    InputError
        If rows with missing values are dropped and none is left, or more components are requested
        than there are.

    Examples
    --------
    >>> from ilk.schema import Column
    >>> age = Column("Age", kind="number", role="feature", reason="a number")
    >>> encoder = fit_encoder(pl.DataFrame({"Age": [20.0, 40.0]}), Schema((age,)), Recipe())
    >>> encoder.columns[0].center, encoder.columns[0].scale
    (30.0, 10.0)
    """
    features = schema.features
    n_answers = Counter(column.source for column in features if column.answer is not None)
    rows = frame.select(pl.col(column.name) for column in features)
    if recipe.missing == "drop":
        rows = _keep_complete_rows(rows)
    encoder = Encoder(
        tuple(
            fit_numeric(column.name, rows[column.name].to_numpy(), recipe)
            if column.kind == "number"
            else fit_categorical(
                column.name, rows[column.name], recipe, n_answers.get(column.source, 1)
            )
            for column in features
        )
    )
    if recipe.pca is None:
        return encoder
    # All rows are usable here: the others were dropped above.
    components = fit_pca(encoder.encode(rows).values)
    return replace(encoder, components=_select_components(components, recipe.pca))


def _select_components(components: PrincipalComponents, wanted: float) -> PrincipalComponents:
    """A number of components, or as few as explain a share; never fewer than requested."""
    available = len(components.directions)
    if not available:
        raise InputError(
            "E_TOO_MANY_COMPONENTS",
            "there are no principal components: all customers are equal after preprocessing",
            place="{pca}",
            way_out="Leave that out, or use columns in which customers differ.",
            options={"pca": wanted},
        )
    count = wanted if isinstance(wanted, int) else components.find_n_components(wanted)
    if count > available:
        raise InputError(
            "E_TOO_MANY_COMPONENTS",
            f"{format_count(count, 'principal component')} were requested, but the data has only "
            f"{available}",
            way_out="Use {pca} or less, or a share of the variance such as 0.9.",
            options={"pca": available},
        )
    return components.keep_first(count)


def _keep_complete_rows(rows: pl.DataFrame) -> pl.DataFrame:
    complete = rows.drop_nulls()
    if complete.is_empty():
        raise InputError(
            "E_NO_COMPLETE_ROWS",
            f"none of the {rows.height:,} rows has a value in every feature",
            way_out="Use {missing}, or leave out the features with most missing values.",
            options={"missing": "median"},
        )
    return complete
