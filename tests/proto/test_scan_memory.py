"""Scans of files much larger than the memory that they take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tensorwire

from . import framed

descriptor_pb2 = pytest.importorskip("google.protobuf.descriptor_pb2")

SIZE = 200 << 20
MOST = 60 << 20  # two batches of 3 MiB each, of which there are 60, and what they become

SCAN = """
import sys
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from tensorwire import proto

def resident():
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) << 10

given = sys.stdin.buffer if sys.argv[1] == "-" else sys.argv[1]
rows, before, most = 0, None, 0
for columns in proto.scan(given, FieldDescriptorProto, ["name"], framing="delimited", threads=1):
    rows += len(columns)
    before = before or resident()
    most = max(most, resident())
print(rows, most - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the memory")
@pytest.mark.parametrize("through", ["map", "pipe"])
def test_memory_does_not_grow_with_the_file(tmp_path, through):
    one = descriptor_pb2.FieldDescriptorProto(name="n" * 40, number=3).SerializeToString()
    block = framed.delimited([one] * 10000)
    path = tmp_path / "large"
    with open(path, "wb") as file:
        file.writelines(block for _ in range(SIZE // len(block)))
    folder = str(Path(tensorwire.__file__).parents[1])
    command = [sys.executable, "-c", SCAN, str(path) if through == "map" else "-"]
    feed = subprocess.Popen(["cat", path], stdout=subprocess.PIPE) if through == "pipe" else None
    # AddressSanitizer, where it runs, would keep 256 MiB of freed memory.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=120,
        stdin=feed.stdout if feed else None,
        env={**os.environ, "PYTHONPATH": folder, "ASAN_OPTIONS": sanitizer},
    )  # fmt: skip
    if feed:
        feed.stdout.close()
        feed.wait()
    assert done.returncode == 0, done.stderr
    rows, grown = map(int, done.stdout.split())
    assert rows == SIZE // len(block) * 10000
    assert grown < MOST
