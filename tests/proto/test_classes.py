"""Message classes as Python sees them: no subclasses, no collector, nothing lost or kept."""

import gc
import sys

import pytest

from tensorwire import proto
from tensorwire._core.message import Message
from tensorwire.formats.onnx import schema as onnx_table

from . import schemas
from .encode import number, run

All = schemas.PROTO2.ours["All"]
Need = schemas.PROTO2.ours["Need"]
MANY = 2000
DATA = run(20, run(20, number(5, 5)) + run(12, b"payload")) + run(21, number(5, 5)) * 100


def subclass():
    class Derived(All):
        __slots__ = ()

    return Derived


def mixed():
    class Mixed(dict, All):
        pass

    return Mixed


def rebased():
    class Free(list):
        pass

    Free.__bases__ = (All,)
    return Free


@pytest.mark.parametrize("derive", [subclass, mixed, rebased])
def test_classes_have_no_subclasses(derive):
    """Their instances are freed without a collector's header, which a subclass's would have."""
    with pytest.raises(TypeError, match="not an acceptable base type"):
        derive()
    assert All.__subclasses__() == []


@pytest.mark.parametrize(
    "make", [Message, lambda: Message.__new__(Message), lambda: object.__new__(All)]
)
def test_messages_are_made_by_the_classes_of_a_schema_only(make):
    for _ in range(MANY):
        with pytest.raises(TypeError, match=r"belongs to no schema|not safe"):
            make()


def test_the_collector_knows_the_class_and_no_message():
    held = All.FromString(DATA)
    children = [held.sub, held.subs[3]]
    gc.collect()
    assert not any(map(gc.is_tracked, (held, *children)))
    assert gc.is_tracked(All)
    # What a message holds is no referent, or the collector would count it as garbage's.
    assert [referent for referent in gc.get_referents(held) if referent is not All] == []


def test_messages_leave_the_counts_of_class_and_bytes_as_they_were():
    data = bytes(bytearray(DATA))
    All.FromString(data).subs[99]
    gc.collect()
    before = sys.getrefcount(All), sys.getrefcount(data)
    held = [All.FromString(data) for _ in range(MANY)]
    held += [message.sub for message in held] + [message.subs[7] for message in held]
    # A message holds its class and its bytes.
    assert sys.getrefcount(All) >= before[0] + len(held)
    assert sys.getrefcount(data) >= before[1] + len(held)
    gc.collect()
    assert {message.s_int32 for message in held[-MANY:]} == {5}
    del held
    gc.collect()
    assert (sys.getrefcount(All), sys.getrefcount(data)) == before


def test_a_message_in_a_cycle_goes_with_it():
    data = bytes(bytearray(DATA))
    before = sys.getrefcount(data)
    cycle = [All.FromString(data)]
    cycle.append(cycle)
    del cycle
    gc.collect()
    assert sys.getrefcount(data) == before


def test_the_classes_of_a_schema_go_with_it():
    gc.collect()
    before = len(Message.__subclasses__())
    schema = proto.Schema.from_table(onnx_table)
    message = schema["onnx.TensorProto"].FromString(run(8, b"name"))
    assert len(Message.__subclasses__()) == before + 1
    del schema
    gc.collect()
    assert (message.name, repr(message)) == ("name", 'name: "name"\n')
    del message
    gc.collect()
    assert len(Message.__subclasses__()) == before


def test_a_message_keeps_its_class():
    """Its plan belongs to that class, which keeps it."""
    message = All.FromString(DATA)
    with pytest.raises(TypeError, match="__class__ assignment"):
        message.__class__ = Need


FIXED = ("tensorwire.type", "sub", "__del__", "__bases__", "__class__", "__slots__", "__dict__")


@pytest.mark.parametrize("name", FIXED)
def test_what_a_class_relies_on_does_not_change(name):
    value = getattr(All, name, None)
    for change in (setattr, type.__setattr__):
        with pytest.raises(TypeError, match=r"cannot change|can't apply"):
            change(All, name, None)
    for change in (delattr, type.__delattr__):
        with pytest.raises(TypeError, match=r"cannot change|can't apply"):
            change(All, name)
    assert getattr(All, name, None) == value


def test_a_class_takes_attributes():
    """As upstream's classes do: onnx gives some of its own a ``__repr__``."""
    message, other = All(s_int32=3), Need()
    text = repr(message)
    All.__repr__ = lambda self: f"<{self.s_int32}>"
    All.added = property(lambda self: self.s_int32 + 1)
    try:
        assert (repr(message), message.added, repr(other)) == ("<3>", 4, "")
        with pytest.raises(TypeError, match="__class__ assignment"):
            message.__class__ = Need
    finally:
        del All.__repr__, All.added
    assert repr(message) == text and not hasattr(message, "added")
    with pytest.raises(AttributeError):
        del All.added


def test_no_code_runs_while_a_class_is_open():
    """The end of an attribute that is replaced might change the class of a message."""
    message, caught = All(), []

    class Last:
        def __del__(self):
            try:
                message.__class__ = Need
            except TypeError as error:
                caught.append(error)

    All.added = Last()
    All.added = None
    del All.added
    assert len(caught) == 1 and type(message) is All
