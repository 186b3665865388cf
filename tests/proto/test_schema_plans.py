"""Plans across files: types and enums of other sets, extensions, and what may lack something."""

import gc
import threading

import pytest

from tensorwire._core.plan import (
    CLOSED,
    KINDS,
    MAP_ENTRY,
    MAX_FIELD_NUMBER,
    PRESENCE,
    RANGES,
    REPEATED,
    REQUIRED,
    UTF8,
    PlanSet,
)
from tensorwire.errors import DecodeError
from tensorwire.proto.classes import make_class

from .encode import number, run

INT, TEXT, MESSAGE, ENUM = KINDS["int32"], KINDS["string"], KINDS["message"], KINDS["enum"]


def field(at, name, kind=INT, flags=PRESENCE, type_name="", default=None):
    return at, name, kind, flags, type_name, default, ""


def plan_set(messages, enums=(), imports=()):
    return PlanSet(tuple(messages), tuple(enums), make_class, DecodeError, tuple(imports))


def class_of(plans, name):
    return plans.class_of(plans.index_of(name))


@pytest.fixture
def base():
    colors = ("base.Color", True, (("RED", 0), ("BLUE", 2)))
    inner = ("base.Inner", (field(1, "value"),), 0)
    return plan_set([inner], [colors])


@pytest.fixture
def user(base):
    outer = (
        "user.Outer",
        (
            field(1, "inner", MESSAGE, PRESENCE, "base.Inner"),
            field(2, "color", ENUM, PRESENCE | CLOSED, "base.Color", 0),
        ),
        RANGES,
    )
    return plan_set([outer], imports=[base])


def test_a_field_may_have_a_type_of_another_set(base, user):
    message = class_of(user, "user.Outer").FromString(run(1, number(1, 7)) + number(2, 2))
    assert type(message.inner) is class_of(base, "base.Inner")
    assert (message.inner.value, message.color) == (7, 2)
    assert class_of(user, "user.Outer").FromString(number(2, 3)).color == 0


def test_an_import_of_an_import_is_not_looked_into(user):
    with pytest.raises(ValueError, match=r"t\.T\.inner: no type 'base\.Inner'"):
        plan_set(
            [("t.T", (field(1, "inner", MESSAGE, PRESENCE, "base.Inner"),), 0)], imports=[user]
        )


def test_an_enum_is_no_message(base):
    for kind, name in ((MESSAGE, "base.Color"), (ENUM, "base.Inner")):
        with pytest.raises(ValueError, match="no type"):
            plan_set([("t.T", (field(1, "f", kind, PRESENCE, name),), 0)], imports=[base])


def test_imports_are_sets():
    with pytest.raises(TypeError):
        plan_set([], imports=["base"])


def test_messages_keep_the_sets_of_their_parts(user):
    message = class_of(user, "user.Outer").FromString(run(1, number(1, 7)))
    inner = message.inner
    del user, message
    gc.collect()
    assert inner.value == 7


# -- extensions ---------------------------------------------------------------------------------

DEEP = run(100, run(1, number(1, 1) + b"\x10"))  # the varint of field 2 is missing


def extend(user, *specs, origin=None):
    user.extend(user.index_of("user.Outer"), specs, origin)


@pytest.mark.parametrize("at", [5, 30, 31, 32, 500, MAX_FIELD_NUMBER])
def test_an_extension_is_verified_like_a_field(user, at):
    outer = class_of(user, "user.Outer")
    bad = number(1 + 2, 4) + run(at, b"\xff")
    outer.FromString(bad)  # unknown: not looked at
    extend(user, field(at, "user.text", TEXT, PRESENCE | UTF8))
    outer.FromString(run(at, b"fine"))
    with pytest.raises(DecodeError, match=r"^\[user\.text\]: ") as caught:
        outer.FromString(bad)
    assert caught.value.offset == 2


def test_an_extension_may_bring_types_of_a_set_that_its_own_file_imports(base, user):
    more = ("more.More", (field(1, "inner", MESSAGE, PRESENCE, "base.Inner"),), 0)
    origin = plan_set([more], imports=[base, user])
    extend(user, field(100, "more.more", MESSAGE, PRESENCE | REPEATED, "more.More"), origin=origin)
    del origin
    gc.collect()
    with pytest.raises(DecodeError, match=r"^\[more\.more\]\[1\]") as caught:
        class_of(user, "user.Outer").FromString(run(100, b"") + DEEP)
    assert caught.value.path == "[more.more][1].inner.<2>"


