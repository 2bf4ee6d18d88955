"""Bands: what a stability says in words.

The bands are those of C. Hennig (2007). Cluster-wise assessment of cluster stability. Computational
Statistics & Data Analysis 52, 258-271.
"""

from __future__ import annotations

BANDS = ((0.85, "very stable"), (0.75, "stable"), (0.60, "a pattern, with uncertain members"))
"""Least Jaccard coefficient, and what it says; below the last a segment dissolves."""

DISSOLVED = "not stable"


def band(jaccard: float) -> str:
    """What a stability says in words.

    Examples
    --------
    >>> band(0.9), band(0.6), band(0.3)
    ('very stable', 'a pattern, with uncertain members', 'not stable')
    """
    return next((words for least, words in BANDS if jaccard >= least), DISSOLVED)
