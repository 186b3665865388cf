"""(10) Columns of each set of records, in a tenth of its size."""

from __future__ import annotations

import pytest
from column_sides import Work
from record_sets import SETS

SIDES = {
    "list": lambda work: work.ours(),
    "offsets": lambda work: work.ours("offsets"),
    "upb": lambda work: work.upb(),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("side", SIDES)
def test_columns(benchmark, name, side):
    benchmark.group = f"columns, {name}"
    work = Work(SETS[name], quick=True)
    benchmark.pedantic(SIDES[side](work), rounds=5, warmup_rounds=1)
