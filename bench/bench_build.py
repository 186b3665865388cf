"""(6) Building messages from keywords and serialising them."""

from __future__ import annotations

import pytest
from build_messages import BUILDS, classes

COUNT = 2_000


@pytest.mark.parametrize("case", BUILDS)
@pytest.mark.parametrize("side", ["ours", "upb"])
def test_build(benchmark, case, side):
    benchmark.group = f"{COUNT} {case}"
    answer = benchmark(BUILDS[case], classes()[side], COUNT)
    assert answer == BUILDS[case](classes()["upb"], COUNT)
