"""Messages in text format, read by upstream's parser."""

from __future__ import annotations

from tensorwire.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["encoder_of_text"]


def encoder_of_text(cls: type[Any]) -> Callable[[Any], bytes]:
    """What turns a message of that class from text into its encoding.

    Raises: ``ImportError`` without the extra ``tensorwire[protobuf]``; the function itself
    ``DecodeError`` for what is no such text.
    """
    try:
        from google.protobuf import text_format
        from google.protobuf.message import EncodeError
        from google.protobuf.message_factory import GetMessageClass
    except ImportError as error:
        raise ImportError(
            "text format is read by upstream's parser: pip install 'tensorwire[protobuf]'"
        ) from error
    upstream = GetMessageClass(_descriptor(cls))

    def encoded(text: Any) -> bytes:
        try:
            message = text_format.Parse(text, upstream())
            data: bytes = message.SerializeToString()
        except text_format.ParseError as error:
            raise DecodeError(f"no text of {upstream.DESCRIPTOR.full_name}: {error}", 0) from None
        except EncodeError as error:
            raise DecodeError(str(error), 0) from None
        return data

    return encoded


def _descriptor(cls: type[Any]) -> Any:
    from tensorwire.proto.pool import Pool
    from tensorwire.proto.twins import upstream_descriptor

    descriptor: Any = cls.DESCRIPTOR
    if isinstance(descriptor.file.pool, Pool):
        return upstream_descriptor(descriptor)
    return descriptor
