"""Confidence intervals of shares."""

from __future__ import annotations

import math
from statistics import NormalDist


def compute_wilson_interval(
    count: int, total: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Wilson's interval [1]_ of a share: sound for few customers and for shares near 0 and 1.

    Parameters
    ----------
    count, total : int
        ``count`` of ``total`` customers; (0, 1) without any.
    confidence : float

    References
    ----------
    .. [1] E. B. Wilson (1927). Probable inference, the law of succession, and statistical
       inference. Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> low, high = compute_wilson_interval(81, 263)
    >>> f"{low:.4f} to {high:.4f}"
    '0.2553 to 0.3662'
    """
    if not total:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, scale = count / total, 1.0 + z * z / total
    center = (share + z * z / (2 * total)) / scale
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / scale
    # At the ends the interval reaches the share itself, but for a rounding error.
    low = 0.0 if count == 0 else max(0.0, center - spread)
    return low, 1.0 if count == total else min(1.0, center + spread)
