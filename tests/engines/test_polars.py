"""Polars: columns as a frame, and decoders inside lazy queries."""

from __future__ import annotations

import pytest

pl = pytest.importorskip("polars", reason="polars is not installed")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
from event_files import by_id  # noqa: E402
from recipes import DECODER, polars_frame, polars_struct  # noqa: E402

SCHEMA = {"id": pl.Int64, "user.name": pl.String, "items.price": pl.List(pl.Float64)}


def test_columns_are_a_frame(parquet, one_process):
    frame = pl.DataFrame(DECODER(pl.read_parquet(parquet)["record"]))
    assert dict(frame.schema) == SCHEMA
    assert by_id(frame.to_arrow()) == by_id(one_process)


def test_the_schema_before_any_data():
    assert dict(pl.DataFrame(DECODER([])).schema) == SCHEMA
    assert dict(pl.Schema(DECODER.arrow_schema)) == SCHEMA


def test_a_lazy_frame(parquet, one_process):
    lazy = pl.scan_parquet(parquet).map_batches(polars_frame, schema=SCHEMA)
    assert by_id(lazy.collect().to_arrow()) == by_id(one_process)


def test_streaming(parquet, events):
    lazy = pl.scan_parquet(parquet).map_batches(polars_frame, schema=SCHEMA, streamable=True)
    found = lazy.select(pl.col("items.price").list.sum().sum()).collect(engine="streaming")
    assert found.item() == sum(sum(prices) for _, _, prices in events)


def test_an_expression(parquet, one_process):
    struct = pl.col("record").map_batches(polars_struct, return_dtype=pl.Struct(SCHEMA))
    frame = pl.scan_parquet(parquet).select(event=struct).unnest("event").collect()
    assert by_id(frame.to_arrow()) == by_id(one_process)
