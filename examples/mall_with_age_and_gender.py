"""The mall with age and gender looked into: do they tell more than income and spending do?

python examples/mall_with_age_and_gender.py                        the customers that come with ilk
python examples/mall_with_age_and_gender.py Mall_Customers.csv     the mall file, if you have it
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

import ilk

OUT = Path("assets/examples/mall_with_age_and_gender")
INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"

customers = pl.read_csv(sys.argv[1]) if len(sys.argv) > 1 else ilk.demo.load("mall")

# First, age and gender only describe the segments of income and spending.
run = ilk.fit(customers, features=[INCOME, SCORE], describe=["Age", "Gender"], seed=0)
print(f"By income and spending: {run.selection.verdict}\n")
labeled = customers.with_columns(run.customers["segment", "segment_name"])
by_segment = labeled.group_by("segment", "segment_name").agg(
    pl.len().alias("customers"),
    pl.col("Age").mean().round(1).alias("mean age"),
    (pl.col("Age") < 30).mean().round(2).alias("share under 30"),
    (pl.col("Gender") == "Female").mean().round(2).alias("share of women"),
)
pl.Config(tbl_hide_dataframe_shape=True, tbl_rows=-1, tbl_width_chars=120, fmt_str_lengths=60)
print(by_segment.sort("segment"))

# What sets a segment apart, beginning with what its name mentions: does age appear?
for segment in run.segments:
    print(f"\n{segment.name}")
    for trait in segment.traits[:3]:
        print(f"   {trait.text}")

# Then age shapes the segments too. Gender still only describes: it is a trait to handle with care.
with_age = ilk.fit(customers, features=["Age", INCOME, SCORE], describe=["Gender"], seed=0)
print(f"\nBy age, income and spending: {with_age.selection.verdict}")
for segment in with_age.segments:
    print(f"{segment.number}. {segment.name}: {segment.figures.customers} customers")

# Where do the customers of the first segments go?
moves = labeled.with_columns(with_age=with_age.customers["segment_name"])
moves = moves.group_by("segment_name", "with_age").len("customers")
print(moves.sort("customers", "segment_name", "with_age", descending=[True, False, False]))

run.write(OUT / "described", overwrite=True)
report = with_age.write(OUT / "with_age", overwrite=True)
print(f"\nThe reports are in {OUT}: described/{report.name} and with_age/{report.name}.")
