"""100 synthetic customers with a category, into five clusters; the means of each are printed.

python examples/customer_segmentation.py
"""

from __future__ import annotations

import warnings
from pathlib import Path

import polars as pl

import ilk

OUT = Path("assets/examples/customer_segmentation")

# Seven numbers, and a category that becomes one column of zeros and ones per level (one-hot).
customers = ilk.demo.load("customers")
run = ilk.fit(customers, k=5, seed=0)
print("Columns that are clustered:", ", ".join(run.model.encoder.output_names))

# The mean of every feature per cluster; of a one-hot column it is the share of that level.
labeled = customers.with_columns(cluster=run.customers["segment"])
means = (
    labeled.to_dummies("product_category")
    .group_by("cluster")
    .agg(pl.len().alias("customers"), pl.all().mean().round(2))
    .sort("cluster")
)
clusters = [f"cluster {number}" for number in means["cluster"]]
pl.Config(tbl_hide_dataframe_shape=True, tbl_rows=-1, tbl_width_chars=120, fmt_str_lengths=60)
print(
    means.drop("cluster").transpose(
        include_header=True, header_name="mean of", column_names=clusters
    )
)
for segment in run.segments:
    print(f"cluster {segment.number}: {segment.name}")

# Income against average order value, colored by cluster, with the centers.
run.write(OUT, overwrite=True)
axes = run.plot.scatter(x="annual_income", y="average_order_value")
axes.figure.savefig(OUT / "income_against_order_value.png", dpi=150)
print(f"\nThe picture is {OUT / 'income_against_order_value.png'}.")

# A category that training never saw, or none at all, is a row of zeros and not a crash.
new_customers = pl.concat([customers.head(1)] * 3).with_columns(
    product_category=pl.Series(["fashion", "garden", None])
)
with warnings.catch_warnings(action="ignore", category=ilk.errors.NoticeWarning):
    answers = run.model.predict(new_customers)
print("\nThe first customer again, with another category, an unknown one, and none:")
print(answers.select(new_customers["product_category"], "segment", "segment_name", "margin"))

# These customers were drawn without groups, and the figures say so.
chosen = run.selection.chosen_candidate
print(f"Silhouette {chosen.silhouette:.2f}, where 1 is well apart and 0 is one cloud cut up.")
