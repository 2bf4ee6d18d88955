"""Document: how model.json is laid out, as types that a file is validated against."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ilk.choice.choice import Choice
from ilk.features.encoder import Encoder
from ilk.recipe import Recipe
from ilk.schema import Schema
from ilk.segments.segment import Figures, Segment


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Partition(_Strict):
    kind: Literal["centroids"]
    centers: list[list[float]]
    inertia: float


class Document(_Strict):
    """The layout of protocol 1."""

    format: Literal["ilk segment model"]
    protocol: Literal[1]
    written_by: str
    recipe: Recipe
    table: Schema
    encoder: Encoder
    partition: _Partition
    choice: Choice
    segments: tuple[Segment, ...]
    everyone: Figures
