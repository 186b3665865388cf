"""Messages of the two worlds: upstream's made from ours, and ours from upstream's, by bytes."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from tensorwire._core.message import Message
from tensorwire.proto import seams
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    M = TypeVar("M")

# Our pool: an upstream pool with the same files.
_twins: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def to_upstream(message: M) -> M:
    """The same message, of upstream's own class. One that is upstream's already is returned itself.

    Of a schema that did not come from upstream, the class is the one of that full name that was
    imported, or else one made for the purpose.
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
    """Upstream's class for a message of either world."""
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message as UpstreamMessage

    cls = type(message)
    if not isinstance(message, Message):
        if not isinstance(message, UpstreamMessage):
            raise TypeError(f"a message is needed, not {cls.__name__}")
        return cls
    descriptor: Any = cls.DESCRIPTOR
    if not isinstance(descriptor, Descriptor):
        descriptor = _upstream_descriptor(descriptor)
    return seams.original("GetMessageClass")(descriptor)


def _upstream_descriptor(description: Any) -> Any:
    """Upstream's descriptor of the type that a description of ours is about."""
    from google.protobuf.descriptor_pool import Default

    try:
        return Default().FindMessageTypeByName(description.full_name)
    except KeyError:
        return _twin(description.file.pool).FindMessageTypeByName(description.full_name)


def _twin(pool: Any) -> Any:
    from google.protobuf.descriptor_pool import DescriptorPool

    with seams.lock:
        if pool not in _twins:
            _twins[pool] = DescriptorPool()
        for file in pool.files():  # imports first; what is there already stays as it is
            _twins[pool].AddSerializedFile(file.serialized_pb)
        return _twins[pool]
