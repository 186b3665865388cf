"""(3) Reading every field of a graph in Python."""

from __future__ import annotations

import pytest
from graph_model import QUICK_NODES, encoded_graph
from walk_graph import SIDES, walk


@pytest.mark.parametrize("side", SIDES)
def test_walk(benchmark, side):
    benchmark.group = f"walk {QUICK_NODES} nodes"
    data = encoded_graph(QUICK_NODES)
    total = benchmark.pedantic(walk, (SIDES[side](data),), rounds=5, warmup_rounds=1)
    assert total == walk(SIDES["upb"](data))


@pytest.mark.parametrize("side", SIDES)
def test_parse_and_walk(benchmark, side):
    benchmark.group = f"parse and walk {QUICK_NODES} nodes"
    data = encoded_graph(QUICK_NODES)
    total = benchmark.pedantic(lambda: walk(SIDES[side](data)), rounds=5, warmup_rounds=1)
    assert total == walk(SIDES["upb"](data))
