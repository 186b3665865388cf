"""Abuses of the memory of changed messages: code that runs where nobody expects any."""

import contextlib
import gc
import itertools
import sys

import numpy as np
import pytest

from tensorwire import proto
from tensorwire._core.source import Source

from . import contract_schemas
from .refusal import refused

two = contract_schemas.ours("proto2")
ERRORS = (IndexError, ValueError, RuntimeError, TypeError, KeyError)


def instances(cls) -> int:
    """How many messages of a class there are, give or take a constant: each holds the class."""
    gc.collect()
    return sys.getrefcount(cls)


# -- classes without a way in ----------------------------------------------------------------------


def test_containers_and_iterators_cannot_be_made_from_nothing():
    message = contract_schemas.ours("proto2").Extended()
    full = two.All(r_int32=[1], subs=[{}], m_text_int={"a": 1})
    for made in (full.r_int32, full.subs, full.m_text_int, iter(full.r_int32), message.Extensions):
        for cls in type(made).__mro__[:-1]:
            if cls.__name__ != "Node":
                with refused(TypeError):
                    cls.__new__(cls)
                with refused(TypeError):
                    object.__new__(cls)
        with refused(AttributeError):
            made.__setstate__((None,))


# -- buffers whose end runs code -------------------------------------------------------------------


class Farewell(bytearray):
    """A buffer that calls ``last`` when its last user lets go of it."""

    last = None

    def __del__(self):
        last, self.last = self.last, None
        if last is not None:
            last()


def start(parsed):
    message = two.All(
        subs=[{"a": 1, "b": "x"}, {"a": 2}], r_int32=[1, 2, 3], m_text_sub={"k": {"a": 1}},
        r_string=["a", "b"], all={"f_int32": 1}, m_text_int={"a": 1},
    )  # fmt: skip
    return two.All.FromString(message.SerializeToString()) if parsed else message


CHANGES = {
    "clear": lambda m, held: m.Clear(),
    "clear a field": lambda m, held: [m.ClearField(name) for name in ("subs", "p_sub", "all")],
    "set": lambda m, held: (setattr(m, "p_int", 3), setattr(m, "f_int32", 5)),
    "set the same": lambda m, held: (setattr(m, "p_bytes", b"x"), setattr(m, "f_bytes", b"y")),
    "set by a child": lambda m, held: [setattr(child, "a", 7) for child in held],
    "keep children": lambda m, held: held.extend([m.p_sub, m.sub, *m.subs]),
    "keep and set": lambda m, held: (held.append(m.p_sub), setattr(m.p_sub, "a", 1)),
    "let go": lambda m, held: held.clear(),
    "parse": lambda m, held: m.ParseFromString(start(False).SerializeToString()),
    "merge": lambda m, held: m.MergeFrom(start(False)),
    "copy": lambda m, held: m.CopyFrom(two.All(subs=[{"a": 9}] * 9, p_sub={"a": 8})),
    "grow": lambda m, held: [m.subs.add(a=1) for _ in range(20)],
    "empty": lambda m, held: (m.subs.clear(), m.r_string.clear(), m.m_text_sub.clear()),
    "add to maps": lambda m, held: (m.m_text_sub["n"], m.m_text_int.update(z=1)),
}

