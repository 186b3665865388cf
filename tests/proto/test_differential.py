"""The engine, the oracle and upstream on random messages: one verdict, and the same values."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import oracle, reading, schemas, values, verdicts
from .effort import examples, generators, named
from .encode import group, number, run, varint
from .generate import Generator

NAMES = ("proto2", "proto3")
ODD = (0, 0, 0.02, 0.1, 0.3)


def check(data: bytes, name: str, rng: random.Random, most: int = 1500):
    """Verdict, and on acceptance every value, read in a random order."""
    both = schemas.BY_NAME[name]
    verdict = verdicts.check(data, both)
    if verdict.reason is None:
        ours, theirs = both.ours["All"].FromString(data), both.theirs["All"].FromString(data)
        reading.Comparison(rng).run(ours, theirs, most)
    return verdict


def message(rng, name: str) -> bytes:
    generator = Generator(rng, rng.choice(ODD))
    descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
    return generator.message(descriptor, rng.choice((3, 8, 8, 40, 120)), rng.choice((1, 2, 3)))


@pytest.mark.parametrize("name", NAMES)
def test_many_messages(name):
    canonical = 0
    for seed, rng in generators(1000):
        with named(seed):
            canonical += check(message(rng, name), name, rng).canonical
    assert canonical > 150


@pytest.mark.parametrize("name", NAMES)
def test_values_are_the_oracles(name):
    """Without upstream: what a message holds, as the encoding's rules have it."""
    both, accepted = schemas.BY_NAME[name], 0
    descriptor = both.theirs["All"].DESCRIPTOR
    for seed, rng in generators(150):
        data = message(rng, name)
        if oracle.verify(data, descriptor).reason is None:
            accepted += 1
            with named(seed):
                held = values.tree(both.ours["All"].FromString(data), descriptor)
                assert held == values.read([data], descriptor)
    assert accepted > 100


@pytest.mark.parametrize("name", NAMES)
def test_many_corrupted_messages(name):
    reasons = set()
    for seed, rng in generators(2500):
        data = Generator(rng).corrupt(message(rng, name))
        with named(seed):
            reasons.add(check(data, name, rng, 30).reason)
    assert len(reasons) > 8


@examples(200)
@given(st.randoms(use_true_random=False), st.sampled_from(NAMES))
def test_messages(rng, name):
    check(message(rng, name), name, rng, 300)


@examples(200)
@given(st.randoms(use_true_random=False), st.sampled_from(NAMES))
def test_corrupted_messages(rng, name):
    check(Generator(rng).corrupt(message(rng, name)), name, rng, 300)


@examples(500)
@given(st.binary(max_size=60), st.sampled_from(NAMES), st.integers(0, 2**32))
def test_bare_bytes(data, name, seed):
    check(data, name, random.Random(seed), 100)


fields = st.sampled_from(sorted(schemas.PROTO2.theirs["All"].DESCRIPTOR.fields_by_number))
words = st.sampled_from([0, 1, 2, 3, 5, 127, 128, 2**31, 2**32, 2**63, 2**64 - 1])
leaves = st.one_of(
    st.builds(number, fields, words),
    st.builds(run, fields, st.binary(max_size=9)),
    st.builds(run, fields, st.lists(words.map(varint), max_size=50).map(b"".join)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda make, at, parts: make(at, b"".join(parts)),
        st.sampled_from([run, group]),
        st.sampled_from([20, 21, 22, 23, 26, 31, 80]),
        st.lists(inner, max_size=6),
    ),
    max_leaves=30,
)


@examples(150)
@given(st.lists(trees, max_size=8).map(b"".join), st.sampled_from(NAMES), st.integers(0, 2**32))
def test_trees_of_items(data, name, seed):
    check(data, name, random.Random(seed), 300)


@pytest.mark.parametrize("name", NAMES)
def test_a_singular_submessage_in_many_pieces(name):
    for seed, rng in generators(150):
        generator = Generator(rng, 0.05)
        descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
        pieces = [run(20, generator.message(descriptor, 5, 2)) for _ in range(rng.randrange(2, 40))]
        others = [generator.message(descriptor, 2, 1) for _ in range(5)]
        parts = pieces + others
        rng.shuffle(parts)
        with named(seed):
            check(b"".join(parts), name, rng)


@pytest.mark.parametrize("count", [1, 31, 32, 33, 47, 48, 49, 50, 63, 64, 65, 127, 128, 129, 1000])
@pytest.mark.parametrize("form", ["unpacked", "packed", "mixed", "runs"])
def test_numbers_around_the_sizes_where_the_engine_changes_its_way(count, form):
    rng = random.Random(count)
    numbers = [rng.choice((1, 127, 128, 2**40)) for _ in range(count)]
    at = schemas.PACKED + 3
    parts = {
        "unpacked": [number(at, value) for value in numbers],
        "packed": [run(at, b"".join(map(varint, numbers)))],
        "mixed": [number(at, v) if i % 3 else run(at, varint(v)) for i, v in enumerate(numbers)],
        "runs": [
            run(at, b"".join(map(varint, numbers[i : i + 7]))) for i in range(0, len(numbers), 7)
        ],
    }[form]
    for between in (b"", number(5, 1), number(19, 1)):
        data = between.join(parts) + number(13, 7)
        for order in range(3):
            check(data, "proto2", random.Random(order))


@pytest.mark.parametrize("count", [1, 31, 32, 33, 47, 48, 49, 129, 300])
@pytest.mark.parametrize("field", ["r_string", "subs", "groups"])
def test_items_around_the_sizes_where_the_engine_changes_its_way(count, field):
    theirs = schemas.PROTO2.theirs["All"]()
    for i in range(count):
        if field == "r_string":
            theirs.r_string.append("x" * i)
        else:
            getattr(theirs, field).add(**{"s_int32" if field == "subs" else "number": i})
    for data in (
        theirs.SerializeToString(),
        number(5, 1) + theirs.SerializeToString() + number(3, 1),
    ):
        for order in range(3):
            check(data, "proto2", random.Random(order))
