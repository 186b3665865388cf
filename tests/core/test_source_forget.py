"""`Source.forget`: pages go, and the same bytes come back."""

import mmap
import os
import sys

import numpy as np
import pytest

from tensorwire._core.source import Source

SIZE = 1 << 22


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(np.random.default_rng(0).bytes(SIZE))
    return path


def resident(source: Source) -> int:
    """Pages of the mapping that the process has, by the system's own list of mappings."""
    name = source.absolute_path
    with open("/proc/self/smaps", encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    at = next(i for i, line in enumerate(lines) if line.endswith(name))
    line = next(line for line in lines[at:] if line.startswith("Rss:"))
    return int(line.split()[1]) << 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the pages")
def test_pages_go_and_come_back(path):
    source = Source.map(path)
    expected = path.read_bytes()
    assert bytes(source) == expected
    assert resident(source) > 0
    source.forget(0, SIZE)
    assert resident(source) == 0
    assert bytes(source) == expected
    source.forget(1, 2 * mmap.PAGESIZE)
    assert resident(source) < SIZE
    view = np.frombuffer(source, np.uint8)
    source.forget(0, SIZE)
    assert view.tobytes() == expected


@pytest.mark.parametrize("span", [(0, 0), (5, 1), (SIZE, 0), (4095, 4098), (SIZE - 1, 1)])
def test_any_span_will_do(path, span):
    for source in (Source.map(path), Source.read(path), Source(path.read_bytes())):
        source.forget(*span)
        assert bytes(source) == path.read_bytes()


@pytest.mark.parametrize("span", [(-1, 2), (0, SIZE + 1), (SIZE + 1, 0), (SIZE, 1), (2**64, 1)])
def test_spans_outside(path, span):
    source = Source.map(path)
    with pytest.raises(ValueError, match="leaves the source"):
        source.forget(*span)
    os.unlink(path)
