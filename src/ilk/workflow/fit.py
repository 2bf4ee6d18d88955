"""The order of the steps, written once: survey, encode, choose, label, describe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ilk.cluster.partition import NOISE, CentroidPartition, Floats, Partition
from ilk.columns.infer import InferredSchema, infer_schema, summarize_source
from ilk.errors import GateError
from ilk.features.encoder import Encoder, fit_encoder
from ilk.model.model import SegmentModel
from ilk.progress import AdvanceCallback, ProgressReporter
from ilk.recipe import Recipe
from ilk.report.sample_view import PlotSample
from ilk.segments.describe import describe_segments
from ilk.segments.playbook import Playbook, load_playbook
from ilk.selection.explain import list_warnings
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import Sweep, sweep_k
from ilk.tables.source import Source, estimate_rows, open_source
from ilk.tables.targets import list_input_files
from ilk.workflow.label_pass import run_label_pass
from ilk.workflow.refine import refine_centers
from ilk.workflow.run import Run


def fit(
    source: object,
    recipe: Recipe,
    *,
    playbook: Path | None = None,
    exclude: Path | Collection[str] = (),
    progress: ProgressReporter | None = None,
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
    >>> fit(ilk.demo.load("mall"), Recipe(describe=("Age",))).selection.k
    5
    """
    progress = progress or ProgressReporter()
    actions = load_playbook(playbook)
    customers = open_source(source, recipe.reading)
    with progress.step("Reading the customers", total=estimate_rows(customers)) as advance:
        understood = inspect_source(customers, recipe, exclude, advance)
    run = segment_customers(understood, recipe, actions, progress)
    return replace(run, inputs=(*run.inputs, *list_input_files(playbook, exclude)))


def inspect_source(
    source: Source,
    recipe: Recipe,
    exclude: Path | Collection[str] = (),
    advance: AdvanceCallback = lambda rows: None,
) -> InferredSchema:
    """First scan: what every column is and what it is used for."""
    return infer_schema(summarize_source(source, recipe, exclude, advance), recipe)


def segment_customers(
    inferred: InferredSchema, recipe: Recipe, playbook: Playbook, progress: ProgressReporter
) -> Run:
    """Everything after the first scan: encode, choose K, label everyone, describe."""
    return finalize_run(fit_candidates(inferred, recipe, progress), recipe, playbook, progress)


@dataclass(frozen=True)
class FittedCandidates:
    """Encoded customers with every K tried on them: all that is needed to settle for any K.

    ``sample`` holds the rows that could be encoded, (n, columns); ``values`` their encoded
    features, (n, d).
    """

    inferred: InferredSchema
    encoder: Encoder
    sample: pl.DataFrame
    values: Floats
    sweep: Sweep


def fit_candidates(
    inferred: InferredSchema, recipe: Recipe, progress: ProgressReporter
) -> FittedCandidates:
    """Encode the sample and try every K on it; ``recipe.k`` only extends the range."""
    with progress.step("Choosing the number of segments"):
        encoder = fit_encoder(inferred.sample, inferred.schema, recipe)
        encoded = encoder.encode(inferred.sample)
        usable = encoded.values[encoded.usable]
        sweep = sweep_k(usable, make_settings(recipe, encoder))
    return FittedCandidates(
        inferred, encoder, inferred.sample.filter(encoded.usable), usable, sweep
    )


def make_settings(recipe: Recipe, encoder: Encoder) -> SelectionSettings:
    """What a recipe lets be tried on encoded customers."""
    return SelectionSettings(
        algorithm=recipe.algorithm,
        k=recipe.k,
        k_max=recipe.k_max,
        min_share=recipe.min_share,
        max_share=recipe.max_share,
        fast=recipe.fast,
        blocks=encoder.category_slices,
        seed=recipe.seed,
        restarts=recipe.restarts,
    )


def finalize_run(
    fitted: FittedCandidates, recipe: Recipe, playbook: Playbook, progress: ProgressReporter
) -> Run:
    """Settle for ``recipe.k`` segments: label every customer and describe the segments.

    Raises
    ------
    GateError
        ``E_NO_STRUCTURE`` if segments are required and there are none; ``E_NO_CANDIDATE`` if every
        number of segments breaks a limit.
    """
    understood, encoder = fitted.inferred, fitted.encoder
    choice, partition = fitted.sweep.select(recipe.k)
    if recipe.require_structure and choice.structure == "none":
        raise GateError(
            "E_NO_STRUCTURE",
            choice.reasons[0].removesuffix("."),
            place="{require_structure}",
            way_out="Leave that out to get segments anyway, or use other columns.",
            options={"require_structure": True},
        )
    if recipe.polish and isinstance(partition, CentroidPartition):  # others: see `resolve`
        total = understood.n_rows * recipe.polish
        with progress.step("Polishing the centres on all customers", total=total) as advance:
            partition = refine_centers(understood, encoder, partition, recipe.polish, advance)
    with progress.step("Labelling the customers", total=understood.n_rows) as advance:
        found = run_label_pass(understood, encoder, partition, advance)
    order = found.sort_by_size()
    found = found.renumber(order)
    partition = partition.reorder(order)
    model = SegmentModel(
        recipe=recipe,
        schema=understood.schema,
        encoder=encoder,
        partition=partition,
        selection=replace(choice, stability=_reorder(choice.stability, order)),
        segments=describe_segments(found.profile, understood.schema, playbook).with_confidence(
            _reorder(choice.stability, order), found.compute_borderline_shares()
        ),
        everyone=found.profile.overall,
    )
    return Run(
        model=model,
        labels=found.labels,
        inertia=found.inertia,
        plot_sample=_make_plot_sample(fitted, partition),
        n_sampled=len(fitted.values),
        source=understood.source,
        missing=dict(found.missing),
        notices=(*understood.notices, *list_warnings(choice)),
        inputs=list_input_files(understood.source),
    )


def _reorder(values: Sequence[float], order: Sequence[int]) -> tuple[float, ...]:
    return tuple(values[label] for label in order) if values else ()


def _make_plot_sample(fitted: FittedCandidates, partition: Partition) -> PlotSample:
    """The rows looked at that fit somewhere: pictures show segments."""
    labels = partition.predict(fitted.values).labels
    view = PlotSample(fitted.sample, fitted.values, labels, fitted.encoder.explained_variance)
    inside = labels != NOISE
    return view if inside.all() else view.take(inside.nonzero()[0])