ATTEMPTS = {
    "set over": lambda m, held: (setattr(m, "f_bytes", b"z"), setattr(m, "p_bytes", b"z")),
    "set another member": lambda m, held: setattr(m, "p_int", 4),
    "set a member's field": lambda m, held: setattr(m.p_sub, "a", 4),
    "mark a member": lambda m, held: m.p_sub.SetInParent(),
    "set a held member's field": lambda m, held: setattr(held[0], "b", "q"),
    "parse into a member": lambda m, held: m.p_sub.MergeFromString(b"\x08\x01"),
    "merge into a member": lambda m, held: m.p_sub.MergeFrom(two.Sub(a=1)),
    "clear": lambda m, held: m.Clear(),
    "clear a field": lambda m, held: [m.ClearField(name) for name in ("f_bytes", "pick")],
    "parse": lambda m, held: m.ParseFromString(start(False).SerializeToString()),
    "copy": lambda m, held: m.CopyFrom(start(False)),
    "copy nothing": lambda m, held: m.CopyFrom(two.All()),
    "merge": lambda m, held: m.MergeFrom(two.All(p_int=1, f_bytes=b"")),
    "discard": lambda m, held: m.DiscardUnknownFields(),
}


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_buffer_that_changes_the_message_that_lets_go_of_it(attempt, parsed):
    before = instances(two.Sub), instances(two.All)
    names = ("p_bytes",), ("f_bytes", "p_bytes")
    for change, fields in itertools.product(CHANGES.values(), names):
        message = start(parsed)
        held = [message.p_sub, message.sub, *message.subs, message.m_text_sub["k"]]
        field, mapping = message.subs, message.m_text_sub
        for name in fields:
            buffer = Farewell(b"buffer")
            buffer.last = lambda message=message, held=held, change=change: change(message, held)
            proto.put(message, name, buffer)
            del buffer
        with contextlib.suppress(*ERRORS):
            attempt(message, held)
        assert len(field) == len(list(field)) and len(mapping) == len(dict(mapping))
        for child in held:
            child.a = 3
        assert two.All.FromString(message.SerializeToString()) == message
        message.Clear()
        held.clear()
        del message, field, mapping
    child = None
    assert (instances(two.Sub), instances(two.All)) == before


def test_a_buffer_that_uses_elements_of_a_message_that_ends():
    for outer in (False, True):
        message = two.All(subs=[{}], m_text_sub={"k": {}}, all={"subs": [{}]})
        held = [message.subs.add(), message.subs[0], message.m_text_sub["k"], message.all.subs[0]]
        held += [two.All.FromString(message.SerializeToString()).subs[0]]

        def last(held=held):
            for child in held:
                child.a = 5
                child.sub.a = 6

        buffer = Farewell(b"buffer")
        buffer.last = last
        proto.put(message.all if outer else message, "f_bytes", buffer)
        del buffer, message
        assert [child.sub.a for child in held] == [6] * len(held)


def test_a_buffer_that_was_put_and_is_released():
    message = two.All()
    proto.put(message, "f_bytes", bytearray(b"before"))
    proto.run(message, "f_bytes")[0].release()
    assert message.f_bytes == b"before"
    assert message.SerializeToString() == two.All(f_bytes=b"before").SerializeToString()


# -- the collector ---------------------------------------------------------------------------------


class Trash:
    """Garbage whose end changes the message, and makes more garbage so many times."""

    def __init__(self, act, left):
        self.act, self.left, self.me = act, left, self

    def __del__(self):
        if self.left:
            Trash(self.act, self.left - 1)
        self.act()


COLLECTED = {
    "copy": lambda m: two.All().CopyFrom(m),
    "copy itself": lambda m: m.CopyFrom(start(False)),
    "append itself": lambda m: m.alls.append(m),
    "merge itself": lambda m: m.MergeFrom(m),
    "read a map": lambda m: (dict(m.m_text_sub), dict(m.m_text_int)),
    "change a map": lambda m: (m.m_text_sub["q"], m.m_text_int.update(z=3)),
    "delete elements": lambda m: (m.subs.__delitem__(slice(0, 2)), m.r_string.pop()),
    "replace elements": lambda m: m.r_string.__setitem__(slice(0, 2), ["p", "q", "r"]),
    "clear fields": lambda m: [m.ClearField(name) for name in ("subs", "m_text_sub", "r_string")],
    "iterate": lambda m: ([child.a for child in m.subs], list(m.r_string), m.subs[::2]),
    "array": lambda m: (np.asarray(m.r_int32), np.asarray(m.r_string)),
    "payload": lambda m: (proto.gather(m, "r_int32"), proto.gather(m, "subs")),
    "unknown": lambda m: m.MergeFromString(b"\xf8\x7f\x01"),
    "list": lambda m: (m.ListFields(), m.FindInitializationErrors()),
    "discard": lambda m: m.DiscardUnknownFields(),
    "serialise": lambda m: (m.SerializeToString(deterministic=True), m.ByteSize(), m == m),
    "parse": lambda m: m.ParseFromString(start(False).SerializeToString()),
}


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize("attempt", COLLECTED.values(), ids=COLLECTED)
def test_garbage_that_changes_the_message_when_it_is_collected(attempt, parsed):
    enabled, thresholds = gc.isenabled(), gc.get_threshold()
    try:
        for change, edited in itertools.product(CHANGES.values(), (False, True)):
            message = start(parsed)
            if edited:
                message.r_string.append("c")
                message.subs.add(a=3)
                message.r_int32.append(4)
                message.m_text_sub["k"].a = 5
            held = [message.sub, *message.subs]
            gc.enable()
            Trash(lambda message=message, held=held, change=change: change(message, held), 12)
            gc.freeze()                    # nothing but what is made from here on is looked at
            gc.set_threshold(1)
            with contextlib.suppress(*ERRORS):
                attempt(message)
            gc.set_threshold(*thresholds)
            gc.unfreeze()
            gc.collect()
            for child in held:
                child.a = 3
            assert two.All.FromString(message.SerializeToString()) == message
    finally:
        gc.set_threshold(*thresholds)
        (gc.enable if enabled else gc.disable)()


