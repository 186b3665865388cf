"""(4) From the bytes of a TensorProto of packed varints to one array."""

from __future__ import annotations

import numpy as np
import pytest
from packed_varints import CASES, QUICK_VALUES, SIDES, encoded_tensor

from kernels import columns


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", SIDES)
def test_varints(benchmark, case, side):
    benchmark.group = f"varints, {case}"
    numbers = columns(QUICK_VALUES)[case]
    data = encoded_tensor(numbers)
    array = benchmark.pedantic(SIDES[side], (data,), rounds=9, warmup_rounds=1)
    assert np.array_equal(array, numbers)
