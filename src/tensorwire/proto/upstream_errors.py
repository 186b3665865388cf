"""One error for both worlds. Importing this imports upstream ``protobuf``."""

from __future__ import annotations

from google.protobuf.message import DecodeError as ProtobufDecodeError
from google.protobuf.message import EncodeError as ProtobufEncodeError

from tensorwire.errors import DecodeError, EncodeError


class UpstreamEncodeError(EncodeError, ProtobufEncodeError):
    """Raised by classes made from upstream's: caught under either name."""


class UpstreamDecodeError(DecodeError, ProtobufDecodeError):
    """Raised by classes made from upstream's: caught under either name, pickles with everything."""

    encode_error = UpstreamEncodeError

    def __str__(self) -> str:
        """Upstream's words first: programs and upstream's tests look for them."""
        return f"Error parsing message: {super().__str__()}"
