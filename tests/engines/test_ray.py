"""Ray Data: a decoder on each block, in workers of a local cluster."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
ray = pytest.importorskip("ray", reason="ray is not installed")
pytest.importorskip("ray.data", reason="ray[data] is not installed")
pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
import pyarrow.parquet as pq  # noqa: E402
from event_files import by_id, path_of_workers  # noqa: E402
from recipes import PLAIN, ray_columns  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster():
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": path_of_workers()}},
    )
    yield
    ray.shutdown()


def table_of(dataset):
    return pa.concat_tables(ray.get(dataset.to_arrow_refs()))


def test_map_batches(cluster, parquet, one_process):
    dataset = ray.data.read_parquet(str(parquet))
    found = dataset.map_batches(ray_columns, batch_format="pyarrow", batch_size=700)
    assert by_id(table_of(found)) == by_id(one_process)


def decoded(decoder, records):
    return decoder(records)


def test_a_decoder_travels(cluster, parquet, one_process):
    records = ray.put(pq.read_table(parquet)["record"])
    made = ray.get(ray.remote(decoded).remote(PLAIN, records))
    assert by_id(pa.table(made)) == by_id(one_process)
