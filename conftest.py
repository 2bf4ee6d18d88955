"""For all tests and doctests: the same customers are searched for segments once in a process.

That search takes most of the time of a fit, and hundreds of tests fit the same few tables. It is
a function of its arguments alone; that it is one is what tests/laws check, by rows in other
orders and by processes of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

import numpy as np
import pytest

MAX_REMEMBERED = 40
MAX_BYTES = 8 << 20
"""Larger tables are searched anew."""


@pytest.fixture(scope="session", autouse=True)
def _searched_once() -> Iterator[None]:
    import ilk.selection.compare
    import ilk.workflow.fit

    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (ilk.workflow.fit, "sweep_k"),
            (ilk.workflow.fit, "find_better_algorithm"),
            (ilk.selection.compare, "sweep_k"),
        ):
            patch.setattr(module, name, remember(getattr(module, name)))
        yield


def remember(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which looks up what it found for the same arguments before."""
    found: dict[str, Any] = {}

    @wraps(function)
    def look_up(values: np.ndarray, *arguments: Any, **named: Any) -> Any:
        if values.nbytes > MAX_BYTES:
            return function(values, *arguments, **named)
        key = "|".join(map(make_key, (values, *arguments, *sorted(named), *named.values())))
        if key not in found:
            found[key] = function(values, *arguments, **named)
            if len(found) > MAX_REMEMBERED:
                del found[next(iter(found))]
        return found[key]

    return look_up


def make_key(value: object) -> str:
    """What an argument is, in a text that differs where the argument does."""
    if isinstance(value, np.ndarray):
        return f"{value.shape}{value.dtype}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, Mapping):
        return repr(sorted(value.items()))
    # A sweep follows from the rows and the settings, which are arguments, too.
    return type(value).__name__ if type(value).__name__ == "Sweep" else repr(value)
