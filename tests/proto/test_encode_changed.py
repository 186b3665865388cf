"""What is written of changed messages: the same calls on ours and upstream's, the same bytes."""

import random
import sys

import pytest

from tensorwire._core.encode import byte_size, equal, ranges, serialize
from tensorwire._core.payload import is_canonical

from . import oracle, schemas
from .contract_schemas import classes
from .editing import Editing
from .effort import generators, named
from .encode import nested, number, run
from .generate import Generator

NAMES = ("proto2", "proto3")


def check(ours, theirs) -> bytes:
    expected = theirs.SerializePartialToString(deterministic=True)
    assert serialize(ours, True) == expected
    assert byte_size(ours) == len(expected)
    assert b"".join(ranges(ours, True)) == expected
    return expected


@pytest.mark.parametrize("name", NAMES)
def test_random_changes(name):
    both = schemas.BY_NAME[name]
    descriptor, checked = both.theirs["All"].DESCRIPTOR, 0
    for seed, rng in generators(250):
        generator = Generator(rng, rng.choice((0, 0, 0.1, 0.3)))
        data = generator.message(descriptor, rng.choice((0, 3, 8, 40)), rng.choice((1, 2, 3)))
        if oracle.verify(data, descriptor).reason is not None:
            continue
        ours, theirs = both.ours["All"].FromString(data), both.theirs["All"].FromString(data)
        editing = Editing(rng)
        with named(seed):
            for _ in range(5):
                editing.change([ours, theirs], rng.choice((1, 1, 3, 10)))
                check(ours, theirs)
                checked += 1
            assert equal(ours, both.ours["All"].FromString(serialize(ours)))
    assert checked > 500


def canonical(name: str, elements: int):
    """Both worlds' message with many elements, ours canonical."""
    both = schemas.BY_NAME[name]
    theirs = both.theirs["All"]()
    for i in range(elements):
        theirs.subs.add(s_int32=i, s_string=f"element {i}", r_int32=[i, 1])
    theirs.s_int64, theirs.far = 5, "last"
    data = theirs.SerializeToString()
    ours = both.ours["All"].FromString(data)
    assert is_canonical(ours)
    return ours, theirs


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_element_among_many(name):
    ours, theirs = canonical(name, 2000)
    for each in (ours, theirs):
        each.subs[777].s_string = "changed"
    check(ours, theirs)
    assert len(ranges(ours)) <= 4
    for each in (ours, theirs):
        each.subs[0].Clear()
        each.subs[1999].s_int32 = 0
        each.subs[1998].subs.add()
        each.subs[778].ClearField("s_string")
    check(ours, theirs)


@pytest.mark.parametrize("name", NAMES)
def test_elements_that_come_and_go(name):
    ours, theirs = canonical(name, 2000)
    for each in (ours, theirs):
        del each.subs[1000]
        each.subs.add(s_int32=-1)
        each.subs[5].s_int32 = 55
        each.subs.append(each.subs[3])
    check(ours, theirs)
    assert len(ranges(ours)) <= 6
    for each in (ours, theirs):
        each.subs.reverse()
        each.s_int64 = 6
    check(ours, theirs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["s_int32", "s_bytes", "subs", "far", "m_string_all", "c_text"])
def test_a_field_put_among_those_that_are_there(field, name):
    """Unknown fields stay last, whatever their number."""
    both = schemas.BY_NAME[name]
    for known in (b"", number(3, 1), number(3, 1) + run(82, run(1, b"k") + run(2, b"v"))):
        data = known + number(19, 1) + number(36, 2)
        messages = [both.ours["All"].FromString(data), both.theirs["All"].FromString(data)]
        for each in messages:
            if field == "subs":
                each.subs.add(s_int32=5)
            elif field == "m_string_all":
                each.m_string_all["key"].s_int32 = 5
            else:
                setattr(each, field, {"s_int32": 5, "s_bytes": b"x"}.get(field, "text"))
        assert check(*messages).endswith(number(19, 1) + number(36, 2))


@pytest.mark.parametrize("name", NAMES)
def test_map_values_that_change(name):
    both = schemas.BY_NAME[name]
    entries = [run(80, run(1, f"k{i}".encode()) + run(2, number(5, i))) for i in range(50)]
    messages = [cls["All"].FromString(b"".join(entries)) for cls in (both.ours, both.theirs)]
    for each in messages:
        each.m_string_all["k7"].s_string = "changed"
        each.m_string_all["new"].sub.s_int32 = 1
        del each.m_string_all["k8"]
        each.m_int32_color[-1] = 2
    check(*messages)


