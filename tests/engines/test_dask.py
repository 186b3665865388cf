"""Dask: a decoder on each partition, in processes of a local cluster."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("dask.dataframe", reason="dask is not installed")
distributed = pytest.importorskip("distributed", reason="dask is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
import dask.dataframe as dd  # noqa: E402
from dask.base import tokenize  # noqa: E402
from event_files import by_id  # noqa: E402
from recipes import DECODER, PATHS, Event, dask_columns  # noqa: E402

from tensorwire import proto  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def client(recipes_for_workers):
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as made,
    ):
        yield made


def columns_of(parquet):
    frame = dd.read_parquet(parquet, split_row_groups=True)
    assert frame.npartitions > 1
    return frame.map_partitions(dask_columns, meta=dask_columns(frame.head(0)))


def test_map_partitions(client, parquet, one_process):
    frame = columns_of(parquet).compute()
    assert by_id(pa.Table.from_pandas(frame)) == by_id(one_process)


def test_an_aggregate(client, parquet, events):
    counts = columns_of(parquet).groupby("user.name")["id"].count().compute().to_dict()
    names = [name for _, name, _ in events if name is not None]
    assert counts == {name: names.count(name) for name in set(names)}


def test_a_decoder_travels(client, parquet):
    record = Event(id=7).SerializeToString()
    made = client.submit(DECODER, [record]).result()
    assert made["id"].to_pylist() == [7]


def test_equal_decoders_have_one_token():
    assert tokenize(DECODER) == tokenize(proto.Decoder(Event, PATHS))
    assert tokenize(DECODER) != tokenize(proto.Decoder(Event, PATHS[:2]))
