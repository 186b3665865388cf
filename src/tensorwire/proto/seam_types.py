"""The replacements for what upstream calls. Importing this imports upstream ``protobuf``."""

from __future__ import annotations

import sys

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message as UpstreamMessage

from tensorwire._core.message import Message
from tensorwire._core.parse import set_default_depth
from tensorwire.limits import DEFAULT
from tensorwire.proto import seams
from tensorwire.proto.access import unknown_fields
from tensorwire.proto.unknown import UnknownFieldSet as OurUnknownFieldSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Makes the classes of all modules generated since protoc 3.20; older ones make theirs themselves.
BUILDER = "google.protobuf.internal.builder"

# What upb's switch sets: UINT16_MAX. Source: protobuf 7.36, python/message.c.
UPB_DEEPEST = 2**16 - 1


class _EitherWorld(type):
    """Makes ``isinstance`` true of what belongs to either world."""

    def __instancecheck__(cls, instance: Any) -> bool:
        ours = isinstance(instance, type) and issubclass(instance, Message)
        ours = ours or isinstance(instance, OurUnknownFieldSet)
        return ours or isinstance(instance, seams.original(cls.__name__))


class GeneratedProtocolMessageType(type, metaclass=_EitherWorld):
    """Called by generated code for each message class, nested ones first."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        descriptor = namespace.get("DESCRIPTOR")
        module = _importing()
        report = seams.claim(module)
        usual = bases in {(), (UpstreamMessage,)} and isinstance(descriptor, Descriptor)
        if report is None or not usual or _adds(descriptor, namespace):
            return seams.original(cls.__name__)(name, bases, namespace)
        return seams.make(descriptor, report, module)


def _importing() -> str:
    """The name of the module that makes a class, itself or through upstream's builder.

    ``__module__`` of a class is what protoc was told, and wrong where a project moved its modules.
    """
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") == BUILDER:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__"))


def _adds(descriptor: Any, namespace: dict[str, Any]) -> bool:
    """Whether a class body has something of its own, which our classes have no room for."""
    return not (seams.ORDINARY | set(descriptor.nested_types_by_name)).issuperset(namespace)


def GetMessageClass(descriptor: Any) -> Any:  # noqa: N802 - upstream's name
    """The class of a descriptor: the one its module has, else ours if all are to be ours."""
    made = seams.made(descriptor) if isinstance(descriptor, Descriptor) else None
    if made is not None:
        return made
    report = seams.claim(None)
    # Where upb has made no class yet, `hasattr` is false; plain access would raise SystemError.
    known = not isinstance(descriptor, Descriptor) or hasattr(descriptor, "_concrete_class")
    if report is None or known or descriptor.file.name == "google/protobuf/descriptor.proto":
        return seams.original("GetMessageClass")(descriptor)
    return seams.make(descriptor, report)


class UnknownFieldSet(metaclass=_EitherWorld):
    """Upstream's set of unknown fields, of messages of both worlds."""

    def __new__(cls, message: Any) -> Any:
        if isinstance(message, Message):
            return unknown_fields(message)
        return seams.original(cls.__name__)(message)


def SetAllowOversizeProtos(allow: bool) -> Any:  # noqa: N802 - upstream's name
    """Upb's switch for messages that nest deeper than 100 levels, turned for both worlds."""
    answer = seams.original("SetAllowOversizeProtos")(allow)
    set_default_depth(UPB_DEEPEST if allow else DEFAULT.depth)
    return answer