def test_maps_without_an_order_asked_for_keep_that_of_insertion():
    message = schemas.PROTO3.ours["All"]()
    for key in ("b", "a", "c"):
        message.m_string_string[key] = key
    once = serialize(message)
    keys = [once[once.index(key.encode())] for key in ("b", "a", "c")]
    assert keys == [98, 97, 99] and once.index(b"b") < once.index(b"a") < once.index(b"c")
    assert serialize(message, True) != once


@pytest.mark.parametrize("syntax", ["proto2", "editions"])
def test_extensions_ascend_behind_all_other_fields(syntax):
    """Upstream puts them there as well, but in the order of insertion, or descending."""
    ours, theirs = classes("ours", syntax), classes("upb", syntax)
    message = ours.Extended.FromString(number(500, 1) + number(1005, 1))
    message.Extensions[ours.ext["x_subs"]].add(a=1)
    message.Extensions[ours.ext["x_int"]] = 5
    expected = number(1000, 5) + run(1004, number(1, 1)) + number(1005, 1) + number(500, 1)
    assert serialize(message) == serialize(message, True) == expected
    read = theirs.Extended.FromString(expected)
    assert sorted(read.SerializeToString()) == sorted(expected)
    again = ours.Extended.FromString(expected)
    assert is_canonical(again) and again == message
    again.Extensions[ours.ext["x_sub"]].a = 7
    assert serialize(again) == number(1000, 5) + run(1002, number(1, 7)) + expected[3:]


@pytest.mark.parametrize("name", NAMES)
def test_discarded_unknown_fields_are_not_written(name):
    inner = number(19, 1) + number(5, 1)
    data = inner + run(20, inner) + run(21, inner) + run(80, run(1, b"k") + run(2, inner))
    data += run(30, number(9, 1)) + run(74, b"\x07\x01")
    both = schemas.BY_NAME[name]
    messages = [both.ours["All"].FromString(data), both.theirs["All"].FromString(data)]
    for each in messages:
        each.DiscardUnknownFields()
        check_later = each.sub
        check_later.s_int64 = 3
    check(*messages)


def test_as_deep_as_memory_allows():
    """Neither writing, counting, comparing nor looking for required fields recurses."""
    levels = 50_000
    cls = schemas.PROTO2.ours["All"]
    root = message = cls()
    for _ in range(levels):
        message = message.sub
    message.s_int32 = 5
    data = serialize(root)
    assert byte_size(root) == len(data) and root.IsInitialized() and equal(root, root)
    assert b"".join(ranges(root)) == data
    assert data.endswith(nested(20, 3, number(5, 5)))
    assert sys.getrecursionlimit() < levels


def test_deep_bytes_that_are_not_canonical(tmp_path):
    from tensorwire import proto
    from tensorwire._core.source import Source
    from tensorwire.limits import Limits

    levels = 5000
    data = nested(20, levels, number(5, 5) + number(3, 1))
    cls = schemas.PROTO2.ours["All"]
    message = proto.parse(cls, Source(data), limits=Limits(depth=levels + 1))
    assert serialize(message) == nested(20, levels, number(3, 1) + number(5, 5))


@pytest.mark.parametrize("text", ["", "a", "é" * 3, "€" * 700, "x" * 2047, "x" * 2048, "y" * 10**6])
def test_strings_of_all_sizes(text):
    messages = [cls["All"]() for cls in (schemas.PROTO3.ours, schemas.PROTO3.theirs)]
    for each in messages:
        each.s_string = text
        each.sub.sub.s_bytes = text.encode()
        each.r_string.extend([text, "b", text])
        each.sub.r_bytes.append(text.encode())
    check(*messages)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 5000])
def test_numbers_of_all_sizes(count):
    rng = random.Random(count)
    for name in NAMES:
        both = schemas.BY_NAME[name]
        messages = [both.ours["All"](), both.theirs["All"]()]
        for kind in schemas.PACKABLE:
            if kind == "enum":
                continue
            values = [Editing(rng).value(messages[1].DESCRIPTOR.fields_by_name[f"s_{kind}"])
                      for _ in range(count)]  # fmt: skip
            for each in messages:
                getattr(each, f"p_{kind}").extend(values)
                getattr(each, f"r_{kind}").extend(values)
        check(*messages)
