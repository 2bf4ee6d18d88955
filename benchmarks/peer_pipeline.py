"""Scoring with pandas and a scikit-learn pipeline.

    python benchmarks/peer_pipeline.py fit customers.csv pipeline.joblib 6
    python benchmarks/peer_pipeline.py predict pipeline.joblib customers.csv labels.csv
    python benchmarks/peer_pipeline.py one pipeline.joblib model.json customers.csv

``one`` times a single customer in this process, with the pipeline and with a model of ilk in
turns, and prints the median seconds of both as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import joblib
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CALLS, TURN = 500, 25


def read(path: str) -> pd.DataFrame:
    return pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)


def fit(source: str, path: str, k: str) -> None:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    prepared = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        sparse_threshold=0,
    )
    pipeline = make_pipeline(prepared, KMeans(int(k), random_state=0))
    joblib.dump(pipeline.fit(read(source).drop(columns="customer_id")), path)


def predict(path: str, source: str, labeled: str) -> None:
    table = read(source)
    labels = segments(joblib.load(path), table)
    result = pd.DataFrame({"customer_id": table["customer_id"], "segment": labels})
    if labeled.endswith(".csv"):
        result.to_csv(labeled, index=False)
    else:
        result.to_parquet(labeled, index=False)


def segments(pipeline: Pipeline, table: pd.DataFrame) -> pd.Series:
    return pipeline.predict(table.drop(columns="customer_id")) + 1


def one(path: str, model_path: str, source: str) -> None:
    import ilk

    pipeline, model = joblib.load(path), ilk.load(model_path)
    customer = pd.read_csv(source, nrows=1).iloc[0].to_dict()
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(-1, CALLS // TURN):
        # Several of each at a time, as a service makes them: else each call would find the
        # processor's cache full of the other side's libraries.
        ours = [timed(lambda: model.predict(customer)) for _ in range(TURN)]
        theirs = [timed(lambda: segments(pipeline, pd.DataFrame([customer]))) for _ in range(TURN)]
        if turn >= 0:
            seconds["ours"] += ours
            seconds["theirs"] += theirs
    print(
        json.dumps(
            {side: statistics.median(side_seconds) for side, side_seconds in seconds.items()}
        )
    )


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    {"fit": fit, "predict": predict, "one": one}[sys.argv[1]](*sys.argv[2:])
