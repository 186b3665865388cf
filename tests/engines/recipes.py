"""What each engine runs on a batch of records: functions of about three lines.

They lie in a module that workers import, as each engine wants it; the decoder travels with them as
a module's name, or pickled as descriptor bytes and options. No closures, no lambdas.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from tensorwire import proto

Event = proto.Schema.from_proto(Path(__file__).with_name("event.proto"))["shop.Event"]
PATHS = ["id", "user.name", "items.price"]

DECODER = proto.Decoder(Event, PATHS)
NESTED = proto.Decoder(Event, PATHS, layout="nested", strings="string", lists="list")
SPARK = proto.Decoder(Event, PATHS, arrow="spark")
PLAIN = proto.Decoder(Event, PATHS, strings="string")


def ray_columns(batch: pa.Table) -> pa.Table:
    """Ray Data: ``dataset.map_batches(ray_columns, batch_format="pyarrow")``."""
    return pa.table(PLAIN(batch["record"]))


def dask_columns(frame):
    """Dask: ``frame.map_partitions(dask_columns, meta=dask_columns(frame.head(0)))``."""
    import pandas as pd

    return pa.table(PLAIN(pa.array(frame["record"], pa.binary()))).to_pandas(
        types_mapper=pd.ArrowDtype
    )


def spark_columns(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """PySpark: ``frame.mapInArrow(spark_columns, from_arrow_schema(SPARK.arrow_schema))``."""
    for batch in batches:
        yield pa.record_batch(SPARK(batch["record"]))


def duckdb_struct(records: pa.ChunkedArray) -> pa.Array:
    """DuckDB: ``create_function("event", duckdb_struct, ["BLOB"], TYPE, type="arrow")``."""
    return pa.array(NESTED(records))


def polars_frame(frame):
    """Polars: ``lazy.map_batches(polars_frame, schema=...)``."""
    import polars as pl

    return pl.DataFrame(DECODER(frame["record"]))


def polars_struct(series):
    """Polars: ``pl.col("record").map_batches(polars_struct, return_dtype=...)``."""
    return polars_frame(series.to_frame("record")).to_struct()
