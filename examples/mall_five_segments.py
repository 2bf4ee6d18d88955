"""The mall by income and spending: K by the elbow, five named segments, a saved model.

python examples/mall_five_segments.py                        the customers that come with ilk
python examples/mall_five_segments.py Mall_Customers.csv     your own file with these two columns
"""

from __future__ import annotations

import sys
from pathlib import Path

import ilk

OUT = Path("assets/examples/mall_five_segments")
INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"

# Only the two features shape the segments; every other column merely describes them.
source = sys.argv[1] if len(sys.argv) > 1 else ilk.demo.load("mall")
run = ilk.fit(source, k="auto", features=[INCOME, SCORE], seed=0)

# Inertia always falls as K grows. The elbow is where it stops falling fast: the largest bend.
print(" K   inertia    bend   silhouette")
for candidate in run.selection.multi_cluster_candidates:
    bend = "" if candidate.elbow is None else f"{candidate.elbow:.2f}"
    mark = "  <- chosen" if candidate.chosen else ""
    k, silhouette = candidate.k, candidate.silhouette
    print(f"{k:2}   {candidate.inertia:7.1f}   {bend:>5}   {silhouette:10.3f}{mark}")
print(f"\n{run.selection.verdict}")
for reason in run.selection.reasons:
    print(reason)
print()

for segment in run.segments:
    income, score = (
        next(figure.mean for figure in segment.figures.numbers if figure.column == column)
        for column in (INCOME, SCORE)
    )
    print(f"{segment.number}. {segment.name}: {segment.figures.customers} customers")
    print(f"   earn {income:.0f} k$ a year on average, spending score {score:.0f}")
    print(f"   {segment.action}")

# Everything is written to one folder: the model, the labeled customers, plots and a report.
report = run.write(OUT, overwrite=True)
print(f"\nThe report is {report}.")

# Next week, the saved model labels a new customer in the same way.
model = ilk.load(OUT / "model.json")
answer = model.predict({INCOME: 70, SCORE: 80}).row(0, named=True)
print(f"Someone who earns 70 k$ and scores 80 belongs to segment {answer['segment']}:", end=" ")
print(f"{answer['segment_name']}.")
