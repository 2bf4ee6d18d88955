"""Session: what one person has brought and decided, and what was computed from it, once."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
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
from ilk.segments.playbook import load_playbook
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

    Every step is computed anew only when something it depends on has changed. ``recipe`` holds
    every choice but the number of segments, which is ``k``. Files are kept in ``folder``, which
    goes with the session.
    """

    table: CustomerTable | None = None
    recipe: Recipe = field(default_factory=Recipe)
    k: int | Literal["auto"] = "auto"
    edits: dict[Hashable, Edits] = field(default_factory=dict)
    loaded_model: SegmentModel | None = None
    table_version: int = 0
    model_version: int = 0
    folder: Path = field(default_factory=_create_folder)
    _cache: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def load_table(self, table: CustomerTable) -> None:
        """Begin anew with another table."""
        self.table, self.k = table, table.recipe.k
        self.recipe = table.recipe.model_copy(update={"k": "auto"})
        self.table_version += 1
        self.edits.clear()
        self._cache.clear()

    def apply_recipe(self, recipe: Recipe) -> None:
        """Go by other choices; what number of segments suits them is found anew."""
        if recipe != self.recipe:
            self.recipe, self.k = recipe, "auto"

    def load_model(self, model: SegmentModel | None) -> None:
        """Predict with a saved model, or with that of the run again."""
        self.loaded_model = model
        self.model_version += 1

    def get_table_summary(self) -> SummarizedSource:
        """The table, scanned once."""
        table, recipe = self._require_table(), self.recipe
        key = (recipe.reading, recipe.id, recipe.sample)
        return self.memoize("surveyed", key, lambda watch: _summarize_table(table, recipe, watch))

    def get_inferred_schema(self) -> InferredSchema:
        """What every column is and is used for."""
        surveyed = self.get_table_summary()
        return self.memoize(
            "understood", self.recipe_key, lambda _: infer_schema(surveyed, self.recipe)
        )

    def get_candidates(self) -> FittedCandidates:
        """Every K tried."""
        understood = self.get_inferred_schema()
        return self.memoize(
            "explored",
            self.recipe_key,
            lambda watch: fit_steps.fit_candidates(understood, self.recipe, watch),
        )

    def get_comparison(self) -> ComparisonRun:
        """Every algorithm tried; which of them is in use makes no difference."""
        understood = self.get_inferred_schema()
        recipe = self.recipe.model_copy(update={"algorithm": Recipe().algorithm})
        return self.memoize(
            "compared",
            recipe.model_dump_json(),
            lambda watch: comparison.run_comparison(understood, recipe, watch),
        )

    def get_run(self) -> Run:
        """The segments for the K in use, with the names that were given to them."""
        explored = self.get_candidates()
        recipe = self.recipe.model_copy(update={"k": self.k})
        run = self.memoize(
            "run",
            self.run_key,
            lambda watch: fit_steps.finalize_run(explored, recipe, load_playbook(None), watch),
        )
        edits = self.edits.get(self.run_key)
        if edits is None:
            return run
        return self.memoize(
            "edited", self.segments_key, lambda _: run.edit_segments(edits.names, edits.actions)
        )

    @property
    def model(self) -> SegmentModel | None:
        """The model that predicts: one that was brought, else that of the run, if there is one."""
        if self.loaded_model is not None:
            return self.loaded_model
        return self.get_run().model if self.has_run else None

    @property
    def has_run(self) -> bool:
        """Whether there are segments already."""
        return self.table is not None and "run" in self._cache

    @property
    def run_key(self) -> Hashable:
        """What the segments depend on."""
        return (self.recipe_key, self.k)

    def make_script(self, run: Run) -> str:
        """A script that makes a run of this table again."""
        return run.to_code(self._require_table().expression)

    @property
    def segments_key(self) -> Hashable:
        """What the segments and their names depend on."""
        edits = self.edits.get(self.run_key, Edits())
        return (self.run_key, tuple(edits.names.items()), tuple(edits.actions.items()))

    @property
    def model_key(self) -> Hashable:
        """What the model that predicts depends on."""
        return self.segments_key if self.loaded_model is None else self.model_version

    def unload_table(self) -> None:
        """Put the table away, so that another can be brought."""
        self.table = None

    def memoize(self, step: str, key: Hashable, compute: Callable[[ProgressReporter], T]) -> T:
        """The latest result of a step if it was made from the same, else a new one.

        While it is made, the page says how far it is.
        """
        if step not in self._cache or self._cache[step][0] != key:
            with PageProgress() as watch:
                # Kept at once: whoever has clicked on meanwhile leaves where the bar is taken away.
                self._cache[step] = (key, compute(watch))
        result: T = self._cache[step][1]
        return result

    @property
    def recipe_key(self) -> str:
        """Every choice but the number of segments, as text."""
        return self.recipe.model_dump_json()

    def _require_table(self) -> CustomerTable:
        if self.table is None:
            raise RuntimeError("there is no table yet: pages ask before they compute")
        return self.table


def get_session() -> Session:
    """The session of the browser tab that is being served."""
    if "ilk" not in st.session_state:
        st.session_state["ilk"] = Session()
    found: Session = st.session_state["ilk"]
    return found


def _summarize_table(
    table: CustomerTable, recipe: Recipe, progress: ProgressReporter
) -> SummarizedSource:
    with progress.step("Reading the customers"):
        return summarize_source(table.open_source(recipe.reading), recipe)
