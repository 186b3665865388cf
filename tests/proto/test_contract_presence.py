"""The contract: presence, clearing, oneofs, and which writes make a child present."""

import pytest

from .contract_schemas import KINDS
from .refusal import refused

ZERO = {"string": "", "bytes": b"", "bool": False}


# -- HasField ------------------------------------------------------------------------------------


def test_explicit_presence(two, edition):
    for cls in (two.All, edition.All):
        for scalar in KINDS:
            name, message = f"f_{scalar}", cls()
            assert message.HasField(name) is False and name not in message
            setattr(message, name, ZERO.get(scalar, 0))
            assert message.HasField(name) is True and name in message
            message.ClearField(name)
            assert message == cls()


def test_optional_fields_of_proto3(three):
    for scalar in KINDS:
        name, message = f"o_{scalar}", three.All()
        assert not message.HasField(name) and not message.HasField(f"_{name}")
        assert message.WhichOneof(f"_{name}") is None
        setattr(message, name, ZERO.get(scalar, 0))
        assert message.HasField(name) and message.HasField(f"_{name}") and name in message
        assert message.WhichOneof(f"_{name}") == name
        message.ClearField(f"_{name}")
        assert message == three.All()


def test_implicit_presence_has_no_question(three, edition):
    for cls, name in ((three.All, "f_int32"), (three.All, "color"), (edition.All, "i_int32")):
        with refused(ValueError):
            cls().HasField(name)
        with refused(ValueError):
            cls().__contains__(name)


@pytest.mark.parametrize("name", ["subs", "r_int32", "m_text_int", "no_such_field", "", 3, None])
def test_what_has_no_presence(each, name):
    with refused(ValueError):
        each.All().HasField(name)
    with refused(ValueError):
        each.All().__contains__(name)


def test_names_may_be_bytes(each):
    message = each.All(sub={})
    assert message.HasField(b"sub") and b"sub" in message
    message.ClearField(b"sub")
    assert not message.HasField("sub")
    assert message.WhichOneof(b"pick") is None


def test_zero_under_implicit_presence_is_absent(three):
    message = three.All(f_int32=5, f_string="x", f_bool=True, color=2, f_double=1.0)
    message.f_int32, message.f_string, message.f_bool = 0, "", False
    message.color, message.f_double = 0, 0.0
    assert message.ByteSize() == 0 and message.ListFields() == []
    message.f_double = -0.0
    assert message.ByteSize() == 9 and len(message.ListFields()) == 1


# -- ClearField and Clear ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["no_such_field", "", 3, None])
def test_what_cannot_be_cleared(each, name):
    with refused(ValueError):
        each.All().ClearField(name)


def test_clear_field_of_every_kind(each):
    message = each.All(f_int32=1, sub={"a": 1}, subs=[{}], r_int32=[1], m_text_int={"a": 1},
                       m_text_sub={"a": {}}, f_string="x")  # fmt: skip
    for name in ("f_int32", "sub", "subs", "r_int32", "m_text_int", "m_text_sub", "f_string"):
        assert message.ClearField(name) is None
        message.ClearField(name)
    assert message == each.All() and message.ByteSize() == 0


def test_clear_of_everything(each):
    message = each.All(f_int32=1, sub={"a": 1}, p_int=1)
    message.MergeFromString(b"\xf8\x7f\x09")
    assert message.Clear() is None
    assert message == each.All() and message.ByteSize() == 0
    message.f_int32 = 2
    assert message == each.All(f_int32=2)


# -- oneofs --------------------------------------------------------------------------------------

MEMBERS = [("p_int", 0), ("p_text", ""), ("p_color", 2), ("p_bytes", b""), ("p_sub", None),
           ("p_other", None)]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), MEMBERS)
def test_a_member_replaces_the_others(each, name, value):
    for other, start in MEMBERS:
        message = each.All()
        for member, held in ((other, start), (name, value)):
            if held is None:
                getattr(message, member).SetInParent()
            else:
                setattr(message, member, held)
        assert message.WhichOneof("pick") == name and message.HasField("pick")
        assert [field.name for field, _ in message.ListFields()] == [name]
        assert not any(message.HasField(member) for member, _ in MEMBERS if member != name)


def test_a_replaced_member_reads_as_its_default(each):
    message = each.All(p_text="x")
    message.p_int = 1
    assert message.p_text == "" and message.WhichOneof("pick") == "p_int"
    assert message.p_sub == each.Sub() and message.WhichOneof("pick") == "p_int"


def test_oneofs_do_not_meet(each):
    message = each.All(p_int=1, q_bool=True)
    assert (message.WhichOneof("pick"), message.WhichOneof("second")) == ("p_int", "q_bool")
    message.q_double = 0.0
    assert (message.WhichOneof("pick"), message.WhichOneof("second")) == ("p_int", "q_double")


def test_clearing_oneofs(each):
    message = each.All(p_text="x")
    message.ClearField("p_int")  # not the member that is set
    assert message.WhichOneof("pick") == "p_text"
    message.ClearField("pick")
    assert message.WhichOneof("pick") is None and message.p_text == ""
    message.ClearField("pick")
    message.p_sub.a = 1
    message.ClearField("p_sub")
    assert not message.HasField("pick")


def test_the_names_of_oneofs(each):
    for name in ("no_such_oneof", "f_int32", "p_int", "", 3):
        with refused(ValueError, TypeError):
            each.All().WhichOneof(name)
    with pytest.raises(AttributeError):
        each.All().pick


