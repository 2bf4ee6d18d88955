"""The order of the steps, written once: survey, encode, choose, label, describe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ilk.choice.choose import choose
from ilk.cluster.partition import CentroidPartition
from ilk.errors import InputError, Notice
from ilk.features.encoder import Encoder, fit_encoder
from ilk.model import NOWHERE, SegmentModel, assign_typed, identity
from ilk.recipe import Reading, Recipe
from ilk.roles import check_enough, decide
from ilk.run import Run, View
from ilk.schema import Schema
from ilk.segments.describe import describe
from ilk.segments.playbook import Playbook, load_playbook
from ilk.segments.profile import Profile, profile
from ilk.survey import Survey, survey
from ilk.tables.exclusion import excluding, read_ids
from ilk.tables.rejects import Reject
from ilk.tables.source import Source, open_source
from ilk.typed import typed
from ilk.watch import Advance, Watch


@dataclass(frozen=True)
class Understood:
    """A table and what was found out about it before anything is clustered.

    ``magnitudes`` holds the largest absolute value of every numeric column that is described.
    """

    source: Source
    schema: Schema
    sample: pl.DataFrame
    rows: int
    magnitudes: dict[str, float]
    notices: tuple[Notice, ...] = ()


def fit(
    source: object,
    recipe: Recipe,
    *,
    playbook: Path | None = None,
    exclude: Path | Collection[str] = (),
    watch: Watch | None = None,
) -> Run:
    """The main job: read, choose K, fit, label every customer, describe the segments.

    Parameters
    ----------
    source : path, data frame or Source
        The customers, one row each.
    recipe : Recipe
        Every choice of the run.
    playbook : Path, optional
        A playbook of actions in place of the one that comes with ilk.
    exclude : Path or collection of str
        Ids of customers who must not be used at all, or a file of them.
    watch : Watch, optional
        Told about the steps.

    Raises
    ------
    InputError
        If the customers cannot be read or segmented as they are.

    Examples
    --------
    >>> import ilk
    >>> fit(ilk.demo.load("mall"), Recipe(describe=("Age",))).choice.k
    5
    """
    watch = watch or Watch()
    actions = load_playbook(playbook)
    with watch.step("Reading the customers"):
        understood = understand(open_source(source, recipe.reading), recipe, exclude)
    return segment(understood, recipe, actions, watch)


def predict(model: SegmentModel, customers: object, reading: Reading | None = None) -> Prediction:
    """Label new customers with a model, and say what was odd about them.

    Parameters
    ----------
    model : SegmentModel
    customers : path, data frame, Source or mapping
        See :meth:`SegmentModel.predict`.
    reading : Reading, optional
        How to read a text file; what it leaves open is detected.

    Examples
    --------
    >>> import ilk
    >>> model = ilk.fit(ilk.demo.load("mall"), describe=["Age"]).model
    >>> predict(model, {"Annual Income (k$)": 85, "Spending Score (1-100)": None}).notices[0].column
    'Spending Score (1-100)'
    """
    source = model.open(customers, reading)
    frames, unseen, missing = [], Counter[str](), Counter[str]()
    for frame, assignments in model.labels(source):
        frames.append(frame)
        unseen.update(assignments.unseen)
        missing.update(assignments.missing)
    notices = (*source.notices, *_oddities(unseen, missing, source.rejects))
    return Prediction(pl.concat(frames), source.rejects, notices)


def _oddities(
    unseen: Counter[str], missing: Counter[str], rejects: Sequence[Reject]
) -> Iterator[Notice]:
    if rejects:
        first = f"the first is line {rejects[0].line}: {rejects[0].reason}"
        yield Notice("W_REJECTED", f"{len(rejects):,} rows could not be read; {first}")
    for column, count in (+missing).items():
        yield Notice(
            "W_MISSING_VALUES", f"{count:,} without a value, treated as in training", column
        )
    for column, count in (+unseen).items():
        yield Notice(
            "W_UNSEEN_LEVEL", f"{count:,} with a category that training did not see", column
        )


def understand(source: Source, recipe: Recipe, exclude: Path | Collection[str] = ()) -> Understood:
    """First scan: what every column is and what it is used for."""
    ids = () if recipe.id is None else (recipe.id,)
    surveyed = survey(source, sample=recipe.sample, ids=ids)
    if exclude:
        schema, _ = decide(surveyed, recipe)
        id_column = _id_to_exclude_by(schema)
        objected = read_ids(exclude, id_column) if isinstance(exclude, Path) else exclude
        source = excluding(source, id_column, objected)
        surveyed = survey(source, sample=recipe.sample, ids=ids)
    check_enough(surveyed.rows, recipe)
    schema, notices = decide(surveyed, recipe)
    return Understood(
        source=source,
        schema=schema,
        sample=typed(surveyed.sample, schema.described, source.numerals),
        rows=surveyed.rows,
        magnitudes=_magnitudes(surveyed, schema),
        notices=(*source.notices, *notices),
    )


def segment(understood: Understood, recipe: Recipe, playbook: Playbook, watch: Watch) -> Run:
    """Everything after the first scan: encode, choose K, label everyone, describe."""
    schema, sample = understood.schema, understood.sample
    with watch.step("Choosing the number of segments"):
        encoder = fit_encoder(sample, schema, recipe)
        encoded = encoder.encode(sample)
        usable = encoded.values[encoded.usable]
        choice, partition = choose(
            usable, k=recipe.k, k_max=recipe.k_max, seed=recipe.seed, restarts=recipe.restarts
        )
    with watch.step("Labelling the customers", total=understood.rows) as advance:
        scan = _scan(understood, encoder, partition, advance)
    order = scan.largest_first()
    scan = scan.renumbered(order)
    partition = replace(partition, centers=partition.centers[order])
    model = SegmentModel(
        recipe=recipe,
        schema=schema,
        encoder=encoder,
        partition=partition,
        choice=choice,
        segments=describe(scan.profile, schema, playbook),
        everyone=scan.profile.overall,
    )
    return Run(
        model=model,
        customers=model.label(scan.identity, scan.segments),
        view=View(sample.filter(encoded.usable), usable, partition.place(usable).labels),
        source=understood.source,
        missing=dict(scan.missing),
        notices=understood.notices,
    )


@dataclass(frozen=True)
class Prediction:
    """Labelled new customers, and what there is to know about them.

    ``customers`` holds the id (or ``row``), ``segment``, ``segment_name``, ``action`` and
    ``clarity`` of every row, in the order read.
    """

    customers: pl.DataFrame
    rejects: tuple[Reject, ...]
    notices: tuple[Notice, ...]

    @property
    def labels(self) -> pl.DataFrame:
        """The id (or ``row``), segment and name: the columns of ``customers.csv``."""
        return self.customers.drop("action", "clarity")


@dataclass(frozen=True)
class Scan:
    """What the second scan brings: per row the id and the segment, and sums over all rows."""

    identity: pl.Series
    segments: NDArray[np.int32]
    profile: Profile
    missing: Counter[str]

    def largest_first(self) -> list[int]:
        """Labels in the order of their exact counts; the sample's order where they tie."""
        groups = self.profile.groups
        return sorted(range(self.profile.k), key=lambda label: -groups[label].customers)

    def renumbered(self, order: list[int]) -> Scan:
        """The same scan with the label ``order[i]`` called ``i``."""
        number = {NOWHERE: NOWHERE} | {old + 1: new + 1 for new, old in enumerate(order)}
        table = np.array([number[old] for old in range(len(number))], dtype=np.int32)
        groups = {number[old + 1] - 1: group for old, group in self.profile.groups.items()}
        return replace(
            self, segments=table[self.segments], profile=replace(self.profile, groups=groups)
        )


