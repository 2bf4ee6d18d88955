"""5,000 shoppers into three segments, and then the segment of one new customer.

python examples/shoppers_predict_one.py
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

import ilk

OUT = Path("assets/examples/shoppers_predict_one")

# Age, income and purchase history. The column of ids is recognized and shapes nothing.
customers = ilk.demo.load("shoppers")
with pl.Config(tbl_hide_dataframe_shape=True, tbl_width_chars=140):
    print(customers.head(3))

run = ilk.fit(customers, k=3, seed=0)
for segment in run.segments:
    print(f"\n{segment.number}. {segment.name} ({segment.figures.customers:,} customers)")
    for trait in segment.traits[:3]:
        print(f"   {trait.text}")
    print(f"   What to do: {segment.action}")

run.write(OUT, overwrite=True)

# The saved file is all that is needed to label a customer, today or next year.
model = ilk.load(OUT / "model.json")
new_customer = {
    "age": 36,
    "annual_income": 48_000,
    "orders_per_year": 19,
    "average_order_value": 44.50,
    "days_since_last_order": 6,
    "total_spend": 845.50,
}
answer = model.predict(new_customer).row(0, named=True)
print(f"\nThe new customer belongs to segment {answer['segment']}: {answer['segment_name']}.")
print(f"What to do: {answer['action']}")
print(f"Margin, from 0 (the border between two segments) to 1: {answer['margin']:.2f}")
