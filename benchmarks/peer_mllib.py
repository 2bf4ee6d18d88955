"""One k-means of Spark's own on prepared customers, and nothing else: no choice of K, no report.

    python benchmarks/peer_mllib.py customers.parquet local[2]

Medians fill the gaps, categories become dummies, everything is scaled; then MLlib's KMeans with
eight clusters and at most twenty rounds. The vectors are kept between its rounds.
"""

from __future__ import annotations

import sys

from pyspark.ml import Pipeline
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import (
    Imputer,
    OneHotEncoder,
    StandardScaler,
    StringIndexer,
    VectorAssembler,
)
from pyspark.sql import SparkSession

source, master = sys.argv[1:]
spark = (
    SparkSession.builder.master(master)
    .config("spark.driver.memory", "8g")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
table = spark.read.parquet(source).drop("customer_id")
texts = [name for name, kind in table.dtypes if kind == "string"]
numbers = [name for name in table.columns if name not in texts]


def called(names: list[str], ending: str) -> list[str]:
    return [f"{name}_{ending}" for name in names]


filled, codes, dummies = called(numbers, "filled"), called(texts, "code"), called(texts, "dummy")
prepared = Pipeline(
    stages=[
        Imputer(inputCols=numbers, outputCols=filled, strategy="median"),
        StringIndexer(inputCols=texts, outputCols=codes),
        OneHotEncoder(inputCols=codes, outputCols=dummies, dropLast=False),
        VectorAssembler(inputCols=[*filled, *dummies], outputCol="assembled"),
        StandardScaler(inputCol="assembled", outputCol="features", withMean=True),
    ]
)
vectors = prepared.fit(table).transform(table).select("features").persist()
KMeans(k=8, maxIter=20, seed=0).fit(vectors)
spark.stop()
