"""The least that a program can do with a table: Polars reads it and writes the ids as Parquet."""

from __future__ import annotations

import sys

import polars as pl

source, ids = sys.argv[1:]
scan = pl.scan_csv if source.endswith(".csv") else pl.scan_parquet
scan(source).select("customer_id").sink_parquet(ids)
