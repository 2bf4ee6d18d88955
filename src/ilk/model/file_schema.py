"""Document: how model.json is laid out, as types that a file is validated against."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, FailFast, Field, PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import CentroidPartition, CorePartition, Partition
from ilk.errors import UsageError
from ilk.features.encoder import Encoder
from ilk.model.ranges import ColumnRange
from ilk.recipe import Recipe, resolve_recipe
from ilk.schema import CellReading, Entries, Schema
from ilk.segments.segment import Figures, Segment
from ilk.selection.candidates import Selection


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


_Vector = Annotated[list[float], FailFast()]
_Matrix = Annotated[list[_Vector], FailFast()]


class _Centroids(_Strict):
    kind: Literal["centroids"]
    centers: _Matrix
    inertia: float
    variance: float

    def build(self) -> Partition:
        return CentroidPartition(_to_array(self.centers), self.inertia, self.variance)


class _Mixture(_Strict):
    kind: Literal["mixture"]
    centers: _Matrix
    inertia: float
    weights: _Vector
    means: _Matrix
    precisions_cholesky: Annotated[list[_Matrix], FailFast()]

    def build(self) -> Partition:
        return MixturePartition(
            _to_array(self.centers),
            self.inertia,
            weights=_to_array(self.weights),
            means=_to_array(self.means),
            precisions_cholesky=_to_array(self.precisions_cholesky),
        )


class _CoreSamples(_Strict):
    kind: Literal["cores"]
    centers: _Matrix
    inertia: float
    core_samples: _Matrix
    labels: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], FailFast()]
    eps: _Vector

    def build(self) -> Partition:
        return CorePartition(
            _to_array(self.centers),
            self.inertia,
            core_samples=_to_array(self.core_samples),
            labels=np.array(self.labels, dtype=np.int32),
            eps=_to_array(self.eps),
        )


_PARTITION_KINDS = {
    CentroidPartition: "centroids",
    MixturePartition: "mixture",
    CorePartition: "cores",
}


def dump_partition(partition: Partition) -> dict[str, Any]:
    """A partition as the part of ``model.json`` that holds it.

    Examples
    --------
    >>> dump_partition(CentroidPartition(np.array([[0.0], [4.0]]), inertia=2.0))
    {'kind': 'centroids', 'centers': [[0.0], [4.0]], 'inertia': 2.0, 'variance': 0.0}
    """
    fields = {field.name: getattr(partition, field.name) for field in dataclasses.fields(partition)}
    return {"kind": _PARTITION_KINDS[type(partition)]} | {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in fields.items()
    }


def _to_array(nested: list[Any]) -> NDArray[np.float64]:
    """Nested lists as an array; ragged ones give an empty one, which the checks refuse."""
    try:
        return np.array(nested, dtype=np.float64)
    except ValueError:
        return np.empty(0)


RawDocument = dict[str, Any]
"""A file as it was parsed, before anything in it was looked at: it may hold anything."""


def upgrade(raw: RawDocument) -> RawDocument:
    """A file of an earlier protocol in today's layout; ``raw`` itself is left alone.

    Examples
    --------
    >>> upgrade({"protocol": 1})["protocol"]
    7
    """
    while raw["protocol"] in _UPGRADES:
        raw = _UPGRADES[raw["protocol"]](raw) | {"protocol": raw["protocol"] + 1}
    return raw


def _upgrade_from_1(raw: RawDocument) -> RawDocument:
    """Protocol 1 knew k-means alone, no principal components, and no tests of what was found."""
    raw = _add_fields(raw, "recipe", pca=None, algorithm="kmeans", min_share=0.0, max_share=1.0)
    raw = _add_fields(raw, "recipe", require_structure=False, fast=True)
    raw = _add_fields(raw, "encoder", components=None)
    raw = _add_fields(raw, "choice", structure="untested", stability=[])
    choice = raw.get("choice")
    if isinstance(choice, dict):
        untested = dict.fromkeys(_FIELDS_SINCE_2)
        raw = raw | {"choice": _add_entry_fields(choice, "candidates", untested)}
    return _add_entry_fields(raw, "segments", {"stability": None, "close_calls": None})


def _upgrade_from_2(raw: RawDocument) -> RawDocument:
    """Protocol 2 knew no passes over all rows."""
    return _add_fields(raw, "recipe", polish=0)


def _upgrade_from_3(raw: RawDocument) -> RawDocument:
    """Protocol 3 had other names for some of the fields."""
    partition, choice = raw.get("partition"), raw.get("choice")
    if isinstance(partition, dict):
        raw = raw | {"partition": _rename_fields(partition, _PARTITION_FIELDS_SINCE_4)}
    if isinstance(choice, dict):
        choice = _rename_entry_fields(choice, "candidates", _CANDIDATE_FIELDS_SINCE_4)
        raw = raw | {"choice": choice}
    return _rename_entry_fields(raw, "segments", {"close_calls": "borderline_share"})


def _upgrade_from_4(raw: RawDocument) -> RawDocument:
    """Protocol 4 spelled one field in the British way."""
    choice = raw.get("choice")
    if isinstance(choice, dict):
        new_names = {_RELABELED_IN_4: "relabeled_share"}
        raw = raw | {"choice": _rename_entry_fields(choice, "candidates", new_names)}
    return raw


def _upgrade_from_5(raw: RawDocument) -> RawDocument:
    """Protocol 5 did not say how far customers are from their centers."""
    partition = raw.get("partition")
    if not isinstance(partition, dict) or partition.get("kind") != "centroids":
        return raw
    try:
        variance = _estimate_variance(raw)
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError):
        return raw  # no file of ours: the validation says what is wrong with it
    return _add_fields(raw, "partition", variance=variance)


def _estimate_variance(raw: RawDocument) -> float:
    """The inertia over the customers of the sample that it was measured on, and the columns.

    Where rows with gaps are left out, the sample has the same share of them as the table.
    """
    partition = raw["partition"]
    customers = sum(segment["figures"]["customers"] for segment in raw["segments"])
    share = min(1.0, raw["recipe"].get("sample", Recipe().sample) / raw["everyone"]["customers"])
    return float(partition["inertia"] / (customers * share * len(partition["centers"][0])))


def _upgrade_from_6(raw: RawDocument) -> RawDocument:
    """Protocol 6 knew neither what columns mean nor of another algorithm that would be better.

    Its segments say neither what they are worth nor why they have their names, and it does not know
    the ranges of its columns.
    """
    raw = _add_entry_fields({"ranges": []} | raw, "segments", _SEGMENT_FIELDS_SINCE_7)
    raw = _add_fields(raw, "choice", better_algorithm=None, n_customers=None)
    choice = raw.get("choice")
    if isinstance(choice, dict):
        raw = raw | {"choice": _add_entry_fields(choice, "candidates", {"gap_density": None})}
    raw = _add_fields(raw, "recipe", outcome=None, value=None, columns_as=[])
    raw = _add_fields(raw, "recipe", as_of=None, labels=None)
    table = raw.get("table")
    if not isinstance(table, dict):
        return raw
    unknown = {
        **{"meaning": None, "unit": "", "outcome": None, "is_value": False, "conversion": None},
        "cells": _dump_default(CellReading()),
        **{"own_name": "", "answer": None},
    }
    return raw | {"table": _add_entry_fields(table, "columns", unknown)}


def _dump_default(cells: CellReading) -> RawDocument:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(cells).items()
    }


_SEGMENT_FIELDS_SINCE_7: RawDocument = {
    "values": [],
    "outcomes": [],
    "goal": "",
    "name_reasons": [],
}
_FIELDS_SINCE_2 = (
    *("gap", "gap_error", "excess", "groups", "stability", "stability_least", "seed_agreement"),
    *("smallest", "largest", "changed", "refused", "cut"),
)
_PARTITION_FIELDS_SINCE_4 = {
    "points": "core_samples",
    "reach": "eps",
    "roots": "precisions_cholesky",
}
_RELABELED_IN_4 = "relabelled_share"
_CANDIDATE_FIELDS_SINCE_4 = {
    "silhouette_spread": "silhouette_error",
    "excess": "silhouette_gain",
    "groups": "n_separated_groups",
    "stability_least": "stability_min",
    "smallest": "smallest_share",
    "largest": "largest_share",
    "changed": _RELABELED_IN_4,
    "refused": "rejection_reason",
    "cut": "cut_fraction",
}


def _rename_fields(fields: RawDocument, new_names: Mapping[str, str]) -> RawDocument:
    if not fields.keys().isdisjoint(new_names.values()):
        return fields  # no file of ours: the validation says which field it does not know
    return {new_names.get(name, name): value for name, value in fields.items()}


def _rename_entry_fields(
    raw: RawDocument, section: str, new_names: Mapping[str, str]
) -> RawDocument:
    """A file in which some fields of the entries of one of its lists have new names."""
    entries = raw.get(section)
    if not isinstance(entries, list):
        return raw
    renamed = [
        _rename_fields(entry, new_names) if isinstance(entry, dict) else entry for entry in entries
    ]
    return raw | {section: renamed}


def _add_entry_fields(raw: RawDocument, section: str, fields: RawDocument) -> RawDocument:
    """A file with fields that the entries of one of its lists did not have before."""
    entries = raw.get(section)
    if not isinstance(entries, list):
        return raw
    return raw | {
        section: [fields | entry if isinstance(entry, dict) else entry for entry in entries]
    }


def _add_fields(raw: RawDocument, section: str, **fields: Any) -> RawDocument:
    """A file with fields that one of its parts did not have before."""
    inner = raw.get(section)
    # What is not what it should be is left to the validation, which says so.
    return raw | {section: {**fields, **inner}} if isinstance(inner, dict) else raw


_UPGRADES: dict[int, Callable[[RawDocument], RawDocument]] = {
    1: _upgrade_from_1,
    2: _upgrade_from_2,
    3: _upgrade_from_3,
    4: _upgrade_from_4,
    5: _upgrade_from_5,
    6: _upgrade_from_6,
}
"""From each earlier protocol to the next one."""


def _read_recipe(raw: object) -> Recipe:
    """The recipe of a file; it checks itself, and stops at the first fault."""
    if not isinstance(raw, dict):
        raise PydanticCustomError("recipe", "it is not an object")
    try:
        return resolve_recipe({}, raw)
    except UsageError as error:
        context = {"problem": f"{error.message} ({error.place})"}
        raise PydanticCustomError("recipe", "{problem}", context) from error


class Document(_Strict):
    """The layout of protocol 7."""

    format: Literal["ilk segment model"]
    protocol: Literal[7]
    written_by: str
    recipe: Annotated[Recipe, PlainValidator(_read_recipe), PlainSerializer(Recipe.to_dict)]
    table: Schema
    encoder: Encoder
    partition: Annotated[_Centroids | _Mixture | _CoreSamples, Field(discriminator="kind")]
    choice: Selection
    segments: Entries[Segment]
    everyone: Figures
    ranges: Entries[ColumnRange]
