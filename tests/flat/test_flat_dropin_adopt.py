"""adopt(): the same as upstream says, for every accessor, on good and bad bytes."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from dropin_tables import BUFFERS, READABLE, outcome
from dropin_zoo import CLASSES, LAYOUTS, NUMBERS, seen, unpacked, whole, zoo
from hypothesis import given, settings
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from tensorwire import flat

FEW = (0, 1, -1, 10**6, 1.0)


@pytest.fixture(scope="module", params=LAYOUTS)
def sides(request):
    """(upstream's, ours adopted)"""
    ours = zoo(request.param, "ours")
    with flat.adopt(ours.module) as report:
        assert report.left_alone == ()
        yield zoo(request.param, "theirs"), ours


def roots(side, data, depth, indices=FEW):
    """All that is seen of a buffer as a Branch, or how even that failed."""
    root = outcome(lambda: side.Branch.GetRootAs(data, 0))
    return root[:2] if root[0] == "raised" else seen(side, root[-1], depth, indices)


def test_everything_that_flatc_wrote_is_adopted(sides):
    _, ours = sides
    for name in CLASSES:
        for key, value in vars(getattr(ours, name)).items():
            if inspect.isfunction(value):
                assert "_tab" not in value.__code__.co_names, key


def test_all_accessors_say_the_same(sides):
    theirs, ours = sides
    expected = roots(theirs, whole(), 2, FEW)
    assert roots(ours, whole(), 2, FEW) == expected
    assert roots(ours, whole(), 0, NUMBERS) == roots(theirs, whole(), 0, NUMBERS)
    assert len(expected) > 400


@pytest.mark.parametrize("kind", BUFFERS)
def test_in_every_kind_of_buffer(sides, kind):
    theirs, ours = sides
    data = BUFFERS[kind](whole())
    assert roots(ours, data, 1) == roots(theirs, data, 1)


def test_nothing_in_an_empty_table(sides):
    theirs, ours = sides
    data = bytes([8, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0])
    assert roots(ours, data, 1) == roots(theirs, data, 1)


def test_truncations(sides):
    theirs, ours = sides
    data = whole()
    for stop in [*range(0, len(data), max(1, len(data) // 30)), len(data) - 1]:
        assert roots(ours, data[:stop], 1) == roots(theirs, data[:stop], 1), stop


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_bytes_changed_at_random(data):
    layout = data.draw(st.sampled_from(LAYOUTS))
    changed = bytearray(whole())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.one_of(st.integers(0, 400), st.integers(0, len(changed) - 1)))
        changed[place] = data.draw(st.sampled_from([0, 1, 3, 4, 127, 128, 255]))
    kind = data.draw(st.sampled_from(READABLE))
    buffer = BUFFERS[kind](bytes(changed))
    expected = roots(zoo(layout, "theirs"), buffer, 1)
    with flat.adopt(zoo(layout, "ours").module):
        assert roots(zoo(layout, "ours"), buffer, 1) == expected


@needs_guard_pages
def test_no_read_leaves_the_buffer(sides):
    """Truncated anywhere, the byte behind the end is one that kills who reads it."""
    theirs, ours = sides
    data = whole()
    memory = Guarded(len(data))
    for stop in range(4, len(data), max(1, len(data) // 40)):
        placed = memory.at_end(data[:stop])
        assert roots(ours, placed, 1) == roots(theirs, bytearray(data[:stop]), 1)
    placed = memory.at_start(data)
    assert roots(ours, placed, 1) == roots(theirs, bytearray(data), 1)


# -- the object API --


def objects(side, data):
    return outcome(lambda: unpacked(side.BranchT.InitFromObj(side.Branch.GetRootAs(data, 0))))


def test_objects_are_the_same(sides):
    theirs, ours = sides
    assert objects(ours, whole()) == objects(theirs, whole())
    packed = [outcome(lambda: unpacked(side.BranchT.InitFromPackedBuf(whole()))) for side in sides]  # noqa: B023
    assert packed[0] == packed[1]
    made = [outcome(lambda: unpacked(side.BranchT.InitFromObj(None))) for side in sides]  # noqa: B023
    assert made[0] == made[1]


def test_objects_of_bad_bytes(sides):
    theirs, ours = sides
    data = whole()
    for stop in range(0, len(data), max(1, len(data) // 50)):
        assert objects(ours, data[:stop])[1:] == objects(theirs, data[:stop])[1:], stop
    for place in range(0, len(data), max(1, len(data) // 150)):
        changed = bytearray(data)
        changed[place] ^= 0x11
        expected = objects(theirs, bytes(changed))
        assert objects(ours, bytes(changed))[:2] == expected[:2], place


def test_unpacking_into_an_object(sides):
    made = []
    for side in sides:
        branch = side.BranchT()
        branch.more, branch.whole = 5, "before"
        branch._UnPack(side.Branch.GetRootAs(whole(), 0))
        made.append(unpacked(branch))
    assert made[0] == made[1]


def test_creators(sides):
    theirs, ours = sides
    for kind in (0, 1, 2, 3, 4, 5, -1, 2**70, True, np.int64(1), None, "1"):
        for place in ("table", "none", "other"):
            made = []
            for side in (theirs, ours):
                table = side.Branch.GetRootAs(whole(), 0).Kin()
                given_table = {"table": table, "none": None, "other": b""}[place]
                made.append(outcome(lambda: unpacked(side.unions.KinCreator(kind, given_table))))  # noqa: B023
            assert made[0] == made[1], (kind, place)


def test_subclasses_of_objects(sides):
    _, ours = sides

    class OwnLeaf(ours.LeafT):
        @classmethod
        def InitFromObj(cls, leaf):  # noqa: N802
            return "own"

    root = ours.Branch.GetRootAs(whole(), 0)
    table = root.Leaves(0)._tab
    assert OwnLeaf.InitFromBuf(table.Bytes, table.Pos) == "own"
    assert type(ours.LeafT.InitFromBuf(table.Bytes, table.Pos)) is ours.LeafT


def test_objects_pickle_and_copy(sides):
    _, ours = sides
    root = ours.Branch.GetRootAs(whole(), 0)
    for again in (pickle.loads(pickle.dumps(root)), copy.copy(root), copy.deepcopy(root)):
        assert type(again) is ours.Branch and again.Names(2) == b"longer than four"
