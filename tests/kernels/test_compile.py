"""The kernels' headers compile without Python and without a warning, with their loops laid out."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[2] / "_core"
# _GNU_SOURCE as in setup.py: platform_memory.h maps memory.
STRICT = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion",
          "-Werror"]
# Not all: platform_file.h asks for what POSIX adds to C; tests/project checks it with that.
HEADERS = sorted(
    path.name
    for pattern in ("varint*.h", "bits.h", "crc32c.h", "encode.h", "flat_*.h", "flex*.h",
                    "framing.h", "le.h", "output.h", "platform.h", "sort.h", "utf8.h")
    for path in CORE.glob(pattern)
)

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

USES_EVERYTHING = """
#include "varint_bulk.h"
#include "bits.h"
#include "framing.h"
#include "utf8.h"
int main(int argc, char **argv)
{
    const uint8_t *at = (const uint8_t *)argv[0], *end = at + strlen(argv[0]);
    const VarintKernel *kernel = varint_kernel_best();
    uint8_t out[8] = {0};
    size_t values;
    Fault fault;
    if (varint_run_count(kernel, at, end, 0, &values, &fault) || values > 1) return 1;
    if (varint_run_decode(kernel, at, end, 0, VARINT_SINT64, out, values, &fault)) return 2;
    bits_unpack(at, out, 1, 6, argc > 1);
    static Crc32cTables tables;
    crc32c_fill(&tables);
    Crc32c crc = {crc32c_kernel_at(argc > 2), &tables};
    int64_t span[1] = {0};
    Frames frames = {at, 0, values, span, span, 1, 0};
    FrameFault wrong;
    if (frames_find(&frames, FRAMING_TFRECORD, &crc, &wrong)) return (int)wrong.reason;
    size_t used;
    if (prefix_size((Prefix){1, true}, at, values, &used, &wrong)) return 3;
    return utf8_valid(at, end) && varint_run_canonical(kernel, at, end, VARINT_INT32);
}
"""


def compiled(text: str, *flags: str) -> subprocess.CompletedProcess:
    command = ["gcc", *STRICT, *flags, f"-I{CORE}", "-x", "c", "-c", "-o", os.devnull, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("header", HEADERS)
def test_each_header_stands_alone(header):
    done = compiled(f'#include "{header}"\n#include "{header}"\n')
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("level", ["-O0", "-O1", "-O3"])
def test_a_program_that_uses_them(level):
    done = compiled(USES_EVERYTHING, level)
    assert done.returncode == 0, done.stderr


def test_a_warning_would_be_found():
    assert compiled("int narrow(double x); int narrow(double x) { return x; }").returncode != 0
