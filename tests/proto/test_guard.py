"""No read leaves the bytes of a message: a byte beyond either end would end the process."""

import pytest

from guard import needs_guard_pages
from tensorwire import DecodeError

from . import memory, reading, schemas
from .corpus_files import cases
from .effort import generators

pytestmark = needs_guard_pages
CASES = cases()


def places(data: bytes):
    yield memory.guarded().at_end(data)
    yield memory.guarded().at_start(data)


def read(placed, name: str, rng) -> bool:
    """Whether ``placed`` is a message; then everything in it was read."""
    try:
        message = memory.parse(placed, name)
    except DecodeError:
        return False
    reading.read_all(message, schemas.BY_NAME[name].theirs["All"].DESCRIPTOR, rng)
    return True


@pytest.mark.parametrize("name", schemas.BY_NAME)
def test_the_corpus(name):
    for (_, rng), case in zip(generators(len(CASES)), CASES, strict=False):
        for placed in places(case.data):
            accepted = read(placed, name, rng)
            if name in case.schemas:
                assert accepted == (case.reason is None)


@pytest.mark.parametrize("name", schemas.BY_NAME)
def test_every_prefix_of_the_corpus(name):
    for (_, rng), case in zip(generators(len(CASES)), CASES, strict=False):
        for stop in range(min(len(case.data), 40)):
            read(memory.guarded().at_end(case.data[:stop]), name, rng)


@pytest.mark.parametrize("name", schemas.BY_NAME)
def test_random_messages(name):
    accepted = 0
    for _, rng in generators(400):
        for placed in places(memory.valid(rng, name)):
            accepted += read(placed, name, rng)
    assert accepted > 600


@pytest.mark.parametrize("length", range(40))
@pytest.mark.parametrize("field", ["r_int64", "p_int64", "p_sint32", "p_bool", "p_enum", "p_float"])
def test_runs_of_every_short_length(length, field):
    theirs = schemas.PROTO2.theirs["All"]()
    getattr(theirs, field).extend([1] * length)
    for placed in places(theirs.SerializeToString()):
        message = memory.parse(placed, "proto2")
        assert list(getattr(message, field)) == list(getattr(theirs, field))
