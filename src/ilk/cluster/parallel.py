"""Calls in parallel threads, with the same result for any number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_parallel(
    function: Callable[[Item], Result], items: Iterable[Item], *, max_workers: int | None = None
) -> list[Result]:
    """Call ``function`` on every item, several at a time; the results stay in order.

    Inside a call the numerical libraries have a single thread: with more they add in another order,
    and the last digits would depend on the machine. As many calls run at a time as the libraries
    were allowed threads, so that limits set by the user hold. Short calls in threads only wait for
    each other: use ``max_workers=1``.

    Examples
    --------
    >>> run_parallel(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    from joblib import cpu_count

    controller = _get_controller()
    allowed = [library["num_threads"] for library in controller.info()]
    work = list(items)
    workers = min([max_workers or cpu_count(), cpu_count(), len(work), *allowed])
    with controller.limit(limits=1):
        if workers <= 1:
            return [function(item) for item in work]
        # The limit of an OpenMP library holds for the thread that sets it.
        alone = {"limits": 1, "user_api": "openmp"}
        with ThreadPoolExecutor(workers, initializer=lambda: controller.limit(**alone)) as pool:
            return list(pool.map(function, work))


@cache
def _get_controller() -> ThreadpoolController:
    """What limits the libraries' threads; to find them takes milliseconds."""
    # A controller knows only the libraries that are there when it is made, and OpenMP comes with
    # this one. Its threads, left without a limit, wait for each other by spinning.
    import sklearn.cluster  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
