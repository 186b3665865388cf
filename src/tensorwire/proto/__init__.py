"""Protocol Buffers: schemas, verified views of encoded messages, and their bytes without copying.

What upstream's classes do not have is a function here, never a method: field names own the
namespace of a message.
"""

from __future__ import annotations

import tensorwire.proto.hooks  # noqa: F401  messages print and pickle from here on
from tensorwire.proto.access import changed, gather, parse, put, raw, run, unknown_fields, view
from tensorwire.proto.foreign import from_upstream, to_upstream
from tensorwire.proto.install import install, installed
from tensorwire.proto.schema import Schema
from tensorwire.proto.upstream import message_class
from tensorwire.proto.write import serialize, write

__all__ = [
    "Schema",
    "changed",
    "from_upstream",
    "gather",
    "install",
    "installed",
    "message_class",
    "parse",
    "put",
    "raw",
    "run",
    "serialize",
    "to_upstream",
    "unknown_fields",
    "view",
    "write",
]
