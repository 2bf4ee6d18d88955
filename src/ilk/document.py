"""Document: how model.json is laid out, as types that a file is validated against."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, FailFast, Field

from ilk.choice.choice import Candidate, Choice
from ilk.cluster.cores import CorePartition
from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import CentroidPartition, Partition
from ilk.features.encoder import Encoder
from ilk.recipe import Recipe
from ilk.schema import Entries, Schema
from ilk.segments.segment import Figures, Segment


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


_Line = Annotated[list[float], FailFast()]
_Matrix = Annotated[list[_Line], FailFast()]


class _Centroids(_Strict):
    kind: Literal["centroids"]
    centers: _Matrix
    inertia: float

    def build(self) -> Partition:
        return CentroidPartition(_array(self.centers), self.inertia)


class _Mixture(_Strict):
    kind: Literal["mixture"]
    centers: _Matrix
    inertia: float
    weights: _Line
    means: _Matrix
    roots: Annotated[list[_Matrix], FailFast()]

    def build(self) -> Partition:
        return MixturePartition(
            _array(self.centers),
            self.inertia,
            weights=_array(self.weights),
            means=_array(self.means),
            roots=_array(self.roots),
        )


class _Cores(_Strict):
    kind: Literal["cores"]
    centers: _Matrix
    inertia: float
    points: _Matrix
    labels: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], FailFast()]
    reach: _Line

    def build(self) -> Partition:
        return CorePartition(
            _array(self.centers),
            self.inertia,
            points=_array(self.points),
            labels=np.array(self.labels, dtype=np.int32),
            reach=_array(self.reach),
        )


_KINDS = {CentroidPartition: "centroids", MixturePartition: "mixture", CorePartition: "cores"}


def laid_out(partition: Partition) -> dict[str, Any]:
    """A partition as the part of ``model.json`` that holds it.

    Examples
    --------
    >>> laid_out(CentroidPartition(np.array([[0.0], [4.0]]), inertia=2.0))
    {'kind': 'centroids', 'centers': [[0.0], [4.0]], 'inertia': 2.0}
    """
    fields = {field.name: getattr(partition, field.name) for field in dataclasses.fields(partition)}
    return {"kind": _KINDS[type(partition)]} | {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in fields.items()
    }


def _array(nested: list[Any]) -> NDArray[np.float64]:
    """Nested lists as an array; ragged ones give an empty one, which the audit refuses."""
    try:
        return np.array(nested, dtype=np.float64)
    except ValueError:
        return np.empty(0)


Raw = dict[str, Any]
"""A file as it was parsed, before anything in it was looked at: it may hold anything."""


def upgraded(raw: Raw) -> Raw:
    """A file of an earlier protocol in today's layout; ``raw`` itself is left alone.

    Examples
    --------
    >>> upgraded({"protocol": 1})["protocol"]
    3
    """
    while raw["protocol"] in _STEPS:
        raw = _STEPS[raw["protocol"]](raw) | {"protocol": raw["protocol"] + 1}
    return raw


def _from_1(raw: Raw) -> Raw:
    """Protocol 1 knew k-means alone, no principal components, and no tests of what was found."""
    raw = _with(raw, "recipe", pca=None, algorithm="kmeans", min_share=0.0, max_share=1.0)
    raw = _with(raw, "recipe", require_structure=False, fast=True)
    raw = _with(raw, "encoder", components=None)
    raw = _with(raw, "choice", structure="untested", stability=[])
    untested = dict.fromkeys(each.name for each in dataclasses.fields(Candidate) if each.kw_only)
    choice = raw.get("choice")
    if isinstance(choice, dict):
        raw = raw | {"choice": _each(choice, "candidates", untested)}
    return _each(raw, "segments", {"stability": None, "close_calls": None})


def _from_2(raw: Raw) -> Raw:
    """Protocol 2 knew no passes over all rows."""
    return _with(raw, "recipe", polish=0)


def _each(raw: Raw, part: str, fields: Raw) -> Raw:
    """A file with fields that the entries of one of its lists did not have before."""
    entries = raw.get(part)
    if not isinstance(entries, list):
        return raw
    return raw | {part: [fields | each if isinstance(each, dict) else each for each in entries]}


def _with(raw: Raw, part: str, **fields: Any) -> Raw:
    """A file with fields that one of its parts did not have before."""
    inner = raw.get(part)
    # What is not what it should be is left to the validation, which says so.
    return raw | {part: {**fields, **inner}} if isinstance(inner, dict) else raw


_STEPS: dict[int, Callable[[Raw], Raw]] = {1: _from_1, 2: _from_2}
"""From each earlier protocol to the next one."""


class Document(_Strict):
    """The layout of protocol 3."""

    format: Literal["ilk segment model"]
    protocol: Literal[3]
    written_by: str
    recipe: Recipe
    table: Schema
    encoder: Encoder
    partition: Annotated[_Centroids | _Mixture | _Cores, Field(discriminator="kind")]
    choice: Choice
    segments: Entries[Segment]
    everyone: Figures
