"""DuckDB: columns as a table, and a decoder as a function of SQL."""

from __future__ import annotations

import pytest

duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
import pyarrow.parquet as pq  # noqa: E402
from event_files import by_id  # noqa: E402
from recipes import DECODER, duckdb_struct  # noqa: E402

STRUCT = 'STRUCT(id BIGINT, "user" STRUCT(name VARCHAR), items STRUCT(price DOUBLE)[])'
QUERY = """
    select e.id as id, e.user.name as "user.name",
           list_transform(e.items, lambda item: item.price) as "items.price"
    from (select event(record) as e from read_parquet(?))
"""
COUNTRIES = """
    select "user.name" as name, count(*) as events, sum(list_sum("items.price")) as spent
    from columns group by all order by name
"""


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        yield made


def test_columns_are_a_table(connection, parquet, one_process):
    columns = DECODER(pq.read_table(parquet)["record"])  # noqa: F841  the query names it
    ours = connection.sql("select * from columns").to_arrow_table()
    assert by_id(ours) == by_id(one_process)


def test_a_query_over_columns(connection, parquet, events):
    columns = DECODER(pq.read_table(parquet)["record"])  # noqa: F841  the query names it
    found = connection.sql(COUNTRIES).fetchall()
    for name, count, spent in found:
        prices = [prices for _, user, prices in events if user == name]
        assert count == len(prices)
        assert spent == sum(map(sum, prices))
    assert len(found) == 5


def test_records_that_duckdb_hands_out(connection, parquet, one_process):
    relation = connection.sql("select record from read_parquet(?)", params=[str(parquet)])
    assert by_id(pa.table(DECODER(relation))) == by_id(one_process)


def test_a_function_of_sql(connection, parquet, one_process):
    connection.create_function("event", duckdb_struct, ["BLOB"], STRUCT, type="arrow")
    found = connection.sql(QUERY, params=[str(parquet)]).to_arrow_table()
    assert by_id(found) == by_id(one_process)
