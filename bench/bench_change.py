"""(7) Changing, copying and comparing a graph."""

from __future__ import annotations

import pytest
from build_messages import classes
from change_graph import CASES, Side, plain

NODES = 2_000


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", ["ours", "upb"])
def test_change(benchmark, case, side):
    benchmark.group = f"{NODES} nodes: {case}"
    call = CASES[case][1]
    found = benchmark(call, Side(classes()[side], NODES))
    assert type(plain(found)) is type(plain(call(Side(classes()["upb"], NODES))))
