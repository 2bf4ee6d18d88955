from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ilk.schema import Column, Outcome, Schema
from ilk.segments.describe import describe_segments
from ilk.segments.playbook_file import load_playbook
from ilk.segments.profile import Profile, profile_batch
from ilk.segments.profile_worth import measure_outcomes, measure_values, name_outcome
from ilk.segments.segment import tabulate_segments
from ilk.segments.worth import OutcomeFigures, ValueFigures

VISITS = Column("visits", "number", "feature", "a number")
REVENUE = Column("revenue", "number", "describe", "a number", unit="$", is_value=True)
CHURN = Column("Churn", "category", "describe", "", outcome=Outcome("Yes", is_bad=True))
LABELS = {"revenue": "revenue", "Churn": "churn", "exited": "exited"}


def profile(labels: list[int], **columns: Sequence[object]) -> Profile:
    frame = pl.DataFrame(columns, strict=False)
    known = {c.name: c for c in (VISITS, REVENUE, CHURN)}
    largest = {
        name: float(np.abs(frame[name].drop_nulls().to_numpy()).max())
        for name in columns
        if known[name].kind == "number"
    }
    frame = frame.with_columns(pl.col(list(largest)).cast(pl.Float64).fill_null(np.nan))
    chosen = [known[name] for name in columns]
    return profile_batch(frame, np.array(labels, dtype=np.int32), chosen, magnitudes=largest)


def test_shares_of_a_total_add_up_to_all_of_it_and_come_from_sums():
    sums = profile([0, 0, 1, 2], revenue=[0.1, 0.2, 0.3, 0.4])
    values = [measure_values(sums, label, [REVENUE], LABELS)[0] for label in range(3)]
    assert [value.share for value in values] == pytest.approx([0.3, 0.3, 0.4])
    assert values[0].mean == pytest.approx(0.15)
    assert values[0].ratio == pytest.approx(0.6)


def test_customers_without_a_segment_are_part_of_the_whole():
    sums = profile([0, -1], revenue=[30.0, 70.0])
    assert measure_values(sums, 0, [REVENUE], LABELS)[0].share == pytest.approx(0.3)


def test_a_total_with_losses_has_no_parts():
    sums = profile([0, 1], revenue=[-10.0, 30.0])
    (loss,) = measure_values(sums, 0, [REVENUE], LABELS)
    assert (loss.share, loss.ratio) == (None, None)
    assert loss.text == "Revenue: -$10 per head, against $10 overall."


def test_unknown_values_are_left_out_and_said():
    sums = profile([0, 0, 1], revenue=[10.0, None, 30.0])
    (value,) = measure_values(sums, 0, [REVENUE], LABELS)
    assert (value.total, value.share, value.mean, value.unknown) == (10.0, 0.25, 10.0, 1)
    assert "per head of those known" in value.text


@pytest.mark.parametrize(
    ("share", "mean", "overall", "text"),
    [
        (0.38, 106.4, 56.0, "Holds 38% of revenue: $106 per head, 1.9 times the overall $56."),
        (0.2, 70.0, 56.0, "Holds 20% of revenue: $70 per head, 25% above the overall $56."),
        (0.1, 14.0, 56.0, "Holds 10% of revenue: $14 per head, 75% below the overall $56."),
        (0.5, 56.0, 56.0, "Holds 50% of revenue: $56 per head, the same as overall."),
    ],
)
def test_sentences_about_value(share, mean, overall, text):
    assert ValueFigures("revenue", "revenue", "$", 1.0, share, mean, overall).text == text


def test_outcomes_are_counted_exactly_and_claimed_only_beyond_chance():
    labels = [0] * 100 + [1] * 100 + [2] * 4
    churn = ["Yes"] * 60 + ["No"] * 40 + ["Yes"] * 10 + ["No"] * 90 + ["Yes"] * 2 + ["No"] * 2
    sums = profile(labels, Churn=churn)
    many, few, tiny = (measure_outcomes(sums, label, [CHURN], LABELS)[0] for label in range(3))
    assert (many.count, many.known, many.overall) == (60, 100, 72 / 204)
    assert (many.position, few.position, tiny.position) == ("above", "below", "unclear")
    assert tiny.text == "Churn: 50% (2 of 4), no clear difference from the overall 35%."
    assert few.text == "Churn: 10% (10 of 100), below the overall 35%."


def test_an_outcome_written_as_a_number_counts_the_same():
    exited = Column("exited", "number", "describe", "", outcome=Outcome("1", is_bad=True))
    frame = pl.DataFrame({"exited": [1.0, 0.0, 1.0, 1.0]})
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    sums = profile_batch(frame, labels, [exited], magnitudes={"exited": 1.0})
    (half,) = measure_outcomes(sums, 0, [exited], LABELS)
    assert (half.count, half.known, half.overall) == (1, 2, 0.75)


def test_two_rates_that_round_alike_are_told_apart():
    close = OutcomeFigures("c", "churn", True, 2740, 10_000, 0.271, 0.2714, 0.283)
    assert close.text == "Churn: 27.4% (2,740 of 10,000), above the overall 27.1%."


def test_segments_and_their_table_carry_value_and_outcome():
    sums = profile(
        [0, 0, 1], visits=[1, 2, 9], revenue=[10.0, 20.0, 70.0], Churn=["Yes", "No", "No"]
    )
    segments = describe_segments(sums, Schema((VISITS, REVENUE, CHURN)), load_playbook())
    table = tabulate_segments(segments)
    assert table["revenue total share"].to_list() == pytest.approx([0.3, 0.7])
    assert table["revenue per head"].to_list() == [15.0, 70.0]
    assert table["Churn rate"].to_list() == [0.5, 0.0]


def test_what_became_of_customers_names_nobody():
    churn = replace(CHURN, role="feature")
    frame = pl.DataFrame({"Churn": ["Yes", "Yes", "No", "No"], "visits": [1.0, 2.0, 8.0, 9.0]})
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    sums = profile_batch(frame, labels, [VISITS, churn], magnitudes={"visits": 9.0})
    segments = describe_segments(sums, Schema((VISITS, churn)), load_playbook())
    assert [segment.name for segment in segments] == [
        "Customers with few visits",
        "Customers with many visits",
    ]


def test_columns_of_the_data_do_not_overwrite_those_of_the_table():
    share = Column("share", "number", "feature", "a number")
    frame = pl.DataFrame({"share": [0.4, 0.6, 0.9]})
    labels = np.array([0, 0, 1], dtype=np.int32)
    sums = profile_batch(frame, labels, [share], magnitudes={"share": 0.9})
    table = tabulate_segments(describe_segments(sums, Schema((share,)), load_playbook()))
    assert table["share"].to_list() == pytest.approx([2 / 3, 1 / 3])
    assert table["share (mean)"].to_list() == pytest.approx([0.5, 0.9])


@pytest.mark.parametrize("level", ["oui", "O", "ja", "J", "sí", "sim", "tak", "evet", "да", "1.0"])
def test_an_outcome_with_a_yes_is_called_by_its_column(level):
    assert name_outcome("résilié", level) == "résilié"
