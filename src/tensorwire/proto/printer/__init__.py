"""Schemas as ``.proto`` text, which compiles to an equal schema."""

from tensorwire.proto.printer.files import proto_text

__all__ = ["proto_text"]
