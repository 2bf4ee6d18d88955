"""The order of the steps of a fit: summarize, encode, choose K, label, describe."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import polars as pl

from ilk.cluster.partition import NOISE, CentroidPartition, Floats, Partition
from ilk.columns.infer import InferredSchema, infer_schema, summarize_source
from ilk.columns.weights import RowWeights
from ilk.errors import GateError
from ilk.features.describe import join_cell_notices
from ilk.features.encoder import Encoder
from ilk.model.model import SegmentModel
from ilk.model.ranges import ColumnRange, make_range
from ilk.progress import AdvanceCallback, ProgressReporter
from ilk.recipe import AUTO_ALGORITHM, AlgorithmName, Recipe
from ilk.report.sample_view import PlotSample
from ilk.segments.describe import describe_segments
from ilk.segments.playbook import Playbook
from ilk.segments.playbook_file import load_playbook
from ilk.selection.candidates import Selection
from ilk.selection.explain import list_warnings
from ilk.selection.rivals import find_better_algorithm, sweep_better_algorithm
from ilk.selection.settings import SelectionSettings
from ilk.selection.sweep import Sweep, sweep_k
from ilk.tables.base import Source
from ilk.tables.source import open_source
from ilk.tables.targets import list_input_files
from ilk.workflow.encode_sample import EncodedSample, encode_sample
from ilk.workflow.label_pass import LabelPass, run_label_pass
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
    """Do the main job: read, choose K, fit, label every customer, describe the segments.

    Parameters
    ----------
    source : path, data frame or Source
        The customers, one row each.
    recipe : Recipe
        Every choice of the run.
    playbook : Path, optional
        A playbook of actions instead of ilk's own.
    exclude : Path or collection of str
        Ids of customers to leave out altogether, or a file of them.
    progress : ProgressReporter, optional
        Told about the steps.

    Raises
    ------
    InputError
        If the customers cannot be read or segmented.

    Examples
    --------
    >>> import ilk
    >>> fit(ilk.demo.load("mall"), Recipe(describe=("Age",))).selection.k
    5
    """
    progress = progress or ProgressReporter()
    actions = load_playbook(playbook)
    customers = open_source(source, recipe.reading)
    with progress.step("Reading the customers", total=customers.estimate_rows()) as advance:
        inferred = inspect_source(customers, recipe, exclude, advance)
    run = segment_customers(inferred, recipe, actions, progress)
    return replace(run, inputs=(*run.inputs, *list_input_files(playbook, exclude)))


def inspect_source(
    source: Source,
    recipe: Recipe,
    exclude: Path | Collection[str] = (),
    advance: AdvanceCallback = lambda rows: None,
    weights: RowWeights | None = None,
) -> InferredSchema:
    """Infer in the first pass what every column is and what it is used for."""
    return infer_schema(summarize_source(source, recipe, exclude, advance), recipe, weights)


def segment_customers(
    inferred: InferredSchema, recipe: Recipe, playbook: Playbook, progress: ProgressReporter
) -> Run:
    """Do everything after the first pass: encode, choose K, label everyone, describe."""
    return finalize_run(fit_candidates(inferred, recipe, progress), recipe, playbook, progress)


@dataclass(frozen=True)
class FittedCandidates:
    """Encoded customers and every K tried on them: enough to finish a run with any K.

    ``sample`` has the rows that could be encoded, (n, columns); ``values`` their encoded
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
    """Encode the sample, and try the numbers of segments that the recipe allows."""
    with progress.step("Choosing the number of segments"):
        sample = encode_sample(inferred, recipe)
        settings = make_settings(recipe, sample.encoder)
        sweep = sweep_k(sample.values, settings, weights=sample.weights)
    if recipe.algorithm in (AUTO_ALGORITHM, "kmeans") and recipe.k == "auto" and not recipe.fast:
        with progress.step("Checking other algorithms"):
            sweep = _check_algorithms(sample, sweep, settings, recipe)
    usable = sample.rows.usable
    return FittedCandidates(
        inferred, sample.encoder, inferred.sample.filter(usable), sample.rows.values[usable], sweep
    )


def _check_algorithms(
    sample: EncodedSample, sweep: Sweep, settings: SelectionSettings, recipe: Recipe
) -> Sweep:
    """The sweep of k-means, which knows of an algorithm that is clearly right, or that one's."""
    better = find_better_algorithm(sample.values, sweep, settings, sample.weights)
    if better is None:
        return sweep
    if recipe.algorithm == AUTO_ALGORITHM:
        other = sweep_better_algorithm(sample.values, sweep, settings, better, sample.weights)
        if other.structure != "none":  # on more customers than were checked
            return other
    return replace(sweep, better=better)


