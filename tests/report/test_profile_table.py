from __future__ import annotations

import pytest

from ilk.report.profile_table import build_profile_rows, select_most_distinctive
from ilk.schema import Column
from ilk.segments.segment import CategoryFigures, Figures, NumberFigures, Segment

AGE = Column("Age", kind="number", role="feature", reason="a number")
CARD = Column("Card", kind="category", role="describe", reason="asked for")


def group(customers: int, mean: float | None, std: float | None, **card: int) -> Figures:
    counts = tuple(sorted(card.items(), key=lambda level_count: -level_count[1]))
    numbers = (NumberFigures("Age", mean, std, 0),)
    return Figures(customers, customers / 10, numbers, (CategoryFigures("Card", counts, 0),))


def segments(*figures: Figures) -> list[Segment]:
    return [
        Segment(n, f"S{n}", "", segment_figures, ())
        for n, segment_figures in enumerate(figures, start=1)
    ]


def test_hand_computed() -> None:
    # Ages 20, 20, 20, 20, 20, 20 | 45, 45, 45, 45: mean 30, population standard deviation 12.2474.
    everyone = group(10, 30.0, 150**0.5, gold=8, blue=2)
    parts = segments(group(6, 20.0, 0.0, gold=6), group(4, 45.0, 0.0, gold=2, blue=2))
    age, card = build_profile_rows(parts, everyone, [AGE, CARD])
    assert age.everyone.text == "30"
    assert [cell.text for cell in age.segments] == ["20", "45"]
    assert [cell.difference for cell in age.segments] == pytest.approx(
        [-0.81650, 1.22474], abs=1e-5
    )
    assert age.max_difference == pytest.approx(1.22474, abs=1e-5)
    # Gold: 80% of everyone, standard deviation 0.4; all of segment 1, half of segment 2.
    assert [cell.text for cell in card.segments] == ["gold (100%)", "gold (50%)"]
    assert [cell.difference for cell in card.segments] == pytest.approx([0.5, -0.75])


def test_differences_of_all_customers_cancel_out() -> None:
    everyone = group(10, 30.0, 150**0.5, gold=10)
    parts = segments(group(6, 20.0, 0.0, gold=6), group(4, 45.0, 0.0, gold=4))
    (age,) = build_profile_rows(parts, everyone, [AGE])
    weighted = [
        part.figures.share * (cell.difference or 0.0)
        for part, cell in zip(parts, age.segments, strict=True)
    ]
    assert sum(weighted) == pytest.approx(0.0, abs=1e-12)


def test_everyone_does_not_differ_from_everyone() -> None:
    everyone = group(10, 30.0, 5.0, gold=7, blue=3)
    for row in build_profile_rows(segments(everyone), everyone, [AGE, CARD]):
        assert row.segments == (row.everyone,)
        assert row.max_difference == 0.0


def test_where_nothing_varies_or_is_known_there_is_no_difference() -> None:
    everyone = group(10, 30.0, 0.0, gold=10)
    parts = segments(group(10, 30.0, 0.0, gold=10), group(0, None, None))
    age, card = build_profile_rows(parts, everyone, [AGE, CARD])
    assert [cell.difference for cell in (*age.segments, *card.segments)] == [None] * 4
    assert age.segments[1].text == card.segments[1].text == "–"


def test_columns_without_figures_are_left_out() -> None:
    everyone = group(10, 30.0, 5.0, gold=10)
    date = Column("Since", kind="date", role="ignore", reason="a date")
    assert [row.column for row in build_profile_rows([], everyone, [date, AGE])] == ["Age"]


def test_the_most_telling_keep_their_order() -> None:
    everyone = Figures(10, 1.0, tuple(NumberFigures(name, 0.0, 1.0, 0) for name in "abcd"), ())
    own = Figures(
        5,
        0.5,
        tuple(
            NumberFigures(n, m, 1.0, 0) for n, m in zip("abcd", (2.0, 0.1, -3.0, 1.0), strict=True)
        ),
        (),
    )
    columns = [Column(name, kind="number", role="feature", reason="a number") for name in "abcd"]
    every = build_profile_rows(segments(own), everyone, columns)
    assert [row.column for row in select_most_distinctive(every, 2)] == ["a", "c"]
    assert select_most_distinctive(every, 9) == every


def test_a_column_cannot_be_both_a_number_and_a_category() -> None:
    as_number = Figures(10, 1.0, (NumberFigures("Age", 30.0, 5.0, 0),), ())
    as_category = Figures(10, 1.0, (), (CategoryFigures("Age", (("old", 10),), 0),))
    with pytest.raises(TypeError, match="'Age' is a number in one group and a category in another"):
        build_profile_rows(segments(as_category), as_number, [AGE])