def _magnitudes(surveyed: Survey, schema: Schema) -> dict[str, float]:
    """Largest absolute value of every described number, over all rows."""
    numbers = (column.name for column in schema.described if column.kind == "number")
    bounds = ((name, surveyed.tallies[name]) for name in numbers)
    return {name: max(abs(tally.low or 0.0), abs(tally.high or 0.0)) for name, tally in bounds}


def _scan(
    understood: Understood, encoder: Encoder, partition: CentroidPartition, advance: Advance
) -> Scan:
    """Second scan: label every customer and add up the figures of every segment."""
    columns = understood.schema.described
    identities, segments, profiles = [], [], []
    missing: Counter[str] = Counter()
    row = 1
    for frame in understood.source.frames():
        cells = typed(frame, columns, understood.source.numerals, first_row=row)
        assignments = assign_typed(cells, encoder, partition)
        labels = assignments.segments - 1
        profiles.append(
            profile(cells, labels, columns, magnitudes=understood.magnitudes, logged=encoder.logged)
        )
        identities.append(identity(frame, understood.schema.id, row))
        segments.append(assignments.segments)
        missing.update(assignments.missing)
        row += frame.height
        advance(frame.height)
    merged = profiles[0]
    for part in profiles[1:]:
        merged = merged.merge(part)
    return Scan(pl.concat(identities), np.concatenate(segments), merged, missing)


def _id_to_exclude_by(schema: Schema) -> str:
    if schema.id is None:
        raise InputError(
            "E_NO_ID",
            "customers cannot be excluded, because no column holds their ids",
            place="--exclude-ids",
            way_out="Name the id column with --id.",
        )
    return schema.id
