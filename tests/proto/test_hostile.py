"""Abuses, each a sentence, and what comes of them."""

import os
import time
import tracemalloc

import pytest

from tensorwire import DecodeError, proto
from tensorwire._core.payload import is_canonical
from tensorwire._core.source import Source
from tensorwire.limits import Limits

from . import schemas
from .encode import END, LEN, START, group, nested, number, run, tag, varint

All = schemas.PROTO2.ours["All"]
MILLION = 10**6
MIB = 1 << 20
GIB = 1 << 30
# What takes milliseconds if it is linear takes minutes if it is quadratic; sanitizers take more.
QUICKLY = 60.0 if "asan" in os.environ.get("LD_PRELOAD", "") else 10.0


def parse(data: bytes, depth: int = 100):
    return proto.parse(All, Source(data), limits=Limits(depth=depth))


@pytest.fixture(autouse=True)
def quick():
    """Each of these tests ends quickly."""
    start = time.process_time()
    yield
    assert time.process_time() - start < QUICKLY


# -- depth ---------------------------------------------------------------------------------------


def in_groups(levels: int) -> bytes:
    inner = tag(4, START) * (levels - 1) + tag(4, END) * (levels - 1)
    return group(schemas.GROUP, inner)


def in_unknown_groups(levels: int) -> bytes:
    return tag(19, START) * levels + tag(19, END) * levels


