"""Bytes that change after they were verified: a read gives some value or ``DecodeError``.

It never crashes, hangs or raises anything else. The memory ends at unreadable pages, so that a
read beyond the message would end the process.
"""

import random
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard import needs_guard_pages
from tensorwire import DecodeError
from tensorwire._core.source import Source
from tensorwire.proto import parse

from . import memory, reading, schemas
from .effort import examples, generators, named
from .encode import number, run

NAMES = tuple(schemas.BY_NAME)


def changed_reads(placed: np.ndarray, name: str, rng, often: float = 0.3) -> int:
    """Reads everything while bytes change; how many reads were refused."""
    message = memory.parse(placed, name)
    changing = memory.Changing(placed, rng, often)
    descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
    return reading.read_all(message, descriptor, rng, DecodeError, changing)


@needs_guard_pages
@pytest.mark.parametrize("name", NAMES)
def test_changes_between_reads(name):
    refused = 0
    for seed, rng in generators(500):
        data = memory.valid(rng, name)
        if not data:
            continue
        place = rng.choice((memory.guarded().at_end, memory.guarded().at_start))
        placed = place(data)
        try:
            memory.parse(placed, name)
        except DecodeError:
            continue
        with named(seed):
            refused += changed_reads(placed, name, rng)
    assert refused > 500


@examples(60)
@given(st.randoms(use_true_random=False), st.sampled_from(NAMES))
def test_changes_of_a_bytearray(rng, name):
    data = memory.valid(rng, name)
    placed = np.frombuffer(bytearray(data), np.uint8)
    try:
        memory.parse(placed, name)
    except DecodeError:
        return
    if data:
        changed_reads(placed, name, rng)


def big_message() -> bytes:
    """Repeated fields long enough for tables of starts, checkpoints, an index, and pieces."""
    parts = []
    for i in range(150):
        parts += [number(schemas.NEAR_REPEATED, i), run(schemas.REPEATED + 9, b"text")]
        parts += [run(21, number(5, i)), run(20, number(5, i) + run(schemas.REPEATED + 12, b"b"))]
    parts.append(run(schemas.PACKED + 3, bytes(300)))
    parts.append(run(schemas.PACKED + 7, bytes(400)))
    parts.append(run(schemas.PACKED + 14, bytes([1]) * 200))
    parts.append(run(schemas.PACKED + 3, b"\x81\x01" * 100))
    return b"".join(parts)


REPEATED = ("near_repeated", "r_string", "subs", "p_int64", "p_fixed32", "p_enum")


@needs_guard_pages
@pytest.mark.parametrize("often", [0.01, 0.2, 1])
def test_random_access_through_tables(often):
    """The tables are made from good bytes, then used on changed ones."""
    data, refused = big_message(), 0
    for _, rng in generators(60):
        placed = memory.guarded().at_end(data)
        message = memory.parse(placed, "proto2")
        fields = [getattr(message, name) for name in REPEATED]
        fields.append(message.sub.r_bytes)
        lengths = [len(field) for field in fields]
        for field in fields:
            field[rng.randrange(len(field))]
        changing = memory.Changing(placed, rng, often)
        for _ in range(300):
            changing()
            which = rng.randrange(len(fields))
            try:
                fields[which][rng.randrange(lengths[which])]
            except (DecodeError, IndexError):
                refused += 1
    assert refused > 0


@needs_guard_pages
def test_every_byte_set_to_every_telling_value():
    """Small enough to try all: each changed byte, every way of reading, index made or not."""
    data = big_message()[:40] + run(schemas.PACKED + 3, b"\1\2") + run(20, run(20, number(5, 1)))
    descriptor = schemas.PROTO2.theirs["All"].DESCRIPTOR
    for at in range(len(data)):
        for value in (0x00, 0x01, 0x04, 0x7F, 0x80, 0xFF, data[at] ^ 1, data[at] ^ 7):
            placed = memory.guarded().at_end(data)
            message = memory.parse(placed, "proto2")
            placed[at] = value
            reading.read_all(message, descriptor, random.Random(at), DecodeError)


def test_an_array_over_a_run_whose_length_changed():
    memory_of_run = bytearray(run(schemas.PACKED + 7, bytes(6) + number(5, 1)))
    message = parse(schemas.PROTO2.ours["All"], Source(memory_of_run, borrow=True))
    memory_of_run[2] = 6  # the last two bytes become a field
    with pytest.raises(DecodeError, match="changed"):
        np.asarray(message.p_fixed32)


