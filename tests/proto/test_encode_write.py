"""Writing messages to files: whole, in ranges, beyond 2 GiB, and with aligned payloads."""

import bz2
import gzip
import io
import mmap
import os
import threading

import pytest

from tensorwire import proto
from tensorwire.errors import EncodeError

from . import schemas
from .effort import generators
from .encode import number, run

SIZE = 2**31


def weights(count: int = 5, nbytes: int = 100_000) -> bytes:
    payloads = [bytes([i & 255]) * nbytes for i in range(count)]
    return b"".join([run(21, number(5, i) + run(12, x)) for i, x in enumerate(payloads)])


def message(data: bytes):
    return schemas.PROTO2.ours["All"].FromString(data)


def test_files_of_all_kinds(tmp_path):
    expected, edited = number(3, 1) + weights(), message(weights() + number(3, 1))
    path = tmp_path / "file"
    for mode, buffering in (("wb", -1), ("wb", 0), ("ab", -1), ("w+b", -1)):
        path.write_bytes(b"old" if mode == "ab" else b"")
        with open(path, mode, buffering=buffering) as file:
            file.write(b"before ")
            assert proto.write(edited, file) == len(expected)
            file.write(b" after")
        old = b"old" if mode == "ab" else b""
        assert path.read_bytes() == old + b"before " + expected + b" after"
    memory = io.BytesIO()
    assert proto.write(edited, memory) == len(expected)
    assert memory.getvalue() == expected


@pytest.mark.parametrize("module", [gzip, bz2])
def test_compressed_files_are_not_bypassed(tmp_path, module):
    """They have a descriptor as well."""
    with module.open(tmp_path / "file", "wb") as file:
        proto.write(message(weights()), file)
    with module.open(tmp_path / "file", "rb") as file:
        assert file.read() == weights()


def test_a_pipe_takes_little_at_a_time():
    read, write = os.pipe()
    parts = []

    def drain() -> None:
        while part := os.read(read, 70_000):
            parts.append(part)

    thread = threading.Thread(target=drain)
    thread.start()
    with open(write, "wb") as file:
        proto.write(message(weights(50) + number(3, 1)), file)
    thread.join()
    os.close(read)
    assert b"".join(parts) == number(3, 1) + weights(50)


class Reluctant(io.RawIOBase):
    """A raw file that takes three bytes at a time."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.taken += data[:3]
        return min(3, len(data))


def test_short_writes_are_gone_on_with():
    file = Reluctant()
    assert proto.write(message(weights(1, 5000)), file) == len(file.taken)
    assert file.taken == weights(1, 5000)


def test_more_ranges_than_the_system_takes_at_once(tmp_path):
    edited = message(weights(3000, 3000) + number(3, 1))
    with open(tmp_path / "file", "wb") as file:
        proto.write(edited, file)
    assert (tmp_path / "file").read_bytes() == number(3, 1) + weights(3000, 3000)


def test_a_message_of_nothing(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        assert proto.write(schemas.PROTO2.ours["All"](), file) == 0
    assert proto.serialize(schemas.PROTO2.ours["All"]()) == b""


def test_text_files_are_refused(tmp_path):
    with open(tmp_path / "file", "w", encoding="utf-8") as file, pytest.raises(TypeError):
        proto.write(message(weights()), file)


def test_missing_required_fields_are_left_to_the_caller():
    need = schemas.PROTO2.ours["Need"](may=1)
    assert proto.serialize(need) == number(2, 1)


def test_more_than_two_gigabytes_are_written_when_asked_for(tmp_path):
    """The payload's pages are never touched: they are counted, and given to what drops them."""
    large = schemas.PROTO2.ours["All"](s_int32=1)
    proto.put(large, "s_bytes", mmap.mmap(-1, SIZE))
    assert large.ByteSize() == SIZE + 8
    for refused in (large.SerializeToString, lambda: proto.serialize(large),
                    lambda: proto.write(large, io.BytesIO())):  # fmt: skip
        with pytest.raises(EncodeError, match="oversize=True"):
            refused()
    with open(os.devnull, "wb") as file:
        assert proto.write(large, file, oversize=True) == SIZE + 8
    proto.put(large, "s_bytes", memoryview(mmap.mmap(-1, SIZE))[: SIZE - 9])
    assert large.ByteSize() == SIZE - 1
    with open(os.devnull, "wb") as file:
        assert proto.write(large, file) == SIZE - 1


# -- alignment -----------------------------------------------------------------------------------


def aligned(each, align: int) -> bytes:
    file = io.BytesIO()
    assert proto.write(each, file, align=align) == len(file.getvalue())
    return file.getvalue()


def places(data: bytes) -> list[int]:
    """Where the large payloads lie, by our own reader."""
    read = message(data)
    found = [proto.run(element, "s_bytes") for element in [read, *read.subs, read.sub.sub]]
    return [offset for _, offset, nbytes in found if nbytes >= 4096]


def random_message(rng):
    made = schemas.PROTO2.ours["All"]()
    sizes = (0, 10, 4095, 4096, 4097, 16_380, 16_390, 70_000)
    for _ in range(rng.randrange(30)):
        made.subs.add(s_bytes=rng.randbytes(rng.choice(sizes)), s_string="x" * rng.randrange(300))
    made.s_bytes = rng.randbytes(rng.choice(sizes))
    made.sub.sub.s_bytes = rng.randbytes(rng.choice(sizes))
    return made


@pytest.mark.parametrize("align", [1, 2, 3, 8, 64, 100, 4096])
def test_large_payloads_are_aligned_and_the_message_stays_what_it_is(align):
    count = 0
    for _, rng in generators(20):
        made = random_message(rng)
        read = message(made.SerializeToString())  # canonical
        edited = message(made.SerializeToString())
        edited.subs.add(s_bytes=rng.randbytes(5000))
        for each in (made, read, edited):
            data = aligned(each, align)
            assert all(place % align == 0 for place in places(data))
            count += len(places(data))
            again = message(data)
            assert again == each and again.SerializeToString() == each.SerializeToString()
            theirs = schemas.PROTO2.theirs["All"].FromString(data)
            assert theirs.SerializeToString() == each.SerializeToString()
            assert len(data) - each.ByteSize() <= (len(places(data)) + 1) * (align + 200)
    assert count > 100


def test_what_is_small_or_repeated_or_in_a_map_is_not_aligned():
    made = schemas.PROTO2.ours["All"](s_bytes=b"x" * 4095, r_bytes=[b"y" * 5000])
    made.m_sint64_bytes[1] = b"z" * 5000
    assert aligned(made, 64) == made.SerializeToString()


@pytest.mark.parametrize("align", [0, -1, 2**20 + 1])
def test_alignments_that_are_none(align):
    with pytest.raises(ValueError, match="align must be from 1"):
        proto.write(message(b""), io.BytesIO(), align=align)
