"""For all tests and doctests: the same customers are searched for segments once.

That search takes most of the time of a fit, and hundreds of tests fit the same few tables. It is
a function of its arguments alone; that it is one is what tests/laws check, by rows in other
orders and by processes of their own.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial, wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MAX_REMEMBERED = 40
MAX_BYTES = 8 << 20
"""Larger tables are searched anew."""


@pytest.fixture(scope="session", autouse=True)
def _searched_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    import ilk.selection.compare
    import ilk.workflow.fit

    # The folders of all workers of pytest-xdist are in one.
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = tmp_path_factory.getbasetemp().parent if is_worker else None
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (ilk.workflow.fit, "sweep_k"),
            (ilk.workflow.fit, "find_better_algorithm"),
            (ilk.selection.compare, "sweep_k"),
        ):
            patch.setattr(module, name, remember(getattr(module, name), folder))
        yield


def remember(function: Callable[..., Any], folder: Path | None) -> Callable[..., Any]:
    """The function, which looks up what it found for the same arguments before.

    With a folder it also looks up what other processes that share the folder have found.
    """
    found: dict[str, Any] = {}

    @wraps(function)
    def look_up(values: np.ndarray, *arguments: Any, **named: Any) -> Any:
        call = partial(function, values, *arguments, **named)
        if values.nbytes > MAX_BYTES:
            return call()
        key = make_key(function, values, *arguments, *sorted(named), *named.values())
        if key not in found:
            found[key] = call() if folder is None else keep_on_disk(call, folder / key)
            if len(found) > MAX_REMEMBERED:
                del found[next(iter(found))]
        return found[key]

    return look_up


def keep_on_disk(call: Callable[[], Any], path: Path) -> Any:
    """What is kept in a file, or else what the call finds, which is kept there."""
    if path.exists():
        return pickle.loads(path.read_bytes())
    found = call()
    # What holds a function, as the sweep of some algorithms does, cannot be kept.
    with suppress(AttributeError, pickle.PicklingError):
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(pickle.dumps(found))
        unfinished.replace(path)
    return found


def make_key(function: Callable[..., Any], *arguments: object) -> str:
    """What a function is given, in a text that differs where that does."""
    texts = "|".join([function.__name__, *map(describe_argument, arguments)])
    return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()


def describe_argument(value: object) -> str:
    """What an argument is, in a text that differs where the argument does."""
    if isinstance(value, np.ndarray):
        return f"{value.shape}{value.dtype}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, Mapping):
        return repr(sorted(value.items()))
    # A sweep follows from the rows and the settings, which are arguments, too.
    return type(value).__name__ if type(value).__name__ == "Sweep" else repr(value)
