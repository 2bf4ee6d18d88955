from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from ilk.columns.roles import infer_roles
from ilk.columns.summary import summarize_frame
from ilk.errors import Notice
from ilk.recipe import Recipe
from ilk.schema import Column
from ilk.tables.number_format import NumberFormat

Infer = Callable[..., tuple[dict[str, Column], tuple[Notice, ...]]]


@pytest.fixture
def infer() -> Infer:
    """The columns by name, and the notices, of a small table given as columns."""

    def infer_columns(
        table: dict[str, Any], **choices: Any
    ) -> tuple[dict[str, Column], tuple[Notice, ...]]:
        summary = summarize_frame(pl.DataFrame(table), NumberFormat())
        schema, notices = infer_roles(summary, Recipe(**choices))
        return {column.name: column for column in schema}, notices

    return infer_columns
