import pytest

from tensorwire._core import bulk


@pytest.fixture(params=["scalar", "bmi2", "avx512"])
def kernel(request):
    """Each kernel by name, where the processor has it."""
    if request.param not in bulk.kernels():
        pytest.skip(f"this processor cannot run {request.param}")
    return request.param
