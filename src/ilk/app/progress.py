"""Progress: a watch that shows on the page how far a long job is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ilk.progress import AdvanceCallback, TimedReporter

_REFRESH_SECONDS = 0.2  # seconds between two messages to the browser


class PageProgress(TimedReporter):
    """A stopwatch with a bar on the page, which is gone when the job is done.

    A job without steps is a short one, and leaves the page as it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self._container: DeltaGenerator | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._container is not None:
            self._container.empty()

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[AdvanceCallback]:
        """Enter a step and show how many of its rows are done."""
        self._container = self._container or st.empty()
        bar = self._container.progress(0.0, text=f"{name} …")
        done, shown = 0, time.monotonic()

        def advance(rows: int) -> None:
            nonlocal done, shown
            done += rows
            if total and time.monotonic() - shown > _REFRESH_SECONDS:
                shown = time.monotonic()
                bar.progress(min(done / total, 1.0), text=f"{name}: {done:,} of {total:,} …")

        with super().step(name, total):
            yield advance
