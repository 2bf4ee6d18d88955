"""model.json: written whole, read strictly, audited before anything is built from it.

The protocol number says how the file is laid out. To change the layout: raise ``PROTOCOL``, add the
step from the previous layout to the new one (:func:`ilk.model.file_schema.upgrade`), and keep a
file of the old protocol among the tests. A file of a newer protocol is refused with the version
that can read it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ilk.cluster.mixture import MixturePartition
from ilk.cluster.partition import CentroidPartition, CorePartition, Partition
from ilk.errors import ModelFileError, shorten
from ilk.model.model import SegmentModel
from ilk.segments.segment import Segments
from ilk.tables.output_dir import write_atomically
from ilk.version import __version__

if TYPE_CHECKING:
    from ilk.model.file_schema import Document

FORMAT = "ilk segment model"
PROTOCOL = 7
MAX_BYTES = 64 * 2**20
"""Bytes that a model file may have."""

MAX_ENTRIES = 2_000_000
"""Objects, lists and strings that it may hold: a model of 10,000 columns holds as many. Parsed,
each one takes some fifty times the memory of its bytes in the file."""

_MAX_FIELDS = 1000
"""Fields of one object. None of ours has fifty, and every unknown one would make an error."""

RETRAIN_HINT = "Fit the model again with `ilk fit`."


def dumps(model: SegmentModel) -> str:
    """The text of ``model.json``: the same model gives the same bytes.

    Examples
    --------
    >>> import ilk
    >>> text = dumps(ilk.fit(ilk.demo.load("mall")).model)
    >>> dumps(loads(text)) == text
    True
    """
    from ilk.model.file_schema import dump_partition

    document = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "written_by": f"ilk {__version__}",
        "recipe": model.recipe.to_dict(),
        "table": asdict(model.schema),
        "encoder": asdict(model.encoder),
        "partition": dump_partition(model.partition),
        "choice": asdict(model.selection),
        "segments": [asdict(segment) for segment in model.segments],
        "everyone": asdict(model.everyone),
        "ranges": [asdict(known) for known in model.ranges],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def save(model: SegmentModel, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a model, whole or not at all.

    Raises
    ------
    OutputError
        If the file exists and ``overwrite`` is false, or cannot be written.

    Examples
    --------
    >>> import ilk, tempfile
    >>> file = Path(tempfile.mkdtemp()) / "model.json"
    >>> save(ilk.fit(ilk.demo.load("mall")).model, file).name
    'model.json'
    """
    write_atomically(Path(path), dumps(model).encode(), overwrite=overwrite)
    return Path(path)


def load(
    path: str | Path, *, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES
) -> SegmentModel:
    """Read a model that ilk wrote.

    Parameters
    ----------
    path : str or Path
    max_bytes, max_entries : int
        A file of more bytes, or of more objects, lists and strings, is refused before it is parsed.

    Raises
    ------
    ModelFileError
        If the file is missing, is not ours, is too large, is damaged, or is of another protocol.

    Examples
    --------
    >>> import ilk, tempfile
    >>> file = Path(tempfile.mkdtemp()) / "model.json"
    >>> run = ilk.fit(ilk.demo.load("mall"))
    >>> load(save(run.model, file)).segments == run.model.segments
    True
    """
    place = str(path)
    try:
        size = Path(path).stat().st_size
        if size <= max_bytes:
            with Path(path).open("rb") as file:
                # A device or a pipe has no size, and may never end.
                content = file.read(max_bytes + 1)
            size = max(size, len(content))
        if size > max_bytes:
            _refuse(f"the file has {size:,} bytes; a model has at most {max_bytes:,}", place)
        text = content.decode("utf-8")
    except OSError as error:
        raise ModelFileError(
            "E_MODEL_OPEN",
            f"cannot open the model: {error.strerror}",
            place=place,
            way_out="Check the path; `ilk fit` writes model.json into its output folder.",
        ) from error
    except UnicodeDecodeError:
        _refuse("the file is not text", place)
    return loads(text, place=place, max_entries=max_entries)


def loads(text: str, *, place: str = "model", max_entries: int = MAX_ENTRIES) -> SegmentModel:
    """:func:`load` for a text.

    Examples
    --------
    >>> loads("{}", place="other.json")
    Traceback (most recent call last):
    ilk.errors.ModelFileError: this is not an ilk model (other.json). ...
    """
    entries = text.count("{") + text.count("[") + text.count('"') // 2
    if entries > max_entries:
        _refuse(
            f"the file holds {entries:,} objects, lists and strings; a model has at most "
            f"{max_entries:,}",
            place,
        )
    raw = _parse(text, place)
    _check_protocol(raw, place)
    from pydantic import ValidationError

    from ilk.model.file_schema import Document, upgrade

    raw = upgrade(raw)
    try:
        document = Document.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        _refuse(f"the model is damaged at {where}: {first['msg']}", place)
    _check_exact(document.model_dump(mode="json"), raw, place)
    model = _build_model(document)
    _check_consistency(model, place)
    return model


def _build_model(document: Document) -> SegmentModel:
    return SegmentModel(
        recipe=document.recipe,
        schema=document.table,
        encoder=document.encoder,
        partition=document.partition.build(),
        selection=document.choice,
        segments=Segments(document.segments),
        everyone=document.everyone,
        ranges=document.ranges,
    )


