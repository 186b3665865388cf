"""What hostile columns cost: nothing that grows faster than the input, times the columns."""

import struct
import sys
import zlib

import pytest
import safety_schemas

from proto.encode import number, run, tag, varint
from proto.subprocesses import runs
from tensorwire import DecodeError, proto
from tensorwire._core.checksum import crc32c, masked
from tensorwire.errors import LimitError
from tensorwire.proto import framing, streams

MEMORY = """
import resource, sys
sys.path[:0] = ["tests", "tests/columns"]
import safety_schemas
from proto.encode import run
from tensorwire import proto
{setup}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
{program}
print(peak() - before)
"""


def growth(setup: str, program: str) -> int:
    """KiB that a process grows by."""
    pytest.importorskip("resource")
    return int(runs(MEMORY.format(setup=setup, program=program)))


def test_first_records_that_lie_about_the_others():
    """64 records with many items, and then none: room is not made for as many more."""
    setup = """
decoder = proto.Decoder(safety_schemas.wide(100), ["many"])
rows = [run(4, b"") * 1000] * 64 + [b""] * 100_000
buffer = b"".join(rows) + bytes(64 << 20)
import numpy
offsets = numpy.cumsum([0, *map(len, rows)])
decoder((buffer, offsets[:65]))
"""
    used = 64_000 * 100 * 4 >> 10
    assert growth(setup, "columns = decoder((buffer, offsets))") < 4 * used + 20_000


def test_wrong_checksums_take_no_memory_of_their_own():
    setup = """
import struct
from tensorwire._core.checksum import crc32c, masked
from tensorwire.proto import framing
head = struct.pack("<Q", 0)
data = (head + struct.pack("<I", masked(crc32c(head))) + b"\\1\\2\\3\\4") * 10_000
"""
    program = """
_, _, bad, _ = framing._frames(data, len(data), framing.Framing("tfrecord", 0, True), False)
assert [row for row, _ in bad] == list(range(10_000))
"""
    assert growth(setup, program) < 20_000  # 80 MB when each had an array of its own


def test_rows_of_wrong_checksums_among_others():
    """Their numbers, across the arrays that records are found in."""
    frames = []
    for i in range(100):
        head = struct.pack("<Q", 1)
        stored = masked(crc32c(b"a")) ^ (i % 3 == 0)
        frames.append(head + struct.pack("<IcI", masked(crc32c(head)), b"a", stored))
    data = b"".join(frames)
    kind = framing.Framing("tfrecord", 0, True)
    step, framing.STEP = framing.STEP, 7
    try:
        starts, lengths, bad, fault = framing._frames(data + b"cut", len(data) + 3, kind, False)
    finally:
        framing.STEP = step
    assert starts.tolist() == [17 * i + 12 for i in range(100)] and set(lengths.tolist()) == {1}
    assert [row for row, _ in bad] == list(range(0, 100, 3))
    assert fault is not None and fault.offset == len(data)


def test_many_tiny_members_are_unpacked_in_small_pieces():
    """What lies behind a member is copied for each: of a piece of 1 MiB that took minutes."""
    member = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = (member.compress(b"ab") + member.flush()) * 20_000
    sizes = [len(piece) for piece in streams._small(iter([data, b"c"]))]
    assert max(sizes) <= streams.PACKED_PIECE and sum(sizes) == len(data) + 1
    assert b"".join(streams.unpacked(iter([data]), "gzip")) == b"ab" * 20_000


def test_types_that_fork_without_values():
    """2**60 places, none with a value: nothing to count but the messages."""
    with pytest.raises(LimitError, match="fields"):
        proto.Decoder(safety_schemas.forks(60))
    with pytest.raises(LimitError, match="fields"):
        proto.Decoder(safety_schemas.forks(60, with_leaf=True))
    assert not proto.Decoder(safety_schemas.forks(8)).paths
    assert len(proto.Decoder(safety_schemas.forks(8, with_leaf=True)).paths) == 256


def test_a_fault_deep_in_what_nobody_asked_for():
    """Its path is cut: 1 byte of the record would cost 300 here."""
    from proto import schemas

    cls = schemas.PROTO2.ours["All"]
    group = next(f for f in cls.DESCRIPTOR.fields if f.type == f.TYPE_GROUP and not f.is_repeated)
    at = [f.number for f in group.message_type.fields if f.type == f.TYPE_GROUP]
    opens = tag(group.number, 3) + tag((at or [group.number])[0], 3) * 100_000 + b"\x07"
    errors = proto.decode_batch([opens], cls, ["s_int32"], on_error="null").errors
    assert errors[0].offset == len(opens) - 1
    assert errors[0].path.count(".") < 1100


def test_errors_of_many_parts():
    """In order, whatever part they are in, and found without looking at all parts."""
    cls = safety_schemas.wide(1)
    chunks = [b"\x07", b"", b"\x07"] * 50
    from tensorwire._core.rows import Rows

    parts = [Rows.of_list([row]) for row in chunks]
    columns = proto.decode_batch(parts, cls, ["x"], on_error="null")
    assert [error.row for error in columns.errors] == [i for i, row in enumerate(chunks) if row]
    assert columns.errors[-1].row == columns.errors[99].row == 149
    with pytest.raises(IndexError):
        columns.errors[100]


@pytest.mark.parametrize("count", [3, 8, 9, 300])
def test_the_last_of_each_key_whatever_its_length(count):
    """Keys of all lengths and places in a hash's words; some twice."""
    cls = safety_schemas.wide(1)
    texts = [bytes([97 + i % 26]) * (i % 41) + b"%d" % (i // 41) for i in range(count)]
    ints = [(-1) ** i * (1 << i % 63) + i for i in range(count)]
    keys = [run(1, key) for key in texts + texts[::2]]
    row = b"".join(run(7, key + number(2, i)) for i, key in enumerate(keys))
    keys = [tag(1, 0) + varint(key % 2**64) for key in ints + ints[1::2]]
    row += b"".join(run(6, key + number(2, i)) for i, key in enumerate(keys))
    columns = proto.decode_batch([row, row], cls, ["texts", "ints"])
    message = cls.FromString(row)
    for name in ("texts", "ints"):
        both = columns[f"{name}.key"].to_pylist(), columns[f"{name}.value"].to_pylist()
        for found, values in zip(*both, strict=True):
            assert dict(zip(found, values, strict=True)) == dict(getattr(message, name))


def test_a_oneof_that_goes_to_and_fro():
    """Each time the other member's columns are emptied: bytes times columns, not more."""
    cls = safety_schemas.wide(30)
    times = 2000 if sys.flags.dev_mode else 20_000
    row = (run(1, number(3, 5)) + run(3, number(4, 6)) + number(2, 7)) * times
    columns = proto.decode_batch([row, row + run(3, number(4, 8))], cls)
    assert columns["numbers.f2"].to_pylist() == [None, None]
    assert columns["lists.f3"].to_pylist() == [None, [8]]
    assert columns["x"].to_pylist() == [7, None]
    with pytest.raises(DecodeError):
        proto.decode_batch([row + b"\x07"], cls)
