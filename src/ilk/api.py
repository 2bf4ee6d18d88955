"""The functions of the library: keyword arguments in front of the workflow."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ilk.model.serialization import load, save
from ilk.progress import ProgressReporter, TimedReporter
from ilk.recipe import Recipe, resolve_recipe
from ilk.workflow.compare import ComparisonRun
from ilk.workflow.compare import compare as _compare
from ilk.workflow.fit import fit as _fit
from ilk.workflow.run import Run

__all__ = ["compare", "fit", "load", "save"]


def fit(
    source: object,
    recipe: Recipe | None = None,
    *,
    playbook: str | Path | None = None,
    exclude: str | Path | Collection[str] = (),
    progress: ProgressReporter | None = None,
    **options: Any,
) -> Run:
    """Find, name and explain the segments of your customers.

    Parameters
    ----------
    source : path or data frame
        A CSV, Parquet, Excel or JSON lines file, or a pandas, Polars or PyArrow table; one
        customer per row.
    recipe : Recipe, optional
        Every choice of the run; ``options`` override it.
    playbook : path, optional
        A TOML file of actions in place of the built-in ones.
    exclude : path or collection of str
        IDs of customers to leave out, or a file with them.
    progress : ProgressReporter, optional
        Is informed of every step; by default the steps are timed.
    **options
        Fields of :class:`ilk.Recipe`, such as ``k=5``, ``features=["income", "score"]`` or
        ``seed=1``, and of :class:`ilk.recipe.Reading`, such as ``decimal=","``.

    Returns
    -------
    Run
        Segments, labeled customers, the model and the plots.

    Raises
    ------
    UsageError
        If an option does not exist, cannot have its value, or contradicts another.
    InputError
        If the customers cannot be read or segmented as they are.

    Examples
    --------
    >>> import ilk
    >>> run = ilk.fit(ilk.demo.load("mall"), k=5, describe=["Age"])
    >>> len(run.segments)
    5
    """
    base = recipe.to_dict() if recipe else None
    return _fit(
        source,
        resolve_recipe(options, base),
        playbook=Path(playbook) if playbook is not None else None,
        exclude=Path(exclude) if isinstance(exclude, str) else exclude,
        progress=progress or TimedReporter(),
    )


def compare(
    source: object,
    recipe: Recipe | None = None,
    *,
    exclude: str | Path | Collection[str] = (),
    progress: ProgressReporter | None = None,
    **options: Any,
) -> ComparisonRun:
    """Segment your customers with every algorithm, and say which one to use.

    Parameters
    ----------
    source : path or data frame
        As for :func:`ilk.fit`.
    recipe : Recipe, optional
        Every choice except the algorithm; ``options`` override it. ``k`` holds for the algorithms
        that take a number of segments; without it, each finds its own number.
    exclude : path or collection of str
        IDs of customers to leave out, or a file with them.
    progress : ProgressReporter, optional
        Is informed of every step; by default the steps are timed.
    **options
        Fields of :class:`ilk.Recipe` and of :class:`ilk.recipe.Reading`.

    Returns
    -------
    ComparisonRun
        The result of every algorithm, side by side, and which one to use and why.

    Raises
    ------
    UsageError
        If an option does not exist, cannot have its value, or contradicts another.
    InputError
        If the customers cannot be read or segmented as they are.

    Examples
    --------
    >>> import ilk
    >>> compared = ilk.compare(ilk.demo.load("mall"), describe=["Age"])
    >>> compared.recommended_result.algorithm, compared.table.height
    ('kmeans', 6)
    """
    return _compare(
        source,
        resolve_recipe(options, recipe.to_dict() if recipe else None),
        exclude=Path(exclude) if isinstance(exclude, str) else exclude,
        progress=progress or TimedReporter(),
    )