def _parse(text: str, place: str) -> dict[str, Any]:
    def check_field_count(fields: dict[str, Any]) -> dict[str, Any]:
        if len(fields) > _MAX_FIELDS:
            _refuse(f"an object of the file has {len(fields):,} fields", place)
        return fields

    try:
        raw = json.loads(
            text,
            parse_constant=_parse_finite,
            parse_float=_parse_finite,
            object_hook=check_field_count,
        )
    except ModelFileError:
        raise
    except (ValueError, RecursionError):
        _refuse("the file is not valid JSON", place)
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        _refuse("this is not an ilk model", place)
    return raw


def _parse_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _check_protocol(raw: dict[str, Any], place: str) -> None:
    protocol = raw.get("protocol")
    # A bool is an int, and true is 1.
    if type(protocol) is int and 1 <= protocol <= PROTOCOL:
        return
    raise ModelFileError(
        "E_MODEL_PROTOCOL",
        f"the model has protocol {shorten(protocol)}, this ilk {__version__} reads 1 to {PROTOCOL}",
        place=place,
        way_out=f"Use the version that wrote it ({shorten(raw.get('written_by'))}), "
        f"or {RETRAIN_HINT}",
    )


def _check_exact(validated: Any, raw: Any, place: str, path: str = "model") -> None:
    """What we understood must be all there is: no unknown field, no value of another type."""
    if type(validated) is not type(raw):
        _refuse(f"the model is damaged at {path}: {shorten(raw)} has the wrong type", place)
    if isinstance(validated, dict):
        for name in raw:
            if name not in validated:
                _refuse(f"the model is damaged at {path}: unknown field {shorten(name)}", place)
        for name in validated:
            _check_exact(validated[name], raw.get(name), place, f"{path}.{name}")
    elif isinstance(validated, list):
        if len(validated) != len(raw):
            _refuse(f"the model is damaged at {path}: {len(raw)} entries", place)
        for position, (mine, other) in enumerate(zip(validated, raw, strict=True)):
            _check_exact(mine, other, place, f"{path}.{position}")
    elif validated != raw:
        _refuse(f"the model is damaged at {path}: {shorten(raw)}", place)


def _check_consistency(model: SegmentModel, place: str) -> None:
    """The parts must fit each other."""
    k, width = len(model.segments), len(model.encoder.output_names)
    if model.partition.centers.shape != (k, width) or k == 0:
        shape = model.partition.centers.shape
        _refuse(
            f"the model has centers of shape {shape} for {k} segments in {width} columns", place
        )
    _check_partition(model.partition, place)
    if [segment.number for segment in model.segments] != list(range(1, k + 1)):
        _refuse("the segments of the model are not numbered 1, 2, 3 …", place)
    encoded = [column.name for column in model.encoder.columns]
    if encoded != [column.name for column in model.schema.features]:
        _refuse(f"the model encodes {shorten(encoded)}, which are not its features", place)
    if any(not 0 < column.scale < math.inf for column in model.encoder.columns):
        _refuse("the model has a scale that is not a positive number", place)
    numbers = {column.name for column in model.schema.features if column.kind == "number"}
    for known in model.ranges:
        if known.column not in numbers or not known.is_valid():
            _refuse(f"the model has a range of {shorten(known.column)} that cannot be", place)
    components = model.encoder.components
    if components is not None and not components.is_valid_for(len(model.encoder.encoded_names)):
        _refuse("the model has principal components that do not fit its columns", place)


def _check_partition(partition: Partition, place: str) -> None:
    """Refuse a partition that could not label rows."""
    if isinstance(partition, MixturePartition):
        flaw = _find_mixture_flaw(partition)
    elif isinstance(partition, CorePartition):
        flaw = _find_core_flaw(partition)
    else:
        flaw = _find_centroid_flaw(partition)
    if flaw:
        _refuse(flaw, place)


def _find_centroid_flaw(partition: Partition) -> str | None:
    """Centers alone always label rows; memberships need a variance that can be one."""
    if isinstance(partition, CentroidPartition) and partition.variance < 0:
        return "the model has a negative variance within its segments"
    return None


def _find_mixture_flaw(partition: MixturePartition) -> str | None:
    k, width = partition.centers.shape
    shapes = (partition.weights.shape, partition.means.shape, partition.precisions_cholesky.shape)
    if shapes != ((k,), (k, width), (k, width, width)):
        return f"the model has a mixture of shapes {shapes} for {k} segments in {width} columns"
    if (partition.weights <= 0).any() or not math.isclose(partition.weights.sum(), 1, rel_tol=1e-9):
        return "the model has a mixture of shares that do not add up to 1"
    # An upper triangle with a positive diagonal is the root of exactly one positive definite one.
    if (
        np.tril(partition.precisions_cholesky, -1).any()
        or (np.diagonal(partition.precisions_cholesky, 0, 1, 2) <= 0).any()
    ):
        return "the model has a mixture of clouds without an extent"
    return None


def _find_core_flaw(partition: CorePartition) -> str | None:
    k, width = partition.centers.shape
    many = len(partition.labels)
    shapes = (partition.core_samples.shape, partition.eps.shape)
    if shapes != ((many, width), (k,)):
        return f"the model has cores of shapes {shapes} for {many} labels in {k} segments"
    if set(partition.labels.tolist()) != set(range(k)):
        return "the model has cores whose labels are not those of its segments"
    if (partition.eps < 0).any():
        return "the model has cores of a negative reach"
    return None


def _refuse(problem: str, place: str) -> NoReturn:
    raise ModelFileError("E_MODEL_FILE", problem, place=place, way_out=RETRAIN_HINT)
