"""Entry: what one algorithm found, measured like all the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilk.cluster.partition import Labels
from ilk.selection.candidates import Structure


@dataclass(frozen=True)
class AlgorithmResult:
    """One algorithm with the number of segments that it came to. What is not known is ``None``.

    Attributes
    ----------
    algorithm, title : str
        Its name, as ``--algorithm`` takes it, and as people call it.
    k : int
        Number of segments.
    noise : float
        Share of the customers whom it puts nowhere; the indices are of the others.
    silhouette, silhouette_squared, calinski_harabasz, davies_bouldin : float
        The usual indices, which favour round segments of one size.
    excess : float
        ``silhouette_squared`` less what tables without segments give.
    stability, stability_least : float
        Mean and least Jaccard coefficient of the segments: :mod:`ilk.selection.stability`.
    smallest, largest : float
        Shares of the smallest and the largest segment.
    groups : int
        Groups of segments with a valley around each: :mod:`ilk.selection.valley_test`.
    effective : float
        The number of segments of one size that would be as uneven: the exponential of the entropy
        of the shares.
    cut : float
        Share of the links between next neighbours that are cut: :mod:`ilk.selection.connectivity`.
    changed : float
        Share of the algorithm's own labels that placing customers anew would change.
    structure : str
        Whether there are segments: clear, weak, none or untested.
    refused : str
        Why there is no result.
    seconds : float
        What it took, where somebody looked at a clock.
    labels : ndarray of shape (m,)
        0-based segments of the customers to be drawn, the largest first; -1 is noise.

    Examples
    --------
    >>> AlgorithmResult("dbscan", "DBSCAN", rejection_reason="every customer is noise").has_clusters
    False
    """

    algorithm: str
    title: str
    k: int | None = None
    noise_share: float | None = None
    silhouette: float | None = None
    silhouette_squared: float | None = None
    silhouette_gain: float | None = None
    calinski_harabasz: float | None = None
    davies_bouldin: float | None = None
    stability: float | None = None
    stability_min: float | None = None
    smallest_share: float | None = None
    largest_share: float | None = None
    n_separated_groups: int | None = None
    effective_n_segments: float | None = None
    cut_fraction: float | None = None
    relabelled_share: float | None = None
    structure: Structure | None = None
    rejection_reason: str | None = None
    seconds: float | None = None
    labels: Labels | None = field(default=None, repr=False, compare=False)

    @property
    def has_clusters(self) -> bool:
        """Whether it found several segments."""
        return self.rejection_reason is None and self.k is not None and self.k > 1
