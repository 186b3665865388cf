"""Encoding of bytes that change under it, and of bytes that end at an unreadable page."""

import random

import numpy as np
import pytest

from guard import needs_guard_pages
from tensorwire import DecodeError
from tensorwire._core.encode import byte_size, equal, ranges, serialize

from . import memory, oracle, schemas
from .editing import Editing
from .effort import generators, named

NAMES = ("proto2", "proto3")


def attempts(message, change) -> int:
    """Every way to encode, while the bytes change; how many were refused."""
    refused = 0
    for act in (serialize, byte_size, ranges, lambda m: equal(m, m), lambda m: serialize(m, True),
                lambda m: m.IsInitialized()):  # fmt: skip
        change()
        try:
            act(message)
        except DecodeError:
            refused += 1
    return refused


@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_change(name):
    refused = 0
    for seed, rng in generators(300):
        data = memory.valid(rng, name)
        descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
        if not data or oracle.verify(data, descriptor).reason is not None:
            continue
        array = np.frombuffer(data, np.uint8).copy()
        with named(seed):
            message = memory.parse(array, name)
            refused += attempts(message, memory.Changing(array, rng, 0.5))
    assert refused > 50


@pytest.mark.parametrize("name", NAMES)
def test_changed_messages_on_bytes_that_change(name):
    for seed, rng in generators(200):
        data = memory.valid(rng, name)
        both = schemas.BY_NAME[name]
        if not data or oracle.verify(data, both.theirs["All"].DESCRIPTOR).reason is not None:
            continue
        array = np.frombuffer(data, np.uint8).copy()
        with named(seed):
            message = memory.parse(array, name)
            Editing(rng).change([message, both.theirs["All"].FromString(data)], 8)
            attempts(message, memory.Changing(array, rng, 0.5))


@needs_guard_pages
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_read_behind_the_bytes(name):
    for seed, rng in generators(200):
        data = memory.valid(rng, name)
        if oracle.verify(data, schemas.BY_NAME[name].theirs["All"].DESCRIPTOR).reason is not None:
            continue
        with named(seed):
            message = memory.parse(memory.guarded().at_end(data), name)
            plain = schemas.BY_NAME[name].ours["All"].FromString(data)
            assert serialize(message, True) == serialize(plain, True)
            assert byte_size(message) == byte_size(plain)


def test_entries_that_collide_cost_no_square():
    """A hundred thousand entries of few keys, in no order, and as many members of a oneof."""
    rng = random.Random(1)
    cls, theirs = schemas.PROTO3.ours["All"], schemas.PROTO3.theirs["All"]
    entries = [b"\xf2\x01\x04\x08" + bytes([rng.randrange(100), 0x10, 1]) for _ in range(100_000)]
    members = [rng.choice((b"\xc0\x01\x05", b"\xca\x01\x01x", b"\xd2\x01\x00"))
               for _ in range(100_000)]  # fmt: skip
    data = b"".join(x for pair in zip(entries, members, strict=True) for x in pair)
    expected = theirs.FromString(data).SerializeToString(deterministic=True)
    assert serialize(cls.FromString(data)) == expected
