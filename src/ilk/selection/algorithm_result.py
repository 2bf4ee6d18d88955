"""What one algorithm found, measured like all the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Labels
from ilk.selection.candidates import Candidate, Structure


@dataclass(frozen=True)
class AlgorithmResult:
    """One algorithm with the number of segments that it arrived at. What is not known is ``None``.

    Attributes
    ----------
    algorithm : str
        Its name, as the recipe takes it.
    candidate : Candidate
        The number of segments and its figures; ``None`` if nothing was found.
    structure : str
        Whether there are segments: clear, weak, none or untested.
    noise_share : float
        Share of the customers in no segment; the indices leave them out.
    cut_fraction : float
        Share of nearest neighbors in different segments, on the same graph for every algorithm:
        :mod:`ilk.selection.connectivity`.
    effective_n_segments : float
        The number of equally large segments that would be as uneven: the exponential of the
        entropy of the shares.
    rejection_reason : str
        Why there is no usable result.
    seconds : float
        What it took, where time was measured.
    labels : ndarray of shape (m,)
        0-based segments of the plotted customers, the largest first; -1 is noise.

    Examples
    --------
    >>> AlgorithmResult("dbscan", rejection_reason="every customer is noise").has_clusters
    False
    """

    algorithm: str
    candidate: Candidate | None = None
    structure: Structure | None = None
    noise_share: float | None = None
    cut_fraction: float | None = None
    effective_n_segments: float | None = None
    rejection_reason: str | None = None
    seconds: float | None = None
    labels: Labels | None = field(default=None, repr=False, compare=False)

    @property
    def title(self) -> str:
        """The algorithm's name as people write it."""
        return ALGORITHMS[self.algorithm].title

    @property
    def k(self) -> int | None:
        """Number of segments, if any were found."""
        return None if self.candidate is None else self.candidate.k

    @property
    def has_clusters(self) -> bool:
        """Whether it found several segments."""
        return self.rejection_reason is None and self.k is not None and self.k > 1
