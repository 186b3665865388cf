"""Protocol Buffers: schemas, verified views of encoded messages, and their bytes without copying.

Classes: `Schema`, `message_class`, `install`; messages and upstream's: `to_upstream`,
`from_upstream`; their bytes: `parse`, `raw`, `view`, `put`, `serialize`, `write`; many of them as
arrays: `decode_batch`, `columns`, `Decoder`, `scan`, `encode_batch`; TensorFlow's ops: `tf`.

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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.proto import tf
    from tensorwire.proto.batch_encoding import encode_batch
    from tensorwire.proto.decoder import Decoder, columns, decode_batch
    from tensorwire.proto.scanning import Scan, scan

# Where what is loaded on first use lies: columns are no part of reading a model.
_LATER = {
    "Decoder": "tensorwire.proto.decoder",
    "Scan": "tensorwire.proto.scanning",
    "columns": "tensorwire.proto.decoder",
    "decode_batch": "tensorwire.proto.decoder",
    "encode_batch": "tensorwire.proto.batch_encoding",
    "scan": "tensorwire.proto.scanning",
    "tf": "tensorwire.proto.tf",
}

__all__ = [
    "Decoder",
    "Scan",
    "Schema",
    "changed",
    "columns",
    "decode_batch",
    "encode_batch",
    "from_upstream",
    "gather",
    "install",
    "installed",
    "message_class",
    "parse",
    "put",
    "raw",
    "run",
    "scan",
    "serialize",
    "tf",
    "to_upstream",
    "unknown_fields",
    "view",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found = importlib.import_module(_LATER[name])
    if name != "tf":  # a module itself
        found = getattr(found, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(globals().keys() | _LATER.keys())
