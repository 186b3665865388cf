"""Messages of the two worlds: upstream's made from ours, and ours from upstream's, by bytes."""

from __future__ import annotations

from tensorwire._core.message import Message
from tensorwire.proto import seams
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    M = TypeVar("M")


def to_upstream(message: M) -> M:
    """The same message, of upstream's own class. One that is upstream's already is returned itself.

    Copies: the encoded bytes, once, and again what upstream copies on parsing.
    Raises: ``TypeError`` for what is no message, ``google.protobuf.message.DecodeError`` where
    upstream refuses what ours allows: more than 100 levels, a field of 2 GiB.
    """
    cls = _class_for(message)
    if type(message) is cls:
        return message
    return cls.FromString(message.SerializePartialToString())  # type: ignore[attr-defined, no-any-return]


def from_upstream(message: M) -> M:
    """The same message, of our class. One that is ours already is returned itself.

    Copies: the encoded bytes, once.
    Raises: ``TypeError`` for what is no upstream message, `tensorwire.DecodeError`.
    """
    cls = message_class(type(message))
    if type(message) is cls:
        return message
    return cls.FromString(message.SerializePartialToString())  # type: ignore[attr-defined, no-any-return]


def _class_for(message: Any) -> Any:
    """Upstream's class of a message of either world."""
    from google.protobuf.descriptor import Descriptor

    descriptor = getattr(type(message), "DESCRIPTOR", None)
    if not isinstance(descriptor, Descriptor):
        raise TypeError(f"a message is needed, not {type(message).__name__}")
    if not isinstance(message, Message):
        return type(message)
    return seams.original("GetMessageClass")(descriptor)
