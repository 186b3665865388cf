"""(15) Columns of a TFLite model, and the loops that generated code allows."""

from __future__ import annotations

import flat_build
import pytest
from flat_columns import LOOPS, QUICK_COUNT, tables
from flatbuffers.builder import Builder

from tensorwire import flat
from tensorwire.flat.schema import Schema


@pytest.mark.parametrize("path", LOOPS)
@pytest.mark.parametrize("side", ["ours", "upstream"])
def test_columns(benchmark, path, side):
    benchmark.group = f"{path} of {QUICK_COUNT}"
    data = bytes(flat_build.build(Builder, QUICK_COUNT))
    root = Schema.from_rows(tables).root(data)
    if side == "ours":
        benchmark(flat.columns, root, [path])
    else:
        benchmark(LOOPS[path], data)
