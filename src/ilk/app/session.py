"""Session: what one user has loaded and decided, and the latest result of every step."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import streamlit as st

from ilk.app.progress import PageProgress
from ilk.app.server import SESSION_FOLDERS
from ilk.app.upload import CustomerTable
from ilk.columns.infer import InferredSchema, SummarizedSource, infer_schema, summarize_source
from ilk.model.model import SegmentModel
from ilk.progress import ProgressReporter
from ilk.recipe import Recipe
from ilk.segments.edits import Edits
from ilk.segments.playbook_file import load_playbook
from ilk.workflow import compare as comparison
from ilk.workflow import fit as fit_steps
from ilk.workflow.compare import ComparisonRun
from ilk.workflow.fit import FittedCandidates
from ilk.workflow.run import Run

T = TypeVar("T")


def _create_folder() -> Path:
    parent = SESSION_FOLDERS[-1] if SESSION_FOLDERS else None
    return Path(tempfile.mkdtemp(prefix="ilk-", dir=parent))


@dataclass
class Session:
    """One browser tab: its table, its choices, and the latest result of every step.

    A step is computed again only when something that it depends on has changed. ``recipe`` holds
    every choice except the number of segments, which is ``k``. ``folder`` holds the session's
    files and is deleted with the session. ``results`` maps the name of a step to its latest result
    and the key that the result was computed for.
    """

    table: CustomerTable | None = None
    recipe: Recipe = field(default_factory=Recipe)
    k: int | Literal["auto"] = "auto"
    edits: dict[Hashable, Edits] = field(default_factory=dict)
    loaded_model: SegmentModel | None = None
    table_version: int = 0
    model_version: int = 0
    folder: Path = field(default_factory=_create_folder)
    results: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def load_table(self, table: CustomerTable) -> None:
        """Start again with another table."""
        self.table, self.k = table, table.recipe.k
        self.recipe = replace(table.recipe, k="auto")
        self.table_version += 1
        self.edits.clear()
        self.results.clear()

    def unload_table(self) -> None:
        """Remove the table, so that another one can be loaded."""
        self.table = None

    def apply_recipe(self, recipe: Recipe) -> None:
        """Use other choices; the number of segments is then chosen again."""
        if recipe != self.recipe:
            self.recipe, self.k = recipe, "auto"

    def load_model(self, model: SegmentModel | None) -> None:
        """Predict with a saved model; with ``None``, predict with that of the run again."""
        self.loaded_model = model
        self.model_version += 1

    def get_table_summary(self) -> SummarizedSource:
        """The summary of the table, which is read once."""
        table, recipe = self._require_table(), self.recipe
        key = (recipe.reading, recipe.id, recipe.sample)
        return self.memoize(
            "table summary", key, lambda progress: _summarize_table(table, recipe, progress)
        )

    def get_inferred_schema(self) -> InferredSchema:
        """What every column is and what it is used for."""
        table_summary = self.get_table_summary()
        return self.memoize(
            "inferred schema", self.recipe_key, lambda _: infer_schema(table_summary, self.recipe)
        )

    def get_candidates(self) -> FittedCandidates:
        """A candidate for every number of segments tried."""
        inferred_schema = self.get_inferred_schema()
        return self.memoize(
            "candidates",
            self.recipe_key,
            lambda progress: fit_steps.fit_candidates(inferred_schema, self.recipe, progress),
        )

    def get_comparison(self) -> ComparisonRun:
        """The comparison of all algorithms. It does not depend on the algorithm in use."""
        inferred_schema = self.get_inferred_schema()
        recipe = replace(self.recipe, algorithm=Recipe().algorithm)
        return self.memoize(
            "comparison",
            repr(recipe),
            lambda progress: comparison.run_comparison(inferred_schema, recipe, progress),
        )

    def get_run(self) -> Run:
        """The run for the K in use, with the names and actions that the user has edited."""
        candidates = self.get_candidates()
        recipe = _pin_k(self.recipe, self.k, candidates)
        run = self.memoize(
            "run",
            self.run_key,
            lambda progress: fit_steps.finalize_run(
                candidates, recipe, load_playbook(None), progress
            ),
        )
        edits = self.edits.get(self.run_key)
        if edits is None:
            return run
        return self.memoize(
            "edited run", self.segments_key, lambda _: run.edit_segments(edits.names, edits.actions)
        )

    @property
    def has_run(self) -> bool:
        """Whether there are segments already."""
        return self.table is not None and "run" in self.results

    @property
    def model(self) -> SegmentModel | None:
        """The model used to predict: the loaded one, else that of the run, if there is a run."""
        if self.loaded_model is not None:
            return self.loaded_model
        return self.get_run().model if self.has_run else None

    @property
    def recipe_key(self) -> str:
        """Every choice except the number of segments, as text."""
        return repr(self.recipe)

    @property
    def run_key(self) -> Hashable:
        """What the segments depend on."""
        return (self.recipe_key, self.k)

    @property
    def segments_key(self) -> Hashable:
        """What the segments, their names and their actions depend on."""
        edits = self.edits.get(self.run_key, Edits())
        return (self.run_key, tuple(edits.names.items()), tuple(edits.actions.items()))

    @property
    def model_key(self) -> Hashable:
        """What the model used to predict depends on."""
        return self.segments_key if self.loaded_model is None else self.model_version

    def make_script(self, run: Run) -> str:
        """A Python script that repeats a run of this table."""
        return run.to_code(self._require_table().expression)

    def memoize(self, step: str, key: Hashable, compute: Callable[[ProgressReporter], T]) -> T:
        """The latest result of a step if it has the same key, else a new one.

        While it is computed, the page shows the progress.
        """
        if step not in self.results or self.results[step][0] != key:
            with PageProgress() as progress:
                # Stored before the bar is removed: if the user has left the page meanwhile,
                # Streamlit ends the script there.
                self.results[step] = (key, compute(progress))
        result: T = self.results[step][1]
        return result

    def _require_table(self) -> CustomerTable:
        if self.table is None:
            raise RuntimeError("no table is loaded: a page checks this before it computes")
        return self.table


def get_session() -> Session:
    """The session of the browser tab that is being served."""
    if "ilk" not in st.session_state:
        st.session_state["ilk"] = Session()
    session: Session = st.session_state["ilk"]
    return session


def _summarize_table(
    table: CustomerTable, recipe: Recipe, progress: ProgressReporter
) -> SummarizedSource:
    with progress.step("Reading the customers"):
        return summarize_source(table.open_source(recipe.reading), recipe)


def _pin_k(recipe: Recipe, k: int | Literal["auto"], candidates: FittedCandidates) -> Recipe:
    """The recipe with a K that the user chose from a range; without the range, only it is tried."""
    if k == "auto":
        return recipe
    return replace(recipe, k=k, k_max=recipe.k_max or max(candidates.sweep.results))
