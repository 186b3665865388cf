"""Our FlatBuffers builder does what upstream's does, call by call, errors included."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("flatbuffers")

from builder_calls import (
    ALL,
    CHEAP,
    SIDES,
    all_calls,
    finishes,
    outcome,
    poke,
    pokes,
    programs,
    state,
    usual_calls,
)
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = settings(deadline=None, max_examples=400)
initial = st.one_of(st.just(0), st.integers(0, 64), st.sampled_from([True, 1024]))


def run_both(size, steps, names, classes=SIDES):
    """Each step on both; ``names`` of the attributes are compared after it, and all at the end."""
    ours, theirs = (cls(size) for cls in classes)
    made: list[list[int]] = [[], []]
    for step in steps:
        if step[0] == "Bytes" or (step[0][0].islower() and not step[0].startswith("assert")):
            poke(ours, step)
            poke(theirs, step)
        else:
            got, want = outcome(ours, step, made[0]), outcome(theirs, step, made[1])
            assert got == want, step
        assert state(ours, names) == state(theirs, names), step
    assert state(ours, ALL) == state(theirs, ALL)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # numElems is deprecated; NumPy's own about casts
        yield


@EXAMPLES
@given(initial, programs, st.lists(finishes, max_size=3))
def test_programs(size, steps, ends):
    run_both(size, steps + ends, CHEAP)


@EXAMPLES
@given(initial, st.lists(usual_calls, max_size=40))
def test_usual_calls(size, steps):
    run_both(size, steps, CHEAP)


@EXAMPLES
@given(initial, st.lists(all_calls, max_size=40))
def test_all_calls(size, steps):
    run_both(size, steps, CHEAP)


@EXAMPLES
@given(initial, st.lists(all_calls, max_size=30))
def test_all_calls_with_every_attribute_read_after_each(size, steps):
    run_both(size, steps, ALL)


@EXAMPLES
@given(initial, st.lists(st.one_of(all_calls, pokes), max_size=30))
def test_attributes_set_from_outside(size, steps):
    run_both(size, steps, CHEAP)


PARTS = (
    "CreateString EndObject EndVector GrowByteBuffer Head Offset Pad Place PlaceSOffsetT "
    "PlaceUOffsetT Prep Prepend PrependInt32 PrependSOffsetTRelative PrependSlot "
    "PrependUOffsetTRelative PrependVOffsetT Slot StartObject StartVector WriteVtable assertNested "
    "assertNotNested assertStructIsInline"
).split()


def recorder(base, names):
    """A subclass that notes in ``calls`` each call of the methods ``names`` and what they get."""

    def noted(name):
        def method(self, *arguments):
            calls.append((name, *[getattr(item, "name", item) for item in arguments]))
            return getattr(super(cls, self), name)(*arguments)

        return method

    calls = []
    cls = type("Recorder", (base,), {name: noted(name) for name in names} | {"calls": calls})
    return cls


@EXAMPLES
@given(
    initial,
    st.one_of(programs, st.lists(all_calls, max_size=15)),
    st.lists(finishes, max_size=2),
    st.one_of(st.just(PARTS), st.lists(st.sampled_from(PARTS), max_size=3)),
)
def test_subclasses_are_asked_in_the_same_order(size, steps, ends, names):
    classes = [recorder(base, names) for base in SIDES]
    run_both(size, steps + ends, CHEAP, classes)
    assert repr(classes[0].calls) == repr(classes[1].calls)
