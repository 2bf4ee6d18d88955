"""Watch: how a long job tells its caller where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]


class Watch:
    """Watches the steps of a job; this one keeps silent and has no clock.

    The surfaces (command line, app) hand in one that measures and shows.

    Attributes
    ----------
    timings : dict of str to float
        Seconds per finished step, for watches with a clock.

    Examples
    --------
    >>> with Watch().step("Reading", total=10) as advance:
    ...     advance(10)
    """

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Enter a step; ``total`` is the number of rows that it will go through, if known."""
        yield lambda rows: None
