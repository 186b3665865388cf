"""The contract: extensions, and the set of messages that is encoded as groups."""

import pytest

from .refusal import refused


@pytest.fixture(params=["proto2", "editions"])
def files(request, two, edition):
    """The classes of a file that has extensions."""
    return two if request.param == "proto2" else edition


def test_getting_and_setting(files):
    message, ext = files.Extended(), files.ext
    assert message.Extensions[ext["x_int"]] == 0 and message.Extensions[ext["x_text"]] == ""
    assert not message.HasExtension(ext["x_int"]) and len(message.Extensions) == 0
    message.Extensions[ext["x_int"]] = 5
    message.Extensions[ext["x_text"]] = "x"
    message.Extensions[ext["x_color"]] = "BLUE"
    assert message.Extensions[ext["x_int"]] == 5 and message.Extensions[ext["x_color"]] == 2
    assert message.HasExtension(ext["x_int"]) and len(message.Extensions) == 3
    assert message.SerializeToString() == b"\xc0\x3e\x05\xca\x3e\x01x\xe8\x3e\x02"


def test_messages_and_lists(files):
    message, ext = files.Extended(), files.ext
    child = message.Extensions[ext["x_sub"]]
    assert child == files.Sub() and not message.HasExtension(ext["x_sub"])
    child.a = 1
    assert message.HasExtension(ext["x_sub"]) and message.Extensions[ext["x_sub"]] is child
    message.Extensions[ext["x_ints"]].extend([1, 2])
    message.Extensions[ext["x_subs"]].add(a=3)
    message.Extensions[ext["x_texts"]].append("x")
    assert len(message.Extensions) == 4
    again = files.Extended.FromString(message.SerializeToString())
    assert again == message and again.Extensions[ext["x_ints"]] == [1, 2]
    assert again.Extensions[ext["x_subs"]][0].a == 3
    again.Extensions[ext["x_sub"]].a = 9
    assert again != message


def test_extensions_of_a_parsed_message(files):
    message = files.Extended.FromString(b"\xc0\x3e\x05\x08\x01\xda\x3e\x02\x01\x02\xd8\x3e\x03")
    assert message.a == 1 and message.Extensions[files.ext["x_int"]] == 5
    assert message.Extensions[files.ext["x_ints"]] == [1, 2, 3]
    assert [field.name for field, _ in message.ListFields()] == ["a", "x_int", "x_ints"]
    assert len(message.Extensions) == 2
    message.Extensions[files.ext["x_int"]] = 6
    assert files.Extended.FromString(message.SerializeToString()) == message


def test_iterating(files):
    message, ext = files.Extended(a=1), files.ext
    message.Extensions[ext["x_text"]] = "x"
    message.Extensions[ext["x_int"]] = 5
    message.Extensions[ext["x_sub"]]  # absent, though held by nobody
    assert {field.name for field in message.Extensions} == {"x_int", "x_text"}
    assert ext["x_int"] in message.Extensions and ext["x_color"] not in message.Extensions
    assert ext["x_ints"] not in message.Extensions
    assert message.Extensions == message.Extensions
    assert message.Extensions != files.Extended(a=1).Extensions


def test_clearing(files):
    message, ext = files.Extended(), files.ext
    message.Extensions[ext["x_int"]] = 5
    message.Extensions[ext["x_ints"]].append(1)
    child = message.Extensions[ext["x_sub"]]
    child.a = 3
    del message.Extensions[ext["x_int"]]
    del message.Extensions[ext["x_int"]]
    message.ClearExtension(ext["x_ints"])
    message.ClearExtension(ext["x_sub"])
    child.a = 4
    assert message == files.Extended() and len(message.Extensions) == 0
    message.Extensions[ext["x_int"]] = 0
    assert message.HasExtension(ext["x_int"])
    message.Clear()
    assert not message.HasExtension(ext["x_int"])


def test_wrong_values(files):
    message, ext = files.Extended(), files.ext
    for name, value, error in (
        ("x_int", "a", TypeError), ("x_int", 2**31, ValueError), ("x_text", 3, TypeError),
        ("x_text", b"\xff", ValueError), ("x_color", "NOPE", ValueError),
        ("x_sub", files.Sub(), TypeError), ("x_ints", [1], TypeError), ("x_subs", [], TypeError),
    ):  # fmt: skip
        with refused(error):
            message.Extensions[ext[name]] = value
    assert message == files.Extended()


