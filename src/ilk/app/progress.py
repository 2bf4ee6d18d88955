"""Progress: how far a long computation is, shown on the page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ilk.progress import AdvanceCallback, TimedReporter

_REFRESH_SECONDS = 0.2  # between two messages to the browser


class PageProgress(TimedReporter):
    """A progress bar on the page, removed when the computation ends.

    A computation without steps is a short one and shows no bar.

    Parameters
    ----------
    refresh_seconds : float
        Least time between two messages to the browser.
    """

    def __init__(self, *, refresh_seconds: float = _REFRESH_SECONDS) -> None:
        super().__init__()
        self._refresh_seconds = refresh_seconds
        self._container: DeltaGenerator | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._container is not None:
            self._container.empty()

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[AdvanceCallback]:
        """Start a step and show how many of its rows are done."""
        self._container = self._container or st.empty()
        bar = self._container.progress(0.0, text=f"{name}…")
        done, shown = 0, time.monotonic()

        def advance(rows: int) -> None:
            nonlocal done, shown
            done += rows
            if total and time.monotonic() - shown > self._refresh_seconds:
                shown = time.monotonic()
                bar.progress(min(done / total, 1.0), text=f"{name}: {done:,} of {total:,} rows")

        with super().step(name, total):
            yield advance
