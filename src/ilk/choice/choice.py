"""Choice: the candidates for K, the one chosen, and the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilk.choice.table import choice_table


@dataclass(frozen=True)
class Candidate:
    """One K and how it did. Indices that are not defined (K = 1) are ``None``.

    ``inertia`` is in the encoded space; ``elbow`` is the strength of the bend of the inertia curve
    at this K, which depends on K - 1, K and K + 1 alone; ``silhouette_spread`` is the standard
    error of a sampled silhouette, 0 when it was computed on all rows.
    """

    algorithm: str
    k: int
    inertia: float
    elbow: float | None
    silhouette: float | None
    silhouette_spread: float | None
    silhouette_squared: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """The candidates in order of K, the verdict in one sentence, and the reasons for it.

    Examples
    --------
    >>> one = Candidate("kmeans", 2, 9.0, 0.3, 0.6, 0.0, 0.7, 40.0, 0.5, chosen=True)
    >>> Choice((one,), verdict="Two segments.", reasons=()).k
    2
    """

    candidates: tuple[Candidate, ...] = field(repr=False)
    verdict: str
    reasons: tuple[str, ...]

    @property
    def k(self) -> int:
        """The chosen number of clusters."""
        return next(each.k for each in self.candidates if each.chosen)

    def _repr_html_(self) -> str:
        """The verdict and the candidates in a notebook."""
        return choice_table(self)
