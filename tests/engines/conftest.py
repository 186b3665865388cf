"""Columns inside other engines. DuckDB and Polars run with all tests.

Dask, Ray Data and PySpark start clusters of their own: `pip install '.[test,dask,ray,spark]'`, Java
17 for Spark, and `pytest -m engines`.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
CLUSTERS = {"test_dask.py", "test_ray.py", "test_spark.py"}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == HERE and item.path.name in CLUSTERS:
            item.add_marker(pytest.mark.engines)


@pytest.fixture(scope="session")
def events():
    """The values of the events in the file."""
    from event_files import rows

    return rows(3000)


@pytest.fixture(scope="session")
def parquet(tmp_path_factory, events):
    """A Parquet file of the events in several row groups."""
    from event_files import write

    path = tmp_path_factory.mktemp("engines") / "events.parquet"
    write(path, events)
    return path


@pytest.fixture(scope="session")
def one_process(parquet):
    """What one process makes of the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from recipes import PATHS, Event

    from tensorwire import proto

    return pa.table(proto.decode_batch(pq.read_table(parquet)["record"], Event, PATHS))


@pytest.fixture
def recipes_for_workers(monkeypatch):
    """The path by which workers import the recipes, as an installed package would be."""
    from event_files import path_of_workers

    monkeypatch.setenv("PYTHONPATH", path_of_workers())
