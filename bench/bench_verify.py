"""(2) Verifying a graph of many nodes, and upb's parse of the same bytes."""

from __future__ import annotations

import pytest
from graph_model import QUICK_NODES, encoded_graph
from verify_graph import SIDES, check


@pytest.mark.parametrize("side", SIDES)
def test_verify(benchmark, side):
    benchmark.group = f"verify {QUICK_NODES} nodes"
    check(QUICK_NODES)
    data = encoded_graph(QUICK_NODES)
    message = benchmark.pedantic(SIDES[side], (data,), rounds=15, warmup_rounds=1)
    assert len(message.graph.node) == QUICK_NODES
