"""What is tested for stability: enough for the rule, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ilk.selection.candidates import Candidate
from ilk.selection.evaluate import add_deciding_stabilities, add_stability
from ilk.selection.k_choice import classify_structure, is_best_at_end, recommend_k
from ilk.selection.stability import Stability

LARGEST_K = 9


def candidate(k, *, silhouette=0.5, gain=0.1, elbow=0.1, groups=1):
    figures = {"gap": 0.1 * k, "gap_error": 0.01, "n_separated_groups": min(groups, k)}
    return Candidate(
        "kmeans",
        k,
        1 / k,
        elbow,
        silhouette,
        0,
        0,
        0,
        0,
        silhouette_gain=gain,
        chosen=False,
        **figures,
    )


def make_stability(value, k):
    return Stability(np.full(k, value), None)


figures: st.SearchStrategy[dict[str, float]] = st.builds(
    dict,
    silhouette=st.sampled_from([0.3, 0.4, 0.41, 0.42]),
    gain=st.sampled_from([0.0, 0.06, 0.1, 0.11, 0.12]),
    elbow=st.sampled_from([0.1, 0.2, 0.3]),
    groups=st.sampled_from([1, 2, LARGEST_K]),
)
tables = st.lists(st.tuples(figures, st.sampled_from([0.5, 0.9])), min_size=2, max_size=LARGEST_K)


@given(tables)
def test_the_rule_decides_as_if_every_k_were_tested(table):
    tried = [candidate(k, **one) for k, (one, _) in enumerate(table, start=1)]
    stabilities = {k: make_stability(value, k) for k, (_, value) in enumerate(table, start=1)}
    some = add_deciding_stabilities(tried, stabilities.__getitem__, "auto")
    every = [tried[0], *(add_stability(one, stabilities[one.k]) for one in tried[1:])]
    assert recommend_k(some).k == recommend_k(every).k
    assert classify_structure(some) == classify_structure(every)
    assert is_best_at_end(some, len(table)) == is_best_at_end(every, len(table))


def find_tested_ks(tried, k="auto", unstable=()):
    tested = add_deciding_stabilities(
        tried, lambda k: make_stability(0.5 if k in unstable else 0.9, k), k
    )
    return [one.k for one in tested if one.stability is not None]


def test_only_what_decides_is_tested():
    one = candidate(1, silhouette=None, gain=0.0, elbow=None)
    clear = [one, *(candidate(k, gain=0.3 if k == 4 else 0.2, groups=k) for k in range(2, 9))]
    assert find_tested_ks(clear) == [4, 8]  # the largest margin, and the largest K of all with gaps
    assert find_tested_ks(clear, k=3) == [3, 4, 8]


def test_if_the_best_is_not_stable_the_next_best_is_tested():
    gains = {1: 0.0, 2: 0.1, 3: 0.2, 4: 0.3, 5: 0.0}
    tried = [candidate(k, gain=gain, elbow=0.1 * k, groups=2) for k, gain in gains.items()]
    assert find_tested_ks(tried) == [4]
    assert find_tested_ks(tried, unstable=[4]) == [3, 4]
    assert find_tested_ks(tried, unstable=[2, 3, 4]) == [2, 3, 4, 5]


def test_where_no_number_beats_random_data_only_the_one_shown_is_tested():
    tried = [candidate(k, gain=0.0, elbow=0.3 if k == 3 else 0.1) for k in range(1, 8)]
    assert find_tested_ks(tried) == [3]
