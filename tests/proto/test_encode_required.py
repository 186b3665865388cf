"""Required fields that are missing, here and below: upstream's verdict, and upstream's paths.

Paths are compared where no map of scalars is near: upstream then puts rubbish into them.
"""

import pytest

from tensorwire.errors import EncodeError

from . import oracle, schemas
from .editing import Editing
from .effort import generators, named
from .encode import nested, number, run
from .generate import Generator


def read(name: str, data: bytes) -> list:
    return [each[name].FromString(data) for each in (schemas.PROTO2.ours, schemas.PROTO2.theirs)]


def check(ours, theirs) -> bool:
    complete = theirs.IsInitialized()
    assert ours.IsInitialized() is complete
    assert bool(ours.FindInitializationErrors()) is not complete
    if complete:
        assert ours.SerializeToString() == ours.SerializePartialToString()
    else:
        with pytest.raises(EncodeError, match="missing required fields: "):
            ours.SerializeToString()
    return complete


def test_random_messages_and_changes():
    descriptor = schemas.PROTO2.theirs["All"].DESCRIPTOR
    verdicts = []
    for seed, rng in generators(250):
        data = Generator(rng, 0.1).message(descriptor, rng.choice((3, 8, 40)), 3)
        data += run(31, rng.choice((b"", number(1, 1), number(1, 1) + run(40, b"x"))))
        if oracle.verify(data, descriptor).reason is not None:
            continue
        messages = read("All", data)
        with named(seed):
            verdicts.append(check(*messages))
            Editing(rng).change(messages, 10)
            verdicts.append(check(*messages))
    assert 50 < sum(verdicts) < len(verdicts) - 50


FULL = number(1, 1) + run(40, b"x")


@pytest.mark.parametrize("data", [FULL, run(40, b"x") + number(1, 1), FULL + number(1, 2)])
def test_a_required_field_that_is_cleared(data):
    """Canonical bytes or not."""
    messages = read("Need", data)
    assert check(*messages)
    for change, complete in (
        (lambda m: m.ClearField("must"), False),
        (lambda m: setattr(m, "must", 0), True),
        (lambda m: m.need.SetInParent(), False),
        (lambda m: m.need.MergeFromString(FULL), True),
        (lambda m: m.need.need.SetInParent(), False),
        (lambda m: m.ClearField("need"), True),
        (lambda m: m.Clear(), False),
    ):
        for each in messages:
            change(each)
        assert check(*messages) is complete


def test_paths_are_upstreams():
    messages = [cls["All"]() for cls in (schemas.PROTO2.ours, schemas.PROTO2.theirs)]
    for each in messages:
        each.need.may = 1
        each.subs.add().need.must = 1
        each.subs.add()
        each.subs.add().subs.add().need.need.must_far = ""
        each.m_string_all['quo"te\\'].need.SetInParent()
        each.group.all.need.SetInParent()
        each.c_sub.farthest.add().need.must = 3
        each.subs[1].m_string_all["é"].sub.need.SetInParent()
    ours, theirs = [each.FindInitializationErrors() for each in messages]
    assert ours == theirs and len(ours) == 13
    again = [type(each).FromString(each.SerializePartialToString()) for each in messages]
    assert [each.FindInitializationErrors() for each in again] == [ours, theirs]


def test_what_is_missing_in_unknown_fields_is_not_missing():
    """A map entry with a foreign field is one."""
    value = run(2, run(31, b""))
    assert check(*read("All", run(80, value + number(9, 1))))


def test_paths_of_deep_messages():
    """The path grows with the depth: no recursion, though."""
    message = schemas.PROTO2.ours["All"].FromString(nested(20, 90, run(31, b"")))
    assert message.FindInitializationErrors() == ["sub." * 90 + "need." + name
                                                  for name in ("must", "must_far")]  # fmt: skip
