"""Fixtures of the kernels' tests: the kernels by name, and the leaf headers as a C library."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from tensorwire._core import bulk

CORE = Path(__file__).resolve().parents[2] / "_core"

# The headers have only inline functions: each gets a name here that a library exports.
EXPORTS = """
#include "utf8.h"
#include "varint.h"
int check_utf8(const uint8_t *at, size_t size) { return utf8_valid(at, at + size); }
int decode(const uint8_t *at, size_t size, uint64_t *out)
{
    return varint_decode(at, at + size, out);
}
int size_of(uint64_t value) { return varint_size(value); }
int bits_set(uint64_t word) { return popcount64(word); }
"""


@pytest.fixture(params=["scalar", "bmi2", "avx512"])
def kernel(request):
    """Each kernel by name, where the processor has it."""
    if request.param not in bulk.kernels():
        pytest.skip(f"this processor cannot run {request.param}")
    return request.param


@pytest.fixture(scope="session")
def leaf(tmp_path_factory):
    """utf8.h and varint.h, compiled as a library of their own."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    library = tmp_path_factory.mktemp("leaf") / "leaf.so"
    command = ["gcc", "-std=c11", "-O2", "-shared", "-fPIC", f"-I{CORE}", "-x", "c", "-"]
    subprocess.run([*command, "-o", library], input=EXPORTS, text=True, check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.check_utf8.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    loaded.decode.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_uint64)]
    loaded.size_of.argtypes = loaded.bits_set.argtypes = [ctypes.c_uint64]
    return loaded