def test_the_depth_of_extensions_is_charged(base, user):
    extend(user, field(100, "base.self", MESSAGE, PRESENCE, "user.Outer"))
    data = b""
    for _ in range(100):
        data = run(100, data)
    outer = class_of(user, "user.Outer")
    outer.FromString(data)
    with pytest.raises(DecodeError, match=r"100 levels|deeper|nested"):
        outer.FromString(run(100, data))


def test_extending_twice_changes_nothing(user):
    spec = field(100, "user.text", TEXT)
    extend(user, spec)
    extend(user, spec, spec)
    assert user.extensions(0) == (spec,)


@pytest.mark.parametrize("at", [1, 100])
def test_a_number_has_one_meaning(user, at):
    extend(user, field(100, "user.text", TEXT))
    with pytest.raises(ValueError, match=f"number {at} of user.Outer is taken by"):
        extend(user, field(99, "user.fine"), field(at, "user.other"))
    assert [spec[0] for spec in user.extensions(0)] == [100]


@pytest.mark.parametrize("at", [0, -1, MAX_FIELD_NUMBER + 1])
def test_numbers_of_extensions_have_a_range(user, at):
    with pytest.raises(ValueError, match="field numbers go from 1"):
        extend(user, field(at, "user.other"))
    assert user.extensions(0) == ()


def test_a_failed_extension_leaves_no_trace(user):
    with pytest.raises(ValueError, match=r"user\.other: no type 'no\.Where'"):
        extend(
            user, field(99, "user.fine"), field(100, "user.other", MESSAGE, PRESENCE, "no.Where")
        )
    assert user.extensions(0) == ()
    class_of(user, "user.Outer").FromString(run(100, b"\xff"))


@pytest.mark.parametrize("index", [1, 7])
def test_only_types_can_be_extended(user, index):
    for call in (
        lambda: user.extend(index, ()),
        lambda: user.extensions(index),
        lambda: user.needs_required(index),
    ):
        with pytest.raises(IndexError, match=f"type {index} of 1"):
            call()


def test_extensions_may_come_while_others_read(user):
    """Tables are replaced as a whole: a reader sees an extension or does not, and nothing else."""
    outer = class_of(user, "user.Outer")
    data = b"".join(run(at, b"x" * 5) for at in range(100, 400))
    stop, failures = threading.Event(), []

    def read():
        try:
            while not stop.is_set():
                outer.FromString(data)
        except DecodeError as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for at in range(399, 99, -1):
        extend(user, field(at, f"user.e{at}", TEXT, PRESENCE | UTF8))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(user.extensions(0)) == 300
    for at in (100, 250, 399):
        with pytest.raises(DecodeError, match=rf"user\.e{at}"):
            outer.FromString(run(at, b"\xff"))


# -- required fields ----------------------------------------------------------------------------

CHAIN = 5000


def test_what_may_lack_something_is_found_through_any_chain():
    links = [
        (f"t.L{i}", (field(1, "next", MESSAGE, PRESENCE, f"t.L{i + 1}"),), 0) for i in range(CHAIN)
    ]
    end = (f"t.L{CHAIN}", (field(1, "must", INT, PRESENCE | REQUIRED),), 0)
    free = ("t.Free", (field(1, "self", MESSAGE, PRESENCE, "t.Free"),), 0)
    plans = plan_set([*links, end, free])
    assert plans.needs_required(0) and plans.needs_required(CHAIN)
    assert not plans.needs_required(plans.index_of("t.Free"))


def test_cycles_and_maps_and_ranges():
    ring = [
        (f"t.R{i}", (field(1, "next", MESSAGE, PRESENCE, f"t.R{(i + 1) % 3}"),), 0)
        for i in range(3)
    ]
    entry = ("t.Entry", (field(1, "key"), field(2, "value", MESSAGE, PRESENCE, "t.R0")), MAP_ENTRY)
    holder = ("t.Holder", (field(1, "map", MESSAGE, REPEATED, "t.Entry"),), 0)
    plans = plan_set([*ring, entry, holder])
    assert not any(map(plans.needs_required, range(5)))
    ranged = plan_set([("t.Open", (), RANGES)])
    user = plan_set(
        [
            ("t.User", (field(1, "open", MESSAGE, PRESENCE, "t.Open"),), 0),
            ("t.Above", (field(1, "user", MESSAGE, PRESENCE, "t.User"),), 0),
        ],
        imports=[ranged],
    )
    assert ranged.needs_required(0) and user.needs_required(0) and user.needs_required(1)
