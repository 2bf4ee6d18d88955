"""The library's face: plain keyword arguments in front of the workflow."""

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
        Every choice of the run; ``options`` go before it.
    playbook : path, optional
        A TOML file of actions in place of the one that comes with ilk.
    exclude : path or collection of str
        Ids of customers who must not be used at all, or a file of them.
    progress : Watch, optional
        Told about the steps; measures by default.
    **choices
        Fields of :class:`ilk.Recipe`: ``k=5``, ``features=["income", "score"]``, ``seed=1``, and
        of :class:`ilk.recipe.Reading`: ``decimal=","`` …

    Returns
    -------
    Run
        Segments, labelled customers, the model and the plots.

    Raises
    ------
    UsageError
        If a choice does not exist or contradicts another.
    InputError
        If the customers cannot be read or segmented as they are.

    Examples
    --------
    >>> import ilk
    >>> run = ilk.fit(ilk.demo.load("mall"), k=5, describe=["Age"])
    >>> len(run.segments)
    5
    """
    base = recipe.model_dump() if recipe else None
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
    """Let every algorithm find segments of your customers, and say which one to use.

    Parameters
    ----------
    source : path or data frame
        As for :func:`ilk.fit`.
    recipe : Recipe, optional
        Every choice but the algorithm; ``options`` go before it. ``k`` is for the algorithms that
        have to be told; left to itself, each comes to its own number.
    exclude : path or collection of str
        Ids of customers who must not be used at all, or a file of them.
    progress : Watch, optional
        Told about the steps; measures by default.
    **choices
        Fields of :class:`ilk.Recipe` and of :class:`ilk.recipe.Reading`.

    Returns
    -------
    Compared
        What every algorithm found, side by side, and which one to use and why.

    Raises
    ------
    UsageError
        If a choice does not exist or contradicts another.
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
        resolve_recipe(options, recipe.model_dump() if recipe else None),
        exclude=Path(exclude) if isinstance(exclude, str) else exclude,
        progress=progress or TimedReporter(),
    )