def test_wrong_keys(files):
    message = files.Extended()
    for key in (3, "x_int", None, files.Extended.DESCRIPTOR.fields_by_name["a"],
                files.All.DESCRIPTOR.fields_by_name["f_int32"]):  # fmt: skip
        for attempt in (
            lambda k: message.Extensions[k],
            lambda k: message.Extensions.__setitem__(k, 1),
            message.Extensions.__delitem__,
            message.Extensions.__contains__,
            message.HasExtension,
            message.ClearExtension,
        ):
            with refused(KeyError):
                attempt(key)
    with refused(KeyError):
        message.HasExtension(files.ext["x_ints"])


def test_extensions_of_other_types(two):
    message = two.Extended()
    with refused(KeyError):
        message.Extensions[two.ext["s_sub"]]
    with refused(KeyError):
        message.HasExtension(two.ext["s_sub"])
    with refused(AttributeError):
        two.All().Extensions
    for method in (two.All().HasExtension, two.All().ClearExtension):
        with refused(KeyError):
            method(two.ext["x_int"])


def test_finding(files):
    extensions = files.Extended().Extensions
    name = files.ext["x_int"].full_name
    assert extensions._FindExtensionByName(name) is files.ext["x_int"]
    assert extensions._FindExtensionByNumber(1001) is files.ext["x_text"]
    assert extensions._FindExtensionByName("no.such") is None
    assert extensions._FindExtensionByNumber(9) is None


def test_extensions_inside_a_class(files):
    extension = files.Extended.x_nested
    assert extension.full_name.endswith("Extended.x_nested")
    assert files.Extended.X_NESTED_FIELD_NUMBER == 1100
    message = files.Extended()
    message.Extensions[extension] = 3
    assert message.SerializeToString() == b"\xe0\x44\x03"


def test_merging_and_copying(files):
    ext = files.ext
    message, other = files.Extended(a=1), files.Extended()
    message.Extensions[ext["x_ints"]].append(1)
    message.Extensions[ext["x_sub"]].a = 1
    other.Extensions[ext["x_ints"]].append(2)
    other.Extensions[ext["x_sub"]].b = "x"
    other.Extensions[ext["x_int"]] = 5
    message.MergeFrom(other)
    assert message.Extensions[ext["x_ints"]] == [1, 2]
    assert message.Extensions[ext["x_sub"]] == files.Sub(a=1, b="x")
    message.CopyFrom(other)
    assert message == other
    message.inner.CopyFrom(other)
    assert message != other and message.inner == other
    assert f"[{ext['x_int'].full_name}]: 5\n" in str(other)


# -- message sets --------------------------------------------------------------------------------

SET = b"\x0b\x10\x88\x27\x1a\x02\x08\x05\x0c"


def test_a_set_of_messages(two):
    message, extension = two.Set(), two.ext["s_sub"]
    message.Extensions[extension].a = 5
    assert message.SerializeToString() == SET and message.ByteSize() == len(SET)
    again = two.Set.FromString(SET)
    assert again == message and again.Extensions[extension].a == 5
    again.Extensions[extension].a = 6
    assert again.SerializeToString() == SET[:-2] + b"\x06\x0c"
    assert str(message) == f"[{extension.full_name}] {{\n  a: 5\n}}\n"


def test_a_set_in_another_order(two):
    """The message before its number."""
    message = two.Set.FromString(b"\x0b\x1a\x02\x08\x05\x10\x88\x27\x0c")
    assert message.Extensions[two.ext["s_sub"]].a == 5 and message.SerializeToString() == SET


def test_a_set_with_unknown_members(two):
    unknown = b"\x0b\x10\x07\x1a\x02\x08\x05\x0c"
    message = two.Set.FromString(unknown + SET)
    assert message.Extensions[two.ext["s_sub"]].a == 5
    assert message.SerializeToString() == SET + unknown
    message.DiscardUnknownFields()
    assert message.SerializeToString() == SET


def test_missing_fields_in_a_set(two):
    message = two.Set()
    message.Extensions[two.ext["s_required"]].must = 1
    assert not message.IsInitialized()
    assert message.FindInitializationErrors() == ["s_required.last"]
    data = message.SerializePartialToString()
    assert two.Set.FromString(data) == message
