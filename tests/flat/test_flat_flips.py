"""A number that changes at the speed of C while the verifier reads it, in a process of its own.

Where the type of a union lies is read when its field is verified, and again for the value: it must
lie inside the second time too.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FLIP = r"""
#include <stdint.h>
void flip(volatile uint16_t *place, volatile int *stop, int far, int near)
{
    while (!*stop) {
        *place = (uint16_t)far;
        for (volatile int wait = 0; wait < 3; wait++) {}
        *place = (uint16_t)near;
        for (volatile int wait = 0; wait < 30; wait++) {}
    }
}
"""
ATTACK = r"""
import contextlib, ctypes, struct, sys, threading, time
import numpy as np
from tensorwire import flat
from tensorwire._core.source import Source
from tensorwire.errors import DecodeError

TABLES, GUARD, FAR, NEAR = 3000, 1 << 20, 0xFFF0, 8
schema = flat.Schema.from_fbs_text(
    "union U { S: string } table T { u: U; } table R { v: [T]; } root_type R;")
root, vector = 24, 32
first = vector + 4 + 4 * TABLES
text = first + 12 * TABLES
out = struct.pack("<I4H6H", root, 6, 8, 4, 0, 8, 12, NEAR, 4, 0, 0)
out += struct.pack("<III", root - 4, vector - (root + 4), TABLES)
out += b"".join(struct.pack("<I", first + 12 * i - (vector + 4 + 4 * i)) for i in range(TABLES))
for at in range(first, text, 12):
    out += struct.pack("<III", at - 12, text - (at + 4), 1)
out += bytes(8)

system = ctypes.CDLL(None)
system.mmap.restype = ctypes.c_void_p
system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
system.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
room = -(-len(out) // 65536) * 65536
base = system.mmap(None, room + GUARD, 3, 0x22, -1, 0)
assert system.mprotect(base + room, GUARD, 0) == 0
memory = np.ctypeslib.as_array((ctypes.c_uint8 * len(out)).from_address(base + room - len(out)))
memory[:] = np.frombuffer(out, np.uint8)

source, stop = Source(memory, borrow=True), ctypes.c_int(0)
schema.verify(source)
flip = ctypes.CDLL(sys.argv[1]).flip
arguments = (ctypes.c_void_p(memory.ctypes.data + 16), ctypes.byref(stop), FAR, NEAR)
thread = threading.Thread(target=flip, args=arguments)
thread.start()
until, refused = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < until:
    with contextlib.suppress(DecodeError):
        schema.verify(source)
        continue
    refused += 1
stop.value = 1
thread.join()
print(refused)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="guard pages as Linux has them")
@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_what_is_read_twice_is_checked_twice(tmp_path: Path):
    (tmp_path / "flip.c").write_text(FLIP)
    library = tmp_path / "flip.so"
    build = ["gcc", "-O1", "-shared", "-fPIC", tmp_path / "flip.c", "-o", library]
    subprocess.run(build, check=True)
    (tmp_path / "attack.py").write_text(ATTACK)
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, tmp_path / "attack.py", library, "2"], capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    assert int(done.stdout) > 0, "nothing changed while it was verified"
