"""Whatever the figures: what is said about a choice is true of them, and says one thing only."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from ilk.cluster.partition import Labels
from ilk.cluster.weighted_rows import WeightedRows
from ilk.formatting.text import spell_number
from ilk.report.headline import explain_structure
from ilk.selection.algorithm_choice import find_objection, recommend_algorithm
from ilk.selection.candidates import AlgorithmResult, Candidate, Selection, Structure
from ilk.selection.connectivity import KNNGraph
from ilk.selection.explain import explain_selection, list_warnings, write_verdict
from ilk.selection.k_choice import (
    CLEAR_CUT,
    CLEAR_GAIN,
    WEAK_GAIN,
    classify_structure,
    filter_promising,
    filter_separated,
    is_separated,
    recommend_k,
)

Generator = np.random.Generator
ALGORITHMS_TAKING_K = ("kmeans", "mixture", "ward")


def draw_candidate(random: Generator, algorithm: str, k: int, spread: float) -> Candidate:
    """A number of segments with figures that need not fit together."""
    n_groups = int(random.choice([1, k, int(random.integers(1, k + 1))]))
    return Candidate(
        *(algorithm, k, 9.0, float(random.random()), float(random.uniform(0.1, 0.9)), 0.0),
        *(0.5, float(random.uniform(10, 90)), float(random.random())),
        gap=float(random.uniform(-0.1, 0.5)) if algorithm == "kmeans" else None,
        gap_error=0.01,
        silhouette_gain=float(random.normal(0.04, spread)),
        n_separated_groups=n_groups if random.random() < 0.8 else None,
        stability=float(random.uniform(0.4, 1.0)) if random.random() < 0.8 else None,
        rejection_reason="one is too small" if random.random() < 0.1 else None,
        smallest_share=0.01,
        largest_share=0.99,
        chosen=False,
    )


def draw_candidates(random: Generator) -> list[Candidate]:
    algorithm = str(random.choice(ALGORITHMS_TAKING_K))
    spread = float(random.choice([0.02, 0.1, 0.3]))
    single = Candidate(algorithm, 1, 9.0, *(None,) * 6, gap=0.0, gap_error=0.01, chosen=False)
    ks = range(2, 2 + int(random.integers(1, 8)))
    drawn = [draw_candidate(random, algorithm, k, spread) for k in ks]
    drawn[0] = replace(drawn[0], rejection_reason=None)
    return [replace(single, silhouette_gain=0.0), *drawn]


def draw_selection(random: Generator) -> tuple[Selection, Candidate]:
    """A choice as it is made, of the number recommended or of another; and the one recommended."""
    candidates = draw_candidates(random)
    structure, recommended = classify_structure(candidates), recommend_k(candidates)
    allowed = [one.k for one in candidates if one.k > 1 and one.rejection_reason is None]
    k = recommended.k if random.random() < 0.6 else int(random.choice(allowed))
    n_customers = int(random.choice([20, 1000]))
    chosen = tuple(replace(one, chosen=one.k == k) for one in candidates)
    verdict = write_verdict(chosen, recommended.k, structure, n_customers)
    reasons = explain_selection(chosen, recommended.k, structure, None, n_customers)
    return Selection(chosen, verdict, reasons, structure, n_customers=n_customers), recommended


SEEDS = range(300)


def test_the_verdict_and_its_reasons_are_true_of_the_figures():
    for seed in SEEDS:
        selection, recommended = draw_selection(np.random.default_rng(seed))
        chosen, meaning = selection.chosen_candidate, explain_structure(selection)
        gain = chosen.silhouette_gain or 0.0
        if re.search("tighter than random data", meaning, re.IGNORECASE):
            assert gain >= WEAK_GAIN
        if "just as tight" in meaning:
            assert gain < WEAK_GAIN
        if "gaps between them" in meaning or "gap between them" in meaning:
            assert is_separated(chosen)
        first = selection.reasons[0]
        if "beat random data" in first:
            assert (recommended.silhouette_gain or 0.0) >= WEAK_GAIN
        if "by a clear margin" in first:
            assert (recommended.silhouette_gain or 0.0) >= CLEAR_GAIN
        if "separate" in first and "no visible" not in first and "cut" not in first:
            assert (recommended.n_separated_groups or 1) > 1
        for margin in re.findall(r"margin at K = \d+: (-?[\d.]+); at least", first):
            assert float(margin) < WEAK_GAIN


def test_there_is_one_decision_and_everything_says_so():
    for seed in SEEDS:
        selection, recommended = draw_selection(np.random.default_rng(seed))
        codes = [notice.code for notice in list_warnings(selection)]
        words = f"{selection.verdict} {explain_structure(selection)} {selection.reasons[0]}"
        passed = [*filter_promising(selection.candidates), *filter_separated(selection.candidates)]
        if selection.structure == "none":
            assert codes == ["W_NO_STRUCTURE"]
            assert not passed
            assert "did not pass" in words or "No number of segments passed" in words
            assert not re.search(r"(clear|weak) segments|Real groups|recommends", words)
        else:
            assert codes == []
            assert recommended.k in {candidate.k for candidate in passed}
            assert not re.search("No natural|too few to prove .* natural|did not pass", words)
            if selection.k != recommended.k:
                name = spell_number(recommended.k).lower()
                assert f"as requested; ilk recommends {name}." in selection.verdict


def test_another_number_is_named_only_with_the_reason_why_it_is_not_taken():
    for seed in SEEDS:
        selection, recommended = draw_selection(np.random.default_rng(seed))
        for reason in selection.reasons:
            named = re.match(r"The margin is largest at K = (\d+)", reason)
            if named and int(named[1]) != recommended.k:
                assert f"K = {recommended.k}" in reason.removeprefix(named[0])
            if re.search("passed every test", reason) and "but K" in reason:
                assert [one.k for one in filter_promising(selection.candidates)] == [recommended.k]


GRAPH = KNNGraph(WeightedRows(np.arange(60.0)[:, None], np.ones(60)))


def draw_result(random: Generator, algorithm: str) -> tuple[AlgorithmResult, Labels]:
    """An algorithm with segments of random figures that are consecutive customers or stripes."""
    k = int(random.integers(2, 6))
    candidate = replace(draw_candidate(random, algorithm, k, 0.2), rejection_reason=None)
    blocks = np.minimum(np.arange(60) * k // 60, k - 1)
    labels = (blocks if random.random() < 0.5 else np.arange(60) % k).astype(np.int32)
    structures: list[Structure] = ["clear", "weak", "none"]
    result = AlgorithmResult(
        algorithm,
        candidate,
        structures[int(random.integers(3))],
        noise_share=float(random.choice([0.0, 0.1, 0.4])),
        cut_fraction=GRAPH.compute_cut_fraction(labels),
        effective_n_segments=float(random.uniform(1.0, k)),
    )
    return result, labels


def test_a_comparison_never_contradicts_its_own_table():
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        drawn = {name: draw_result(random, name) for name in ("kmeans", "mixture", "ward")}
        results = [result for result, _ in drawn.values()]
        labels = {name: each for name, (_, each) in drawn.items()}
        recommendation = recommend_algorithm(results, GRAPH, labels)
        structures = [result.structure for result in results]
        reason = recommendation.reason
        if "No algorithm finds natural groups" in reason:
            assert set(structures) == {"none"}
        if "k-means finds no natural groups" in reason:
            assert structures[0] == "none"
        if recommendation.better_k is None:
            assert recommendation.algorithm == "kmeans"
        else:
            taken, _ = drawn[recommendation.algorithm]
            assert find_objection(taken) is None
            assert taken.k == recommendation.better_k
            assert taken.structure != "none"
            if "a gap between them" not in reason and "gaps between them" not in reason:
                assert taken.cut_fraction is not None
                assert taken.cut_fraction <= CLEAR_CUT
        for structure, title in zip(
            structures, ("k-means", "Gaussian mixture", "Ward"), strict=True
        ):
            for word in re.findall(rf"^{title}: \w+ (clear|weak) segments", reason):
                assert structure == word
