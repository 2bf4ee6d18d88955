"""Work done ahead comes back in order, and no further than a few calls ahead."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial

import pytest

from ilk.tables.prefetch import prefetch


def test_results_come_in_order_and_few_calls_are_taken_at_a_time() -> None:
    taken = []

    def calls() -> Iterator[Callable[[], int]]:
        for number in range(50):
            taken.append(number)
            yield partial(int, number)

    results = prefetch(calls())
    for number in range(50):
        assert next(results) == number
        assert len(taken) <= number + 3
    assert next(results, None) is None


def test_an_error_comes_where_its_result_would() -> None:
    results = prefetch(partial(divmod, 6, divisor) for divisor in (3, 2, 0, 1))
    assert [next(results), next(results)] == [(2, 0), (3, 0)]
    with pytest.raises(ZeroDivisionError, match="zero"):
        next(results)


def test_nothing_is_begun_that_nobody_waits_for() -> None:
    begun: list[int] = []
    results = prefetch(partial(begun.append, number) for number in range(50))
    next(results)
    assert isinstance(results, Generator)
    results.close()
    assert len(begun) <= 3