def test_the_error_is_upstreams_too():
    from google.protobuf.message import DecodeError as TheirDecodeError

    changing = bytearray(run(schemas.PACKED + 3, b"\1" * 100))
    message = parse(schemas.PROTO2.ours["All"], Source(changing, borrow=True))
    changing[-1] = 0x80
    with pytest.raises(TheirDecodeError, match="runs past its parent") as caught:
        np.asarray(message.p_int64)
    assert caught.value.offset == len(changing) - 1


# A length may be gone by the time an element is asked for.
OTHERWISE = (DecodeError, IndexError)
class Late:
    """An index that changes the bytes when it is asked for, which is before the length is read."""

    def __init__(self, at: int, memory: np.ndarray, becomes: bytes) -> None:
        self.at, self.memory, self.becomes = at, memory, np.frombuffer(becomes, np.uint8)

    def __index__(self) -> int:
        self.memory[:] = self.becomes
        return self.at


FEW_AND_MANY = {
    "few strings": ("r_string", run(schemas.REPEATED + 9, b"x") * 3),
    "many strings": ("r_string", run(schemas.REPEATED + 9, b"x") * 90),
    "few messages": ("subs", run(21, b"") * 3),
    "few numbers": ("near_repeated", number(schemas.NEAR_REPEATED, 1) * 3),
    "many numbers": ("near_repeated", number(schemas.NEAR_REPEATED, 1) * 90),
    "short run": ("p_int64", run(schemas.PACKED + 3, b"\1" * 3)),
    "long run": ("p_int64", run(schemas.PACKED + 3, b"\1" * 90)),
    "fixed run": ("p_fixed32", run(schemas.PACKED + 7, bytes(40))),
}


@needs_guard_pages
@pytest.mark.parametrize(("field", "data"), FEW_AND_MANY.values(), ids=FEW_AND_MANY)
@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("order", ["canonical", "any"])
def test_bytes_that_change_before_an_element_is_found(field, data, warm, order):
    data = data + number(19, 1) * 2 + (number(5, 1) if order == "any" else b"")
    others = number(1, 1) * (len(data) // 2) + (b"\0" if len(data) % 2 else b"")
    shorter = data[: len(data) // 3] + others[len(data) // 3 :]
    refused = 0
    for becomes in (others, bytes(len(data)), b"\xff" * len(data), shorter, data[::-1]):
        placed = memory.guarded().at_end(data)
        repeated = getattr(memory.parse(placed, "proto2"), field)
        last = len(repeated) - 1
        if warm:
            repeated[last]
        try:
            repeated[Late(last, placed, becomes)]
        except (DecodeError, IndexError):
            refused += 1
    assert refused >= 3


WRITER = """
import mmap, random, sys, time
with open(sys.argv[1], "r+b") as file:
    memory = mmap.mmap(file.fileno(), 0)
original, rng = bytes(memory), random.Random(0)
print("ready", flush=True)
until = time.monotonic() + 30  # should the test be killed before it kills us
while time.monotonic() < until:
    places = [rng.randrange(len(memory)) for _ in range(rng.choice((1, 3, 30)))]
    for at in places:
        memory[at] = rng.choice((rng.getrandbits(8), original[at] ^ 1, 0, 0x80, 0xFF))
    for at in places:
        memory[at] = original[at]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be written there")
@pytest.mark.parametrize("data", [big_message(), big_message()[:200]], ids=["big", "small"])
def test_another_process_writes_into_the_mapped_file(tmp_path, data):
    """Changes come in the middle of a read, too: between finding a field and reading it."""
    path = tmp_path / "message"
    try:
        schemas.PROTO2.ours["All"].FromString(data)
    except DecodeError as error:
        data = data[: error.offset]
    path.write_bytes(data)
    descriptor = schemas.PROTO2.theirs["All"].DESCRIPTOR
    message = parse(schemas.PROTO2.ours["All"], Source.map(str(path)))
    command = [sys.executable, "-c", WRITER, str(path)]
    refused, until = 0, time.monotonic() + 1.5
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout.readline() == b"ready\n"
            for _, rng in generators(10**6):
                refused += reading.read_all(message, descriptor, rng, OTHERWISE, most=150)
                if rng.random() < 0.3:  # without the index and tables that were made
                    message = fresh(path, message)
                if time.monotonic() > until:
                    break
        finally:
            writer.kill()
    assert refused > 0


def fresh(path, otherwise):
    """The message parsed again, if its bytes happen to be right just now."""
    try:
        return parse(schemas.PROTO2.ours["All"], Source.map(str(path)))
    except DecodeError:
        return otherwise
