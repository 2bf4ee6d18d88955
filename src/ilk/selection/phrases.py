"""Phrases of the sentences about a choice."""

from __future__ import annotations

from ilk.cluster.algorithms import ALGORITHMS
from ilk.formatting.numbers import format_percent
from ilk.formatting.text import spell_number


def name_algorithm(algorithm: str) -> str:
    """An algorithm as a sentence names it.

    Examples
    --------
    >>> name_algorithm("mixture"), name_algorithm("hdbscan")
    ('a Gaussian mixture', 'HDBSCAN')
    """
    title = ALGORITHMS[algorithm].title
    return f"a {title}" if algorithm == "mixture" else title


def describe_cut(cut_fraction: float | None, limit: float | None = None) -> str:
    """How many neighbors are in different segments, told from a limit in the same sentence.

    Examples
    --------
    >>> describe_cut(0.0124)
    '1.2% of neighboring customers are in different segments'
    >>> describe_cut(0.0)
    'no neighboring customers are in different segments'
    """
    cut = cut_fraction or 0.0
    if cut == 0:
        return "no neighboring customers are in different segments"
    share = format_cut(cut) if limit is None else format_share_beside(cut, limit, 1)
    return f"{share} of neighboring customers are in different segments"


def format_cut(cut_fraction: float) -> str:
    """A share with a decimal, because the limits are small.

    Examples
    --------
    >>> format_cut(0.02), format_cut(0.005)
    ('2%', '0.5%')
    """
    return format_percent(cut_fraction, 1)


def format_share_beside(share: float, limit: float, decimals: int = 0) -> str:
    """A share with as many decimals as it takes not to look like the limit that it breaks.

    Examples
    --------
    >>> format_share_beside(0.0496, 0.05), format_share_beside(0.02, 0.05)
    ('4.96%', '2%')
    """
    shown = format_percent(limit, decimals)
    texts = (format_percent(share, digits) for digits in range(decimals, 6))
    return next((text for text in texts if text != shown), format_percent(share, 6))


def count_segments(k: int, adjective: str = "") -> str:
    """A number of segments as it begins a sentence.

    Examples
    --------
    >>> count_segments(2, "clear ")
    'Two clear segments'
    """
    return f"{spell_number(k)} {adjective}segment{'' if k == 1 else 's'}"
