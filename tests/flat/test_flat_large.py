"""Sparse files beyond 2 and 4 GiB: offsets and lengths of eight bytes, and those of four."""

import struct
import sys
import time

import flat_raw
import pytest

from tensorwire.errors import DecodeError
from tensorwire.mapping import open_source

GIB = 1 << 30
SIZE = 5 * GIB + 64
TEXT = SIZE - 16

pytestmark = pytest.mark.skipif(sys.maxsize < 2**32, reason="needs 64-bit addresses")


def beginning(*, count=SIZE - 4096, text=TEXT, element=3 * GIB, near=0):
    """``Far``, root table at 16: all fields but ``near``, unless that is given."""
    vtable = struct.pack("<6H", 12, 28, 8, 16, 4, 24 if near else 0)
    out = bytearray(flat_raw.words(16) + vtable)
    there = near - 40 if near else 0
    out += struct.pack("<iIQQI", 12, 48 - 20, 64 - 24, text - 32, there)
    out += bytes(48 - len(out))
    out += flat_raw.words(2, element - 52, 128 - 56)  # names: far away and near
    out += bytes(64 - len(out))
    return bytes(out + struct.pack("<Q", count))


@pytest.fixture(scope="module")
def sparse(tmp_path_factory):
    """A file whose beginning can be written anew; the rest is a hole, then a text."""
    path = tmp_path_factory.mktemp("large") / "sparse"
    with path.open("wb") as file:
        file.seek(TEXT)
        file.write(struct.pack("<I", 8) + b"far away" + bytes(SIZE - TEXT - 12))
    if getattr(path.stat(), "st_blocks", SIZE) * 512 > 1 << 20:
        path.unlink()
        pytest.skip("the file system stores holes")

    def write(**options):
        with path.open("r+b") as file:
            file.write(beginning(**options))
        return open_source(path, "map")

    yield write
    path.unlink()


def test_everything_is_found_beyond_4_gib(sparse):
    source = sparse()
    schema = flat_raw.schema()
    start = time.process_time()
    found = schema.verify(source, "Far", strict=True)
    assert time.process_time() - start < 1  # only what leads somewhere is looked at
    assert (found.tables, found.size) == (1, SIZE)
    view = schema.root(source, "Far")
    assert view.text == "far away"
    assert list(view.names) == ["", ""]
    assert view.bytes.size == SIZE - 4096
    assert view.bytes[TEXT - 72 - 4096 :][:4].tolist() == [0, 0, 0, 0]
    assert view.near is None


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"count": SIZE - 71}, "bytes"),
        ({"count": SIZE}, "bytes"),
        ({"count": 1 << 63}, "bytes"),
        ({"count": (1 << 64) - 1}, "bytes"),
        ({"count": (1 << 64) - 8}, "bytes"),
        ({"text": SIZE}, "text"),
        ({"text": SIZE - 4}, "text"),
        ({"text": SIZE + 4 * GIB}, "text"),
        ({"text": 32 + (1 << 63)}, "text"),
        ({"text": 32}, "text"),
        ({"text": TEXT + 1}, "text"),
        ({"near": 40 + 2 * GIB}, "near"),
        ({"near": 40 + 4 * GIB - 4}, "near"),
    ],
)
def test_what_leaves_the_file_is_refused(sparse, changes, path):
    with pytest.raises(DecodeError) as caught:
        flat_raw.schema().verify(sparse(**changes), "Far")
    assert caught.value.path == path


def test_the_last_byte_but_one_is_inside(sparse):
    """As upstream has it, no range is as long as the buffer; ours here ends with it."""
    assert flat_raw.schema().root(sparse(count=SIZE - 72), "Far").bytes.size == SIZE - 72


def test_offsets_of_four_bytes_reach_2_gib_in_tables_and_4_in_vectors(sparse):
    schema = flat_raw.schema()
    assert schema.root(sparse(near=40 + 2 * GIB - 4), "Far").near == ""
    assert schema.root(sparse(element=52 + 4 * GIB - 4), "Far").names[0] == ""
