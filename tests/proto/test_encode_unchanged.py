"""What is written of messages that were only read: upstream's bytes, and the oracle's."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorwire._core.encode import byte_size, equal, ranges, serialize
from tensorwire._core.payload import is_canonical

from . import oracle, schemas, written
from .corpus_files import cases
from .effort import examples, generators, named
from .encode import group, number, run, tag, varint
from .generate import Generator

NAMES = ("proto2", "proto3")
ACCEPTED = [case for case in cases() if case.reason is None]


def check(data: bytes, name: str) -> bytes | None:
    """The encoding, agreed upon; None for bytes that nobody reads."""
    both = schemas.BY_NAME[name]
    descriptor = both.theirs["All"].DESCRIPTOR
    if oracle.verify(data, descriptor).reason is not None:
        return None
    ours, theirs = both.ours["All"].FromString(data), both.theirs["All"].FromString(data)
    expected = theirs.SerializePartialToString(deterministic=True)
    assert written.write(data, descriptor) == expected, data.hex()
    assert serialize(ours, True) == serialize(ours) == expected, data.hex()
    assert byte_size(ours) == len(expected)
    assert b"".join(ranges(ours)) == expected
    again = both.ours["All"].FromString(expected)
    assert equal(ours, again) and serialize(again) == expected
    return expected


@pytest.mark.parametrize("case", ACCEPTED, ids=[case.name for case in ACCEPTED])
def test_the_corpus(case):
    for name in case.schemas:
        assert check(case.data, name) is not None


@pytest.mark.parametrize("name", NAMES)
def test_many_messages(name):
    rewritten = 0
    for seed, rng in generators(800):
        generator = Generator(rng, rng.choice((0, 0.02, 0.1, 0.3)))
        descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
        data = generator.message(descriptor, rng.choice((3, 8, 8, 40, 120)), rng.choice((1, 2, 3)))
        with named(seed):
            rewritten += check(data, name) not in (None, data)
    assert rewritten > 100


@examples(200)
@given(st.randoms(use_true_random=False), st.sampled_from(NAMES))
def test_messages(rng, name):
    check(Generator(rng, 0.2).message(schemas.BY_NAME[name].theirs["All"].DESCRIPTOR, 20, 3), name)


@examples(500)
@given(st.binary(max_size=60), st.sampled_from(NAMES))
def test_bare_bytes(data, name):
    check(data, name)


@pytest.mark.parametrize("name", NAMES)
def test_pieces_and_switches(name):
    """One submessage in many pieces, with other members of its oneof between them."""
    for seed, rng in generators(150):
        generator = Generator(rng, 0.05)
        descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
        parts = [run(26, generator.message(descriptor, 5, 2)) for _ in range(rng.randrange(2, 20))]
        parts += [number(24, 5), run(25, b"text"), run(20, generator.message(descriptor, 4, 1))]
        rng.shuffle(parts)
        with named(seed):
            check(b"".join(parts), name)


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 100, 101, 1000])
@pytest.mark.parametrize("at", [28, 29, 43, 45, 56, 58, 63, 65, 74, 77, 78])
def test_runs_of_numbers(at, count):
    """Single elements and runs, of both declared forms, with padded and overlong values."""
    rng = random.Random(count * 100 + at)
    words = [rng.choice((1, 70, 300, 2**31, 2**32 + 7, 2**64 - 1)) for _ in range(count)]
    plain = b"".join(map(varint, words))
    padded = b"".join([varint(word, rng.randrange(11)) for word in words])
    for parts in ([run(at, plain)], [run(at, padded)], [number(at, word) for word in words]):
        for name in NAMES:
            check(b"".join(parts), name)
            check(b"".join(parts) + run(at, b"") + run(at, plain) + number(at, 1), name)


KEYS = {
    82: [run(1, key) for key in (b"", b"a", b"ab", b"b", b"abc", "é".encode(), b"B", b"a\0", b"a")],
    30: [number(1, key) for key in (0, 1, 5, -1, -2, 2**31 - 1, -(2**31), 2**20, 1)],
    84: [number(1, key) for key in (0, 1, 2, 3, 2**64 - 1, 2**63, 2**32, 1)],
    83: [number(1, 0), number(1, 1), number(1, 7)],
    85: [tag(1, 5) + key.to_bytes(4, "little") for key in (0, 1, 2**32 - 1, 2**31, 1)],
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at", KEYS)
def test_entries_are_sorted_as_upstream_sorts_them(at, name):
    for seed in range(10):
        entries = [run(at, key) for key in KEYS[at]]
        random.Random(seed).shuffle(entries)
        assert check(b"".join(entries), name) is not None
        for count in range(4):
            check(b"".join(entries[:count]), name)


FOREIGN = [
    number(9, 1),
    number(9, 1) + number(2, 5),
    number(2, 5) + number(9, 1) + number(1, 3),
    number(2, 0) + number(1, 0) + number(9, 1),
    tag(1, 5) + b"abcd" + number(2, 5),
    group(7, b"") + number(2, 5),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("entry", FOREIGN)
def test_an_entry_with_more_than_key_and_value_is_an_unknown_field(entry, name):
    expected = check(number(19, 1) + run(30, entry) + number(19, 2) + run(30, number(1, 1)), name)
    assert expected.startswith(b"\xf2\x01\x04\x08\x01\x10\x00\x98\x01\x01")


@pytest.mark.parametrize("name", NAMES)
def test_values_of_entries_merge_within_one_only(name):
    twice = run(1, b"k") + run(2, number(5, 1) + number(19, 1)) + run(2, number(3, 1))
    check(run(80, twice), name)
    check(run(80, twice) + run(80, run(1, b"k") + run(2, number(4, 1))), name)
    check(run(80, b"") + run(80, run(2, b"")), name)


def test_a_whole_canonical_message_is_the_same_object():
    cls = schemas.PROTO2.ours["All"]
    data = number(5, 7) + run(20, number(5, 8))
    message = cls.FromString(data)
    assert is_canonical(message)
    assert serialize(message) is data and message.SerializeToString() is data


def test_equality_is_that_of_content():
    cls = schemas.PROTO2.ours["All"]
    one = cls.FromString(number(5, 7) + number(3, 1))
    other = cls.FromString(number(3, 1) + b"\x28\x87\0")
    assert equal(one, other) and one == other
    assert not equal(one, cls.FromString(number(5, 7)))
    assert not equal(one, schemas.PROTO3.ours["All"].FromString(number(3, 1) + number(5, 7)))
