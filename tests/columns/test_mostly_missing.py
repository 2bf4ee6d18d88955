"""A column that is unknown for most customers only describes."""

from __future__ import annotations

import pytest

N = 60
SPEND = [(i * i * 7.5) % 991 for i in range(N)]
TABLE = {"spend": SPEND, "visits": SPEND[::-1]}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("branch", ["Castle", "Forest", "Harbor", *[None] * (N - 3)]),
        ("branch", [*["North", "South"] * 14, *[""] * (N - 28)]),
        ("rating", [3.5, 4.5, 1.0, *[None] * (N - 3)]),
    ],
)
def test_a_nearly_empty_column_describes(infer, name, values):
    columns, notices = infer({**TABLE, name: values})
    share = f"{round(100 * sum(not value for value in values) / N)}%"
    assert columns[name].role == "describe"
    assert columns[name].reason.endswith(f"{share} of its values are missing")
    assert [(notice.code, notice.column) for notice in notices] == [("W_MANY_MISSING", name)]
    assert notices[0].message.startswith(f"{share} of its values are missing, so it is shown in")
    chosen, notices = infer({**TABLE, name: values}, features=(name, "spend"))
    assert chosen[name].role == "feature"
    assert [notice.code for notice in notices] == ["W_MANY_MISSING"]


def test_a_column_with_half_of_its_values_shapes_segments(infer):
    values = [*["a", "b"] * 15, *[None] * 30]
    assert infer({**TABLE, "plan": values})[0]["plan"].role == "feature"