def in_maps(levels: int) -> bytes:
    """A level for the entry and one for its value; an odd one is a submessage around."""
    core = b""
    for _ in range(levels // 2):
        core = run(schemas.MAPS, run(1, b"k") + run(2, core))
    return run(schemas.SUB, core) if levels % 2 else core


def in_groups_in_messages(levels: int) -> bytes:
    """A group, in it a message, in it a group, and so on."""
    core = b""
    for level in range(levels, 0, -1):
        core = group(schemas.GROUP, core) if level % 2 else run(3, core)
    return core


def in_unknown_groups_of_messages(levels: int) -> bytes:
    return nested(schemas.SUB, levels // 2, in_unknown_groups(levels - levels // 2))


def again(levels: int) -> bytes:
    """The deep one is the last of many occurrences, which merge."""
    return run(schemas.SUB, b"") * 50 + nested(schemas.SUB, levels)


PATHS = {
    "submessages": lambda levels: nested(schemas.SUB, levels),
    "repeated submessages": lambda levels: nested(schemas.SUBS, levels),
    "members of a oneof": lambda levels: nested(schemas.C_SUB, levels),
    "far field numbers": lambda levels: nested(schemas.FARTHEST, levels),
    "groups": in_groups,
    "unknown groups": in_unknown_groups,
    "unknown groups in submessages": in_unknown_groups_of_messages,
    "map values": in_maps,
    "groups and submessages in turns": in_groups_in_messages,
    "merged submessages": again,
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("limit", [0, 1, 2, 99, 100, 101, 1000, 20_000])
def test_depth_is_charged_on_every_path(path, limit):
    make = PATHS[path]
    parse(make(limit) if limit else b"", limit)
    with pytest.raises(DecodeError, match=f"deeper than {limit} levels"):
        parse(make(limit + 1), limit)


def test_a_hundred_levels_are_read_one_by_one():
    message = All.FromString(nested(schemas.SUB, 100, number(5, 7)))
    for _ in range(100):
        assert not message.HasField("s_int32")
        message = message.sub
    assert message.s_int32 == 7


def test_unknown_fields_are_not_looked_into():
    """However deep the bytes of a field that the schema does not have."""
    assert parse(run(19, nested(19, 200)), 0)


@pytest.mark.parametrize("at", [schemas.GROUP, 19])
@pytest.mark.parametrize("depth", [100, 2 * MILLION])
def test_a_million_open_groups_are_refused_at_once(at, depth):
    inner = 4 if at == schemas.GROUP else at
    data = tag(at, START) + tag(inner, START) * MILLION
    with pytest.raises(DecodeError, match="deeper" if depth == 100 else "never closed"):
        parse(data, depth)


def test_a_million_closed_groups_around_a_fault():
    """The error names the outermost thousand, and is still made in one pass."""
    levels = MILLION // 10
    data = tag(schemas.GROUP, START) + tag(4, START) * levels + b"\x0f" + tag(4, END) * levels
    try:
        parse(data, MILLION)
    except DecodeError as error:  # a failure must not print its path
        found = (error.reason, error.path.count("deeper"), error.path[-9:])
    assert found == ("wire type 7 does not exist", 1000, "deeper...")


def test_a_fault_behind_many_groups_within_groups():
    data = in_groups(100) * 10_000 + b"\x0f"
    with pytest.raises(DecodeError, match="wire type 7") as caught:
        parse(data)
    assert (caught.value.path, caught.value.offset) == ("s_double", len(data) - 1)


# -- amounts -------------------------------------------------------------------------------------


def test_a_million_empty_submessages():
    message = parse(run(schemas.SUBS, b"") * MILLION)
    assert len(message.subs) == MILLION
    assert all(not message.subs[i].HasField("sub") for i in range(0, MILLION, 999))


def test_a_million_occurrences_of_a_singular_submessage_merge():
    data = b"".join(run(schemas.SUB, number(schemas.NEAR_REPEATED, i)) for i in range(300_000))
    merged = parse(data).sub
    assert len(merged.near_repeated) == 300_000
    assert merged.near_repeated[123_456] == 123_456
    assert sum(merged.near_repeated) == sum(range(300_000))


def test_occurrences_inside_occurrences_merge():
    """Two to the fifteenth leaves."""
    data = number(schemas.NEAR_REPEATED, 1)
    for _ in range(15):
        data = run(schemas.SUB, data) * 2
    message = parse(data)
    for _ in range(15):
        message = message.sub
    assert len(message.near_repeated) == 2**15


def test_a_million_runs_of_one_element():
    message = parse(run(schemas.PACKED + 3, b"\x07") * MILLION)
    assert len(message.p_int64) == MILLION
    assert set(message.p_int64) == {7}
    assert [message.p_int64[i] for i in range(0, MILLION, 999)] == [7] * len(range(0, MILLION, 999))


def test_a_million_switches_of_a_oneof():
    data = (number(schemas.C_INT, 1) + run(schemas.C_TEXT, b"x")) * (MILLION // 2)
    message = parse(data)
    assert message.WhichOneof("choice") == "c_text"
    assert message.c_int == 0


def test_a_million_empty_runs_between_two_elements():
    empty = run(schemas.PACKED + 3, b"") * MILLION
    message = parse(number(schemas.PACKED + 3, 1) + empty + number(schemas.PACKED + 3, 2))
    assert list(message.p_int64) == [1, 2]
    assert (len(message.p_int64), message.p_int64[1]) == (2, 2)


def test_a_million_unknown_fields_before_a_known_one():
    message = parse(number(19, 1) * MILLION + number(5, 7))
    assert [message.s_int32 for _ in range(1000)] == [7] * 1000


def test_a_million_unknown_numbers_of_a_closed_enum():
    message = parse(run(schemas.PACKED + 14, b"\x03" * MILLION + b"\x01"))
    assert list(message.p_enum) == [1]
    assert message.p_enum[0] == 1


def test_a_million_map_entries_of_one_key():
    entry = run(schemas.NEAR_MAP, number(1, 1) + number(2, 2))
    assert dict(parse(entry * (MILLION // 10)).m_int32_int64) == {1: 2}


@pytest.mark.parametrize("field", ["near_repeated", "p_int64", "r_string", "subs", "p_fixed64"])
def test_indexing_in_a_loop_is_linear(field):
    count = 30_000
    theirs = schemas.PROTO2.theirs["All"]()
    if field == "subs":
        for _ in range(count):
            theirs.subs.add()
    else:
        getattr(theirs, field).extend(["x"] * count if field == "r_string" else [300] * count)
    message = parse(theirs.SerializeToString())
    repeated = getattr(message, field)
    assert sum(1 for i in range(count) if repeated[i] is not None) == count
    assert sum(1 for i in range(count) if getattr(message, field)[-1 - i] is not None) == count


@pytest.mark.parametrize("field", ["p_int64", "p_bool"])
def test_random_access_into_a_run_of_three_million(field):
    """Longer than its table of checkpoints would be with one for every 64."""
    values = range(127) if field == "p_int64" else [i * i % 5 % 2 for i in range(127)]
    pattern = bytes(values)
    at = schemas.PROTO2.theirs["All"].DESCRIPTOR.fields_by_name[field].number
    repeated = getattr(parse(run(at, pattern * (3 * MILLION // 127))), field)
    last = len(repeated) - 1
    places = [0, 1, 63, 64, 65, last, *range(7, last, 7919)]
    assert [repeated[i] for i in places] == [pattern[i % 127] for i in places]


def test_indexing_a_field_in_many_pieces_is_linear():
    piece = run(schemas.SUB, number(schemas.NEAR_REPEATED, 1) + run(schemas.SUBS, b""))
    merged = parse(piece * 30_000).sub
    assert sum(merged.near_repeated[i] for i in range(30_000)) == 30_000
    assert not any(merged.subs[i].HasField("sub") for i in range(30_000))


# -- lengths -------------------------------------------------------------------------------------

LENGTHS = [2**31 - 1, 2**31, 2**32 - 1, 2**32 + 3, 2**35, 2**63 - 1, 2**63, 2**64 - 9, 2**64 - 1]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("at", [12, 19, schemas.SUB, schemas.PACKED + 3, schemas.PACKED + 1])
def test_a_length_without_the_bytes(length, at):
    for behind in (b"", b"abc", bytes(100)):
        with pytest.raises(DecodeError, match=f"{length} bytes promised, {len(behind)} present"):
            parse(tag(at, LEN) + varint(length) + behind)


@pytest.fixture
def sparse(tmp_path):
    """Makes a file of a size, with ``(offset, bytes)`` in it, that takes no room; else skips."""

    def make(size: int, parts: list[tuple[int, bytes]]):
        path = tmp_path / "sparse"
        with open(path, "wb") as file:
            file.truncate(size)
            for offset, data in parts:
                file.seek(offset)
                file.write(data)
        if os.name != "posix" or os.stat(path).st_blocks * 512 > 64 * MIB:
            pytest.skip("this file system has no sparse files")
        return Source.map(path)

    return make


def head_of(at: int, length: int) -> bytes:
    return tag(at, LEN) + varint(length)


@pytest.mark.parametrize("gib", [2, 3, 5])
def test_a_bytes_field_beyond_two_gib(sparse, gib):
    """Upstream refuses lengths of 2^31; the bytes in the field are not even looked at."""
    length = gib * GIB + 5
    head, last = number(5, 7) + head_of(12, length), number(13, 9)
    source = sparse(
        len(head) + length + len(last),
        [(0, head), (len(head) + length - 3, b"end"), (len(head) + length, last)],
    )
    message = proto.parse(All, source)
    assert (message.s_int32, message.s_uint32) == (7, 9)
    assert proto.run(message, "s_bytes") == (source, len(head), length)
    assert proto.view(message, "s_bytes")[-3:] == b"end"
    assert is_canonical(message)


def test_starts_beyond_four_gib(sparse):
    """Elements on both sides of an item that is longer than 32 bits can tell."""
    texts = [run(schemas.REPEATED + 9, b"%d" % i) for i in range(60)]
    before, after = b"".join(texts[:40]), b"".join(texts[40:])
    length = 4 * GIB + 17
    head = head_of(19, length)
    far = len(before) + len(head) + length
    source = sparse(far + len(after), [(0, before + head), (far, after)])
    repeated = proto.parse(All, source).r_string
    assert [repeated[i] for i in range(60)] == [str(i) for i in range(60)]
    assert [repeated[i] for i in reversed(range(60))] == [str(i) for i in reversed(range(60))]


def test_a_fault_beyond_four_gib(sparse):
    length = 4 * GIB + 17
    head = head_of(12, length)
    far = len(head) + length
    source = sparse(far + 1, [(0, head), (far, b"\x0f")])
    with pytest.raises(DecodeError, match="wire type 7") as caught:
        proto.parse(All, source)
    assert caught.value.offset == far


# -- memory --------------------------------------------------------------------------------------


class Memory:
    """Bytes that Python and the engine asked for, by `tracemalloc`, which sees both."""

    def __enter__(self):
        tracemalloc.start()
        return self

    def held(self) -> int:
        return tracemalloc.get_traced_memory()[0]

    def peak(self) -> int:
        return tracemalloc.get_traced_memory()[1]

    def __exit__(self, *_):
        tracemalloc.stop()


SHAPES = {
    # shape: (bytes, structural bytes among them)
    "empty submessages": (run(schemas.SUBS, b"") * MILLION, 3 * MILLION),
    "pieces": (run(schemas.SUB, number(5, 1)) * MILLION, 5 * MILLION),
    "empty pieces": (run(schemas.SUB, b"") * MILLION, 3 * MILLION),
    "empty strings": (run(schemas.REPEATED + 9, b"") * MILLION, 3 * MILLION),
    "single numbers": (number(schemas.NEAR_REPEATED, 1) * MILLION, 3 * MILLION),
    "runs of one": (run(schemas.PACKED + 3, b"\1") * MILLION, 3 * MILLION),
    "one run": (run(schemas.PACKED + 3, b"\1" * 8 * MILLION), 6),
    "one run of an enum": (run(schemas.PACKED + 14, b"\1" * 8 * MILLION), 6),
    "one run of fixed width": (run(schemas.PACKED + 7, b"\1" * 8 * MILLION), 6),
    "open groups": (in_unknown_groups(MILLION), 4 * MILLION),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_verification_takes_memory_by_depth_only(shape):
    data, _ = SHAPES[shape]
    with Memory() as memory:
        try:
            message = All.FromString(data)
        except DecodeError as error:
            message = error
        assert memory.peak() < 64 * 1024
        del message


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "open groups"])
def test_indexes_stay_below_four_times_the_structure(shape):
    data, structural = SHAPES[shape]
    message = All.FromString(data)
    with Memory() as memory:
        read = [message, message.sub, message.sub.s_int32, message.s_int32]
        for name in ("subs", "r_string", "near_repeated", "p_int64", "p_enum", "p_fixed32"):
            repeated = getattr(message, name)
            if len(repeated):
                read += [repeated[0], repeated[len(repeated) - 1], repeated[len(repeated) // 2]]
        assert memory.held() < 4 * structural + (1 << 20)


@pytest.mark.parametrize("depth", [10**5, 2**31 - 1])
def test_a_limit_of_depth_alone_asks_for_no_memory(depth):
    data = run(schemas.SUBS, b"") * 1000
    with Memory() as memory:
        parse(data, depth)
        assert memory.peak() < 64 * 1024
