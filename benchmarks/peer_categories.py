"""Other methods for mixed columns, on tables with a column of the truth; see categories.py.

    python benchmarks/peer_categories.py FOLDER

Needs kmodes, prince and stepmix. Prints a line for every CSV file: the adjusted Rand indices of
k-prototypes, of k-means on the first K - 1 components of a factor analysis of mixed data, and of
latent classes (numbers normal, all columns independent within a class), at the true K.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

STARTS = 10


def main(folder: str) -> None:
    import pandas as pd
    from sklearn.metrics import adjusted_rand_score

    warnings.simplefilter("ignore")
    for path in sorted(Path(folder).glob("*.csv")):
        table = pd.read_csv(path)
        truth = table.pop("truth")
        numbers = [name for name in table if name.startswith("x")]
        table[numbers] = (table[numbers] - table[numbers].mean()) / table[numbers].std(ddof=0)
        k = int(truth.max()) + 1
        methods = (fit_kprototypes, fit_famd, fit_latent_classes)
        scores = [adjusted_rand_score(truth, method(table, k)) for method in methods]
        print(*(f"{score:.6f}" for score in scores), flush=True)


def split(table: Any) -> tuple[list[str], list[str]]:
    categories = [name for name in table if name.startswith("c")]
    return categories, [name for name in table if name not in categories]


def fit_kprototypes(table: Any, k: int) -> Any:
    from kmodes.kprototypes import KPrototypes  # type: ignore[import-not-found]

    categories, _ = split(table)
    positions = [list(table).index(name) for name in categories]
    model = KPrototypes(k, n_init=STARTS // 2, random_state=0)
    return model.fit_predict(table.to_numpy(dtype=object), categorical=positions)


def fit_famd(table: Any, k: int) -> Any:
    from prince import FAMD  # type: ignore[import-not-found]
    from sklearn.cluster import KMeans

    components = FAMD(n_components=k - 1, random_state=0).fit(table).row_coordinates(table)
    return KMeans(k, n_init=STARTS, random_state=0).fit_predict(components.to_numpy())


def fit_latent_classes(table: Any, k: int) -> Any:
    from stepmix.stepmix import StepMix  # type: ignore[import-not-found]
    from stepmix.utils import get_mixed_descriptor  # type: ignore[import-not-found]

    categories, numbers = split(table)
    coded = table.copy()
    for name in categories:
        coded[name] = coded[name].astype("category").cat.codes
    data, descriptor = get_mixed_descriptor(coded, continuous=numbers, categorical=categories)
    options = {"n_init": STARTS, "max_iter": 300, "random_state": 0, "progress_bar": 0}
    return StepMix(k, measurement=descriptor, **options).fit(data).predict(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
