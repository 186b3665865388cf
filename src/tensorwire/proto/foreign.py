"""Messages of the two worlds: upstream's made from ours, and ours from upstream's, by bytes."""

from __future__ import annotations

from tensorwire._core.message import Message
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    M = TypeVar("M")


def to_upstream(message: M) -> M:
    """The same message, of upstream's own class. One that is upstream's already is returned itself.

    Of a schema that did not come from upstream, the class is the one of that full name that was
    imported, or else one made for the purpose.
    Copies: the encoded bytes, once, and again what upstream copies on parsing.
    Raises: ``TypeError`` for what is no message, ``google.protobuf.message.DecodeError`` where
    upstream refuses what ours allows: more than 100 levels, a field of 2 GiB; ``ImportError``
    where there is no upstream.
    """
    cls = _class_for(message)
    if type(message) is cls:
        return message
    if isinstance(message, Message):  # a field may be called as a method is
        return cls.FromString(Message.SerializePartialToString(message))  # type: ignore[no-any-return]
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
    """Upstream's class for a message of either world."""
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message as UpstreamMessage

    from tensorwire.proto import seams

    cls = type(message)
    if not isinstance(message, Message):
        if not isinstance(message, UpstreamMessage):
            raise TypeError(f"a message is needed, not {cls.__name__}")
        return cls
    descriptor: Any = cls.DESCRIPTOR
    if not isinstance(descriptor, Descriptor):
        from tensorwire.proto.twins import upstream_descriptor

        descriptor = upstream_descriptor(descriptor)
    return seams.original("GetMessageClass")(descriptor)
