"""What a run knows besides its segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ilk.errors import Notice


@dataclass(frozen=True)
class RowCounts:
    """Rows counted: ``read`` = ``labeled`` + ``rejected`` + ``excluded``; a comparison labels none.

    ``unassigned`` are labeled, but have no segment (segment 0); ``sampled`` is the number of rows
    on which K and the centers were found.
    """

    read: int
    labeled: int
    sampled: int
    rejected: int = 0
    unassigned: int = 0
    excluded: int = 0


@dataclass(frozen=True)
class Inertia:
    """Sums of squared distances to the center of one's own segment, in the encoded space.

    ``customers`` is exact over all who have a segment; ``sample`` that of the rows on which the
    centers were found.
    """

    customers: float
    sample: float


@dataclass(frozen=True)
class RunMetadata:
    """What a run knows besides its segments.

    Parameters
    ----------
    source : str
        Name of the source, as the user knows it.
    rows : RowCounts
        Rows counted.
    command : str
        A command that makes the same run again.
    seed : int
        Seed of the run.
    data_hash : str
        Fingerprint of the data.
    source_facts : mapping of str to str
        How the source was read, in words: format, encoding, delimiter …
    preprocessing : tuple of str
        What was done to every feature, a sentence each.
    variance_shares : tuple of float
        Where customers were clustered on principal components: the share of the variance that
        each of these holds.
    notices : tuple of Notice
        What the user was warned of.
    versions : mapping of str to str
        Versions of the software that took part.
    created : str, optional
        The date, if the run is to carry one.
    inertia : Inertia, optional
        How far customers are from the centers of their segments.
    """

    source: str
    rows: RowCounts
    command: str
    seed: int
    data_hash: str
    source_facts: Mapping[str, str] = field(default_factory=dict)
    preprocessing: tuple[str, ...] = ()
    variance_shares: tuple[float, ...] = ()
    notices: tuple[Notice, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str | None = None
    inertia: Inertia | None = None
