"""What was tried and what was chosen: the candidates for K, and what other algorithms found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ilk.cluster.algorithms import ALGORITHMS
from ilk.cluster.partition import Labels
from ilk.schema import Entries

Structure = Literal["clear", "weak", "none", "untested"]
"""Whether there are segments at all."""


@dataclass(frozen=True)
class Candidate:
    """One K and its figures. What is not defined (K = 1) or was not tested is ``None``.

    Attributes
    ----------
    inertia : float
        In the encoded space.
    elbow : float
        How sharply the inertia curve bends at this K: :mod:`ilk.selection.indices`.
    silhouette, silhouette_error : float
        The average, and its standard error: 0 when it was computed on all rows.
    silhouette_squared, calinski_harabasz, davies_bouldin : float
        Further indices.
    gap, gap_error : float
        The gap statistic and its standard error: :mod:`ilk.selection.gap`.
    silhouette_gain : float
        ``silhouette_squared`` less what tables without segments reach.
    n_separated_groups : int
        Groups of clusters with valleys around them: :mod:`ilk.selection.valley_test`.
    gap_density : float
        Density of the customers in the shallowest of these valleys, in units of that on its sparser
        side.
    class_certainty : float
        For the K that categories show to be classes: the mean probability that the customers of a
        cluster are in its class, of the least certain cluster (:mod:`ilk.selection.class_test`).
    stability, stability_min : float
        Mean and smallest Jaccard coefficient of the clusters: :mod:`ilk.selection.stability`.
    seed_agreement : float
        Mean adjusted Rand index with the clusters found from other starts.
    smallest_share, largest_share : float
        Shares of the smallest and the largest cluster.
    relabeled_share : float
        Share of the customers that the model puts into another cluster than the algorithm did:
        :class:`ilk.cluster.result.ClusterResult`.
    rejection_reason : str
        Why this K must not be chosen.
    cut_fraction : float
        Share of nearest neighbors that are in different clusters
        (:mod:`ilk.selection.connectivity`), for algorithms that find clusters of any shape.
    """

    algorithm: str
    k: int
    inertia: float
    elbow: float | None
    silhouette: float | None
    silhouette_error: float | None
    silhouette_squared: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    gap: float | None = field(default=None, kw_only=True)
    gap_error: float | None = field(default=None, kw_only=True)
    silhouette_gain: float | None = field(default=None, kw_only=True)
    n_separated_groups: int | None = field(default=None, kw_only=True)
    gap_density: float | None = field(default=None, kw_only=True)
    class_certainty: float | None = field(default=None, kw_only=True)
    stability: float | None = field(default=None, kw_only=True)
    stability_min: float | None = field(default=None, kw_only=True)
    seed_agreement: float | None = field(default=None, kw_only=True)
    smallest_share: float | None = field(default=None, kw_only=True)
    largest_share: float | None = field(default=None, kw_only=True)
    relabeled_share: float | None = field(default=None, kw_only=True)
    rejection_reason: str | None = field(default=None, kw_only=True)
    cut_fraction: float | None = field(default=None, kw_only=True)
    chosen: bool


@dataclass(frozen=True)
class Selection:
    """The candidates in order of K, the verdict, and the reasons for it.

    ``structure`` says whether there are segments at all; ``stability`` is the Jaccard coefficient
    of every segment in order, empty where it was not tested. ``better_algorithm`` is the name of
    another algorithm that finds groups which these segments miss, if that is known; ``n_customers``
    the number of those on whom the choice was made.

    Examples
    --------
    >>> candidate = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> Selection((candidate,), verdict="Two segments.", reasons=()).k
    2
    """

    candidates: Entries[Candidate] = field(repr=False)
    verdict: str
    reasons: Entries[str]
    structure: Structure = "untested"
    stability: Entries[float] = ()
    better_algorithm: str | None = None
    n_customers: int | None = None

    @property
    def k(self) -> int:
        """The chosen number of clusters."""
        return self.chosen_candidate.k

    @property
    def chosen_candidate(self) -> Candidate:
        """The candidate that was chosen."""
        return next(candidate for candidate in self.candidates if candidate.chosen)

    @property
    def multi_cluster_candidates(self) -> tuple[Candidate, ...]:
        """The candidates with more than one cluster."""
        return tuple(
            candidate for candidate in self.candidates if candidate.k > 1 or candidate.chosen
        )


@dataclass(frozen=True)
class AlgorithmResult:
    """One algorithm with the number of segments that it arrived at. What is not known is ``None``.

    Attributes
    ----------
    algorithm : str
        Its name, as the recipe takes it.
    candidate : Candidate
        The number of clusters and its figures; ``None`` if nothing was found.
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
        """Number of segments; ``None`` if there are no segments, as where all are in one."""
        return self.candidate.k if self.candidate is not None and self.has_clusters else None

    @property
    def has_clusters(self) -> bool:
        """Whether it found several segments."""
        return self.rejection_reason is None and self.candidate is not None and self.candidate.k > 1
