"""Calls side by side: in order, with one thread each, within the limits of the caller."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_info, threadpool_limits

from ilk.cluster.parallel import run_parallel


def limits(_item) -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info()}


@pytest.mark.parametrize("at_most", [None, 1])
def test_the_libraries_have_one_thread_inside_a_call(at_most):
    KMeans(1, n_init=1).fit(np.zeros((2, 1)))  # loads OpenMP
    assert run_parallel(limits, range(4), max_workers=at_most) == [{1}] * 4


def test_the_first_call_of_a_process_has_one_thread_too():
    """OpenMP is loaded by the call itself; its threads would wait for each other by spinning."""
    script = (
        "from ilk.cluster.parallel import run_parallel\n"
        "def call(_):\n"
        "    from sklearn.cluster import KMeans\n"
        "    from threadpoolctl import threadpool_info\n"
        "    return {pool['num_threads'] for pool in threadpool_info()}\n"
        "print(run_parallel(call, range(2), max_workers=1))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert done.stdout == "[{1}, {1}]\n", done.stderr


def test_the_limits_outside_are_as_before():
    before = limits(None)
    run_parallel(limits, range(4))
    assert limits(None) == before


def test_a_limit_of_the_caller_holds():
    with threadpool_limits(1):
        names = run_parallel(lambda _: threading.current_thread().name, range(4))
    assert set(names) == {threading.current_thread().name}


def test_the_results_stay_in_order():
    assert run_parallel(lambda item: item**2, range(50)) == [item**2 for item in range(50)]


def test_an_error_comes_through():
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        run_parallel(lambda item: 1 / item, [1, 0])