# -- objects that are not what they seem -----------------------------------------------------------


class Decoding(bytes):
    """Bytes whose ``decode`` gives anything."""

    answer = None

    def decode(self, *args, **kwargs):
        return self.answer


def test_bytes_for_a_string_are_decoded_without_asking_them():
    for answer in (memoryview(b"x" * 1000)[::-1], 5, None, [], memoryview(b"")):
        text = Decoding(b"text")
        text.answer = answer
        message = two.All(f_string=text, r_string=[text], m_text_int={text: 1}, p_text=text)
        message.m_int_text[1] = text
        assert message == two.All(
            f_string="text", r_string=["text"], m_text_int={"text": 1}, p_text="text",
            m_int_text={1: "text"},
        )  # fmt: skip


class Lying(np.ndarray):
    """An array of two dimensions that says it has one."""

    ndim = 1
    size = 4


def test_an_array_that_lies_about_its_shape():
    message = two.All()
    message.r_int32.extend(np.arange(4000, dtype=np.int32).reshape(4, 1000).view(Lying))
    assert list(message.r_int32) == list(range(4000))


class Clearing:
    """An index that empties the field before it answers."""

    def __init__(self, field, value):
        self.field, self.value = field, value

    def __index__(self):
        del self.field[:]
        return self.value


@pytest.mark.parametrize("name", ["r_int32", "r_string", "subs"])
def test_a_step_that_empties_the_field_that_is_sliced(name):
    for parsed in (False, True):
        message = start(parsed)
        field = getattr(message, name)
        field.extend([field[0]] * 3)
        with refused(IndexError):
            field[:: Clearing(field, 2)]


# -- bytes that are gone, or others ----------------------------------------------------------------


def test_an_iterator_whose_message_gets_other_bytes():
    run = b"\x0a\x00" + b"\x08" * 2000
    data = bytes(bytearray(run[:2])) + two.Packed(doubles=[1.5] * 300).SerializeToString()
    for copies in (1, 2):
        message = two.Packed.FromString(bytes(data * copies))
        iterator = iter(message.int32s)
        message.CopyFrom(two.Packed(doubles=[2.5]))
        assert list(iterator) == []
        message.int32s.append(4)
        assert list(message.int32s) == [4]


def test_an_element_whose_bytes_become_those_of_another_field():
    memory = np.frombuffer(two.All(subs=[{"a": 1}, {"a": 2}]).SerializeToString(), np.uint8).copy()
    entry = two.All(m_int_sub={1: {}}).SerializeToString()
    assert len(entry) > 2
    for changed in (False, True):
        message = proto.parse(two.All, Source(memory, borrow=True))
        held = message.subs[0]
        if changed:
            held.a = 5
        before = memory.copy()
        tag = two.All(alls=[{}]).SerializeToString()[:2]
        memory[:2] = list(tag)
        with contextlib.suppress(*ERRORS):
            assert type(message.alls[0]) is two.All
        tag = entry[:2]
        memory[:2] = list(tag)
        for _ in range(3):
            with contextlib.suppress(*ERRORS):
                message.m_int_sub[5].a = 1
        memory[:] = before
        held.a = 6
        del held
        message.SerializeToString()