def test_a_failed_assignment_switches_nothing(each):
    message = each.All(p_sub={"a": 1})
    child = message.p_sub
    for name, value in (("p_int", 2**31), ("p_text", b"\xff"), ("p_bytes", "x"), ("p_int", None)):
        with refused(TypeError, ValueError):
            setattr(message, name, value)
    assert message.p_sub is child and message.WhichOneof("pick") == "p_sub"


# -- writes that make a child present ------------------------------------------------------------

READS = {
    "a scalar": lambda child: child.a,
    "a grandchild": lambda child: child.sub.sub.a,
    "a container": lambda child: (len(child.c), list(child.subs), dict(child.m)),
    "a missing key": lambda child: (child.m.get("a"), "a" in child.m),
    "its size": lambda child: (child.ByteSize(), child.SerializeToString(), repr(child)),
    "its fields": lambda child: (child.ListFields(), child.HasField("sub")),
    "equality": lambda child: (child == child, child.c == [], child.m == {}),
    "itself onto itself": lambda child: child.CopyFrom(child),
    "an empty update": lambda child: child.m.update({}),
    "sorting nothing": lambda child: child.c.sort(),
}
WRITES = {
    "a default": lambda child: setattr(child, "a", 0),
    "SetInParent": lambda child: child.SetInParent(),
    "a grandchild": lambda child: setattr(child.sub.sub, "b", ""),
    "append": lambda child: child.c.append(0),
    "add": lambda child: child.subs.add(),
    "a map's value": lambda child: child.m["a"],
    "extend by nothing": lambda child: child.c.extend([]),
    "messages extended by nothing": lambda child: child.subs.extend([]),
    "CopyFrom of an empty one": lambda child: child.CopyFrom(type(child)()),
    "MergeFrom of an empty one": lambda child: child.MergeFrom(type(child)()),
    "MergeFromString of nothing": lambda child: child.MergeFromString(b""),
    "ParseFromString of nothing": lambda child: child.ParseFromString(b""),
    "Clear": lambda child: child.Clear(),
    "a slice": lambda child: child.c.__setitem__(slice(None), []),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_reading_a_child_does_not_set_it(each, read):
    message = each.All()
    read(message.sub)
    read(message.all.sub)
    assert not message.HasField("sub") and not message.HasField("all")
    assert message == each.All() and message.ByteSize() == 0


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_a_child_sets_every_ancestor(each, write):
    message = each.All()
    write(message.all.all.sub)
    assert message.HasField("all") and message.all.HasField("all")
    assert message.all.all.HasField("sub")
    other = each.All.FromString(message.SerializeToString())
    assert other == message


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_a_member_of_a_oneof_sets_it(each, write):
    message = each.All(p_int=5)
    write(message.p_sub)
    assert message.WhichOneof("pick") == "p_sub" and message.p_int == 0


def test_a_grandchild_sets_its_ancestors_later(each):
    message = each.All()
    child = message.all
    grandchild = child.sub
    field = grandchild.c
    assert not message.HasField("all")
    field.append(1)
    assert message == each.All(all={"sub": {"c": [1]}})
    assert message.all is child and child.sub is grandchild and grandchild.c is field


def test_a_failed_write_sets_nothing(each):
    message = each.All()
    attempts = (
        lambda: setattr(message.sub, "a", "x"),
        lambda: message.sub.c.append("x"),
        lambda: message.sub.c.extend(["x"]),
        lambda: message.sub.__setattr__("sub", None),
        lambda: message.sub.HasField("no_such_field"),
        lambda: message.sub.c.__setitem__(0, 1),
        lambda: message.sub.c.remove(1),
    )
    for attempt in attempts:
        with refused(TypeError, ValueError, AttributeError, IndexError):
            attempt()
        assert message.sub.ByteSize() == 0


# -- ListFields ----------------------------------------------------------------------------------


def test_list_fields_in_order_of_numbers(each):
    message = each.All(m_text_int={"a": 1}, p_int=3, r_int32=[1], sub={"a": 2}, f_int32=7,
                       subs=[{}], color=1)  # fmt: skip
    listed = message.ListFields()
    assert [field.name for field, _ in listed] == [
        "f_int32", "color", "r_int32", "sub", "subs", "p_int", "m_text_int",
    ]  # fmt: skip
    assert [field.number for field, _ in listed] == [1, 16, 21, 40, 41, 50, 60]
    values = {field.name: value for field, value in listed}
    assert values["sub"] is message.sub and values["r_int32"] == [1]
    assert values["m_text_int"] == {"a": 1}
    assert listed[0][0] is each.All.DESCRIPTOR.fields_by_name["f_int32"]


def test_list_fields_leaves_out_what_is_empty(each):
    message = each.All(r_int32=[1], m_text_int={"a": 1}, sub={"a": 1})
    message.r_int32.pop()
    del message.m_text_int["a"]
    message.sub.ClearField("a")
    message.subs
    assert [field.name for field, _ in message.ListFields()] == ["sub"]


def test_defaults_of_absent_fields(two):
    message = two.Defaults()
    assert (message.d_int, message.d_big, message.d_text) == (-42, 2**64 - 1, "hé")
    assert (message.d_bytes, message.d_color, message.d_bool) == (b"\0\xffx", 2, True)
    assert (message.d_double, message.d_float) == (float("inf"), -1.5)
    assert message.d_nan != message.d_nan
    assert message.ListFields() == []
    message.d_int = -42
    assert message.HasField("d_int") and message.SerializeToString() != b""
    message.d_int = 0
    message.ClearField("d_int")
    assert message.d_int == -42 and message == two.Defaults()
