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

from ilk import compared, workflow
from ilk.app.progress import Progress
from ilk.app.server import FOLDERS
from ilk.app.table import Table
from ilk.compared import Compared
from ilk.model import SegmentModel
from ilk.recipe import Recipe
from ilk.run import Run
from ilk.segments.edits import Edits
from ilk.segments.playbook import load_playbook
from ilk.understanding import Surveyed, Understood, consider, look
from ilk.watch import Watch
from ilk.workflow import Explored

T = TypeVar("T")


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ilk-", dir=FOLDERS[-1] if FOLDERS else None))


@dataclass
class Session:
    """One browser tab: its table, its choices, and the latest result of every step.

    Every step is computed anew only when something it depends on has changed. ``recipe`` holds
    every choice but the number of segments, which is ``k``. Files are kept in ``folder``, which
    goes with the session.
    """

    table: Table | None = None
    recipe: Recipe = field(default_factory=Recipe)
    k: int | Literal["auto"] = "auto"
    edits: dict[Hashable, Edits] = field(default_factory=dict)
    guest: SegmentModel | None = None
    brought: int = 0
    guests: int = 0
    folder: Path = field(default_factory=_new_folder)
    _done: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def bring(self, table: Table) -> None:
        """Begin anew with another table."""
        self.table, self.k = table, table.recipe.k
        self.recipe = table.recipe.model_copy(update={"k": "auto"})
        self.brought += 1
        self.edits.clear()
        self._done.clear()

    def decide(self, recipe: Recipe) -> None:
        """Go by other choices; what number of segments suits them is found anew."""
        if recipe != self.recipe:
            self.recipe, self.k = recipe, "auto"

    def invite(self, guest: SegmentModel | None) -> None:
        """Predict with a saved model, or with that of the run again."""
        self.guest = guest
        self.guests += 1

    def surveyed(self) -> Surveyed:
        """The table, scanned once."""
        table, recipe = self._table(), self.recipe
        key = (recipe.reading, recipe.id, recipe.sample)
        return self.once("surveyed", key, lambda watch: _scan(table, recipe, watch))

    def understood(self) -> Understood:
        """What every column is and is used for."""
        surveyed = self.surveyed()
        return self.once("understood", self.choices, lambda _: consider(surveyed, self.recipe))

    def explored(self) -> Explored:
        """Every K tried."""
        understood = self.understood()
        return self.once(
            "explored",
            self.choices,
            lambda watch: workflow.explore(understood, self.recipe, watch),
        )

    def compared(self) -> Compared:
        """Every algorithm tried; which of them is in use makes no difference."""
        understood = self.understood()
        recipe = self.recipe.model_copy(update={"algorithm": Recipe().algorithm})
        return self.once(
            "compared",
            recipe.model_dump_json(),
            lambda watch: compared.hold(understood, recipe, watch),
        )

    def run(self) -> Run:
        """The segments for the K in use, with the names that were given to them."""
        explored = self.explored()
        recipe = self.recipe.model_copy(update={"k": self.k})
        run = self.once(
            "run",
            self.run_key,
            lambda watch: workflow.settle(explored, recipe, load_playbook(None), watch),
        )
        edits = self.edits.get(self.run_key)
        if edits is None:
            return run
        return self.once(
            "edited", self.edited_key, lambda _: run.edited(edits.names, edits.actions)
        )

    @property
    def model(self) -> SegmentModel | None:
        """The model that predicts: one that was brought, else that of the run, if there is one."""
        if self.guest is not None:
            return self.guest
        return self.run().model if self.settled else None

    @property
    def settled(self) -> bool:
        """Whether there are segments already."""
        return self.table is not None and "run" in self._done

    @property
    def run_key(self) -> Hashable:
        """What the segments depend on."""
        return (self.choices, self.k)

    def code(self, run: Run) -> str:
        """A script that makes a run of this table again."""
        return run.code(self._table().code)

    @property
    def edited_key(self) -> Hashable:
        """What the segments and their names depend on."""
        edits = self.edits.get(self.run_key, Edits())
        return (self.run_key, tuple(edits.names.items()), tuple(edits.actions.items()))

    @property
    def model_key(self) -> Hashable:
        """What the model that predicts depends on."""
        return self.edited_key if self.guest is None else self.guests

    def leave(self) -> None:
        """Put the table away, so that another can be brought."""
        self.table = None

    def once(self, step: str, key: Hashable, make: Callable[[Watch], T]) -> T:
        """The latest result of a step if it was made from the same, else a new one.

        While it is made, the page says how far it is.
        """
        if step not in self._done or self._done[step][0] != key:
            with Progress() as watch:
                # Kept at once: whoever has clicked on meanwhile leaves where the bar is taken away.
                self._done[step] = (key, make(watch))
        result: T = self._done[step][1]
        return result

    @property
    def choices(self) -> str:
        """Every choice but the number of segments, as text."""
        return self.recipe.model_dump_json()

    def _table(self) -> Table:
        if self.table is None:
            raise RuntimeError("there is no table yet: pages ask before they compute")
        return self.table


def session() -> Session:
    """The session of the browser tab that is being served."""
    if "ilk" not in st.session_state:
        st.session_state["ilk"] = Session()
    found: Session = st.session_state["ilk"]
    return found


def _scan(table: Table, recipe: Recipe, watch: Watch) -> Surveyed:
    with watch.step("Reading the customers"):
        return look(table.open(recipe.reading), recipe)
