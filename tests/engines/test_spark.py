"""PySpark: a decoder over the Arrow batches of each partition, in Python workers of local mode."""

from __future__ import annotations

import sys

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("pyspark", reason="pyspark is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
from event_files import by_id  # noqa: E402
from pyspark.sql import SparkSession, functions  # noqa: E402
from pyspark.sql.pandas.types import from_arrow_schema  # noqa: E402
from recipes import SPARK, spark_columns  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def spark(monkeypatch, recipes_for_workers):
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "2")
    builder = builder.config("spark.sql.files.maxPartitionBytes", "40000")
    made = builder.getOrCreate()
    yield made
    made.stop()


def columns_of(spark, parquet):
    schema = from_arrow_schema(pa.schema(SPARK.arrow_schema))
    return spark.read.parquet(str(parquet)).mapInArrow(spark_columns, schema)


def test_map_in_arrow(spark, parquet, one_process, events):
    frame = columns_of(spark, parquet)
    assert frame.schema.simpleString() == (
        "struct<id:bigint,user.name:string,items.price:array<double>>"
    )
    assert by_id(frame.toArrow()) == by_id(one_process)
    total = frame.select(functions.explode("`items.price`").alias("price")).groupBy()
    assert total.sum("price").collect()[0][0] == sum(sum(prices) for _, _, prices in events)