def make_settings(recipe: Recipe, encoder: Encoder) -> SelectionSettings:
    """The settings of the search for K that a recipe asks for."""
    return SelectionSettings(
        algorithm="kmeans" if recipe.algorithm == AUTO_ALGORITHM else recipe.algorithm,
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
    """Finish a run with ``recipe.k`` segments: label every customer and describe the segments.

    Raises
    ------
    GateError
        ``E_NO_STRUCTURE`` if segments are required and there are none; ``E_NO_CANDIDATE`` if every
        number of segments breaks a limit.
    """
    inferred, encoder = fitted.inferred, fitted.encoder
    selection, partition = fitted.sweep.select(recipe.k)
    if recipe.require_structure and selection.structure == "none":
        raise _build_structure_error(selection)
    if recipe.algorithm == AUTO_ALGORITHM:  # a model says what it was made with
        recipe = replace(
            recipe, algorithm=cast("AlgorithmName", selection.chosen_candidate.algorithm)
        )
    if recipe.polish and isinstance(partition, CentroidPartition):  # others: see `resolve`
        total = inferred.n_rows * recipe.polish
        with progress.step("Refining the centers on all customers", total=total) as advance:
            partition = refine_centers(inferred, encoder, partition, recipe.polish, advance)
    with progress.step("Labeling the customers", total=inferred.n_rows) as advance:
        label_pass = run_label_pass(inferred, encoder, partition, advance)
    order = label_pass.sort_by_size()
    label_pass, partition = label_pass.renumber(order), partition.reorder(order)
    stability = tuple(selection.stability[label] for label in order) if selection.stability else ()
    segments = describe_segments(label_pass.profile, inferred.schema, playbook)
    cells = label_pass.cell_counts
    model = SegmentModel(
        recipe=recipe,
        schema=inferred.schema,
        encoder=encoder,
        partition=partition,
        selection=replace(selection, stability=stability),
        segments=segments.with_confidence(stability, label_pass.compute_borderline_shares()),
        everyone=label_pass.profile.overall,
        ranges=_list_ranges(inferred, recipe, label_pass),
    )
    return Run(
        model=model,
        labels=label_pass.labels,
        inertia=label_pass.inertia,
        plot_sample=_make_plot_sample(fitted, partition),
        n_sampled=len(fitted.values),
        source=inferred.source,
        missing=dict(cells.missing),
        notices=(
            *join_cell_notices(inferred.notices, encoder, recipe, cells.low, cells.high),
            *list_warnings(selection),
        ),
        inputs=list_input_files(inferred.source),
    )


def _list_ranges(
    inferred: InferredSchema, recipe: Recipe, label_pass: LabelPass
) -> tuple[ColumnRange, ...]:
    """The ranges of the numbers used: quantiles of the sample, within the ends of all rows."""
    sample = inferred.repeat_sample(recipe.seed)
    figures = {number.column: number for number in label_pass.profile.overall.numbers}
    ranges = []
    for name, counts in label_pass.cell_counts.numbers.items():
        values = sample[name].drop_nulls().to_numpy()
        if not len(values):
            continue
        low, high = counts.minimum, counts.maximum
        if inferred.weights is not None:  # rows of weight 0 are no customers
            low, high = float(values.min()), float(values.max())
        n_values = label_pass.profile.customers - figures[name].missing
        ranges.append(make_range(name, values, low, high, n_values))
    return tuple(ranges)


def _build_structure_error(selection: Selection) -> GateError:
    """That there are no natural groups, or none that this algorithm finds."""
    better = selection.better_algorithm
    anyway = "Leave that out to get segments anyway"
    return GateError(
        "E_NO_STRUCTURE",
        selection.reasons[0].removesuffix("."),
        place="{require_structure}",
        way_out=f"{anyway}, or use {'{algorithm}' if better else 'other columns'}.",
        options={"require_structure": True} | ({"algorithm": better} if better else {}),
    )


def _make_plot_sample(fitted: FittedCandidates, partition: Partition) -> PlotSample:
    """The rows of the sample that have a segment: pictures show segments."""
    labels = partition.predict(fitted.values).labels
    sample = PlotSample(fitted.sample, fitted.values, labels, fitted.encoder.explained_variance)
    inside = labels != NOISE
    return sample if inside.all() else sample.take(inside.nonzero()[0])
