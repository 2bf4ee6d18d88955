"""The order of the steps, written once: survey, encode, choose, label, describe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ilk.cluster.partition import NOWHERE, CentroidPartition, Floats, Partition
from ilk.columns.infer import Understood, consider, look
from ilk.errors import GateError
from ilk.features.encoder import Encoder, fit_encoder
from ilk.model.model import SegmentModel
from ilk.progress import Advance, Watch
from ilk.recipe import Recipe
from ilk.report.sample_view import View
from ilk.segments.describe import describe
from ilk.segments.playbook import Playbook, load_playbook
from ilk.selection.explain import doubts
from ilk.selection.settings import Terms
from ilk.selection.sweep import Sweep, try_all
from ilk.tables.source import Source, expected_rows, open_source
from ilk.tables.targets import input_files
from ilk.workflow.label_pass import scan
from ilk.workflow.refine import polished
from ilk.workflow.run import Run


def fit(
    source: object,
    recipe: Recipe,
    *,
    playbook: Path | None = None,
    exclude: Path | Collection[str] = (),
    progress: Watch | None = None,
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
    progress : Watch, optional
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
    progress = progress or Watch()
    actions = load_playbook(playbook)
    customers = open_source(source, recipe.reading)
    with progress.step("Reading the customers", total=expected_rows(customers)) as advance:
        understood = understand(customers, recipe, exclude, advance)
    run = segment(understood, recipe, actions, progress)
    return replace(run, inputs=(*run.inputs, *input_files(playbook, exclude)))


def understand(
    source: Source,
    recipe: Recipe,
    exclude: Path | Collection[str] = (),
    advance: Advance = lambda rows: None,
) -> Understood:
    """First scan: what every column is and what it is used for."""
    return consider(look(source, recipe, exclude, advance), recipe)


def segment(inferred: Understood, recipe: Recipe, playbook: Playbook, progress: Watch) -> Run:
    """Everything after the first scan: encode, choose K, label everyone, describe."""
    return settle(explore(inferred, recipe, progress), recipe, playbook, progress)


@dataclass(frozen=True)
class Explored:
    """Encoded customers with every K tried on them: all that is needed to settle for any K.

    ``sample`` holds the rows that could be encoded, (n, columns); ``values`` their encoded
    features, (n, d).
    """

    understood: Understood
    encoder: Encoder
    sample: pl.DataFrame
    values: Floats
    sweep: Sweep


def explore(inferred: Understood, recipe: Recipe, progress: Watch) -> Explored:
    """Encode the sample and try every K on it; ``recipe.k`` only extends the range."""
    with progress.step("Choosing the number of segments"):
        encoder = fit_encoder(inferred.sample, inferred.schema, recipe)
        encoded = encoder.encode(inferred.sample)
        usable = encoded.values[encoded.usable]
        sweep = try_all(usable, terms_of(recipe, encoder))
    return Explored(inferred, encoder, inferred.sample.filter(encoded.usable), usable, sweep)


def terms_of(recipe: Recipe, encoder: Encoder) -> Terms:
    """What a recipe lets be tried on encoded customers."""
    return Terms(
        algorithm=recipe.algorithm,
        k=recipe.k,
        k_max=recipe.k_max,
        min_share=recipe.min_share,
        max_share=recipe.max_share,
        fast=recipe.fast,
        blocks=encoder.categories,
        seed=recipe.seed,
        restarts=recipe.restarts,
    )


def settle(fitted: Explored, recipe: Recipe, playbook: Playbook, progress: Watch) -> Run:
    """Settle for ``recipe.k`` segments: label every customer and describe the segments.

    Raises
    ------
    GateError
        ``E_NO_STRUCTURE`` if segments are required and there are none; ``E_NO_CANDIDATE`` if every
        number of segments breaks a limit.
    """
    understood, encoder = fitted.understood, fitted.encoder
    choice, partition = fitted.sweep.pick(recipe.k)
    if recipe.require_structure and choice.structure == "none":
        raise GateError(
            "E_NO_STRUCTURE",
            choice.reasons[0].removesuffix("."),
            place="--require-structure",
            way_out="Leave the option out for segments by convention, or use other columns.",
        )
    if recipe.polish and isinstance(partition, CentroidPartition):  # others: see `resolve`
        total = understood.rows * recipe.polish
        with progress.step("Polishing the centres on all customers", total=total) as advance:
            partition = polished(understood, encoder, partition, recipe.polish, advance)
    with progress.step("Labelling the customers", total=understood.rows) as advance:
        found = scan(understood, encoder, partition, advance)
    order = found.largest_first()
    found = found.renumbered(order)
    partition = partition.reordered(order)
    model = SegmentModel(
        recipe=recipe,
        schema=understood.schema,
        encoder=encoder,
        partition=partition,
        choice=replace(choice, stability=_reorder(choice.stability, order)),
        segments=describe(found.profile, understood.schema, playbook).with_certainty(
            _reorder(choice.stability, order), found.close_calls()
        ),
        everyone=found.profile.overall,
    )
    return Run(
        model=model,
        labelled=found.labelled,
        inertia=found.inertia,
        view=_make_plot_sample(fitted, partition),
        sampled=len(fitted.values),
        source=understood.source,
        missing=dict(found.missing),
        notices=(*understood.notices, *doubts(choice)),
        inputs=input_files(understood.source),
    )


def _reorder(values: Sequence[float], order: Sequence[int]) -> tuple[float, ...]:
    return tuple(values[label] for label in order) if values else ()


def _make_plot_sample(fitted: Explored, partition: Partition) -> View:
    """The rows looked at that fit somewhere: pictures show segments."""
    labels = partition.place(fitted.values).labels
    view = View(fitted.sample, fitted.values, labels, fitted.encoder.explained)
    inside = labels != NOWHERE
    return view if inside.all() else view.rows(inside.nonzero()[0])
