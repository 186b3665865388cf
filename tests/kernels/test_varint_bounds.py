"""No kernel reads outside of its run or writes outside of its output: guard pages would kill us."""

import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from guard import Guarded, needs_guard_pages
from kernels import oracle
from kernels.compare import check, decoded

pytestmark = needs_guard_pages

ENDINGS = {
    "one-byte": b"\x05",
    "two-byte": b"\x85\x01",
    "mixed": b"\x01\x85\x01\x85\x85\x85\x85\x01",
    "ten-byte": b"\xff" * 9 + b"\x01",
}


def column(pattern: bytes, nbytes: int) -> bytes:
    """Whole values, as many as fit into ``nbytes``, led by one-byte ones up to exactly that."""
    body = pattern * (nbytes // len(pattern))
    return b"\x07" * (nbytes - len(body)) + body


@pytest.mark.parametrize("pattern", ENDINGS.values(), ids=ENDINGS)
def test_runs_at_a_guard_page(kernel, pattern):
    room = Guarded(4096)
    for nbytes in [*range(230), 640, 1000]:
        run = column(pattern, nbytes)
        check(room.at_end(run), kernel, ("int64", "int32", "bool"))
        check(room.at_start(run), kernel, ("int64",))


@pytest.mark.parametrize("distance", range(81))
def test_runs_ending_near_a_guard_page(kernel, distance):
    """The bytes behind the run are no values: reading them is harmless, believing them is not."""
    room = Guarded(4096)
    draw = random.Random(distance)
    run = b"".join(oracle.encode(2 ** draw.randrange(64)) for _ in range(60))
    placed = room.at_end(run + b"\xff" * distance)[: len(run)]
    check(placed, kernel, ("int64", "int32", "bool"))


@pytest.mark.parametrize("continuing", range(1, 12))
def test_cut_values_at_a_guard_page(kernel, continuing):
    room = Guarded(4096)
    for before in range(140):
        check(room.at_end(b"\x01" * before + b"\x80" * continuing), kernel, ("int64",))


@pytest.mark.parametrize("kind", oracle.KINDS)
@pytest.mark.parametrize("pattern", ENDINGS.values(), ids=ENDINGS)
def test_outputs_at_a_guard_page(kernel, kind, pattern):
    room = Guarded(4096)
    itemsize = np.dtype(oracle.KINDS[kind]).itemsize
    for nbytes in range(0, 330, 3):
        run = column(pattern, nbytes)
        wanted = oracle.decode(run, kind)
        out = room.empty_at_end(len(wanted) * itemsize)
        assert decoded(run, kind, kernel, out) == wanted


@pytest.mark.parametrize("kind", ["int64", "int32", "bool"])
def test_bytes_behind_the_output_stay(kernel, kind):
    itemsize = np.dtype(oracle.KINDS[kind]).itemsize
    for values in range(200):
        run = b"\x85\x01" * values
        memory = np.full(values * itemsize + 512, 0x55, np.uint8)
        decoded(run, kind, kernel, memory[: values * itemsize])
        assert (memory[values * itemsize :] == 0x55).all()


def test_a_guard_page_kills():
    """Otherwise none of the tests above could fail."""
    program = """
        from guard import Guarded
        placed = Guarded(10).{place}(b"0123456789")
        import ctypes
        ctypes.string_at(placed.ctypes.data + {first}, 10)
        print("read")
        ctypes.string_at(placed.ctypes.data + {beyond}, 10)
        print("read beyond")
    """
    for place, first, beyond in [("at_end", 0, 1), ("at_start", 0, -1)]:
        text = textwrap.dedent(program).format(place=place, first=first, beyond=beyond)
        tests = Path(__file__).resolve().parents[1]
        done = subprocess.run(
            [sys.executable, "-c", text], cwd=tests, capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == ["read"], done.stderr
        assert done.returncode != 0
        if "AddressSanitizer" not in done.stderr:
            assert done.returncode == -signal.SIGSEGV
