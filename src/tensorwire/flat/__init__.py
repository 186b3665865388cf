"""FlatBuffers: schemas, verified views of buffers in place, and faster upstream classes.

Schemas: `Schema`, whose ``root`` gives a view; beside its fields: `has`, `nested`, `flexbuffer`,
`offset`, `fields`; a whole view as plain values: `to_dict`; many of its fields as arrays:
`columns`; FlexBuffers: `from_flexbuffer`. Upstream's package: `install`, `uninstall`, `installed`
make its runtime native, `adopt` the classes that flatc generated; `verify_root` checks what such
a class was given.

What a view can be asked beside its fields is a function here, never a method: field names own the
namespace of a view.
"""

from __future__ import annotations

from tensorwire.flat.access import fields, flexbuffer, has, nested, offset
from tensorwire.flat.schema import Schema, Verification

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.adoption import adopt
    from tensorwire.flat.adoption.verification import verify_root
    from tensorwire.flat.dicts import to_dict
    from tensorwire.flat.flexbuffers import from_flexbuffer
    from tensorwire.flat.patching import install, installed, uninstall
    from tensorwire.flat.tabulate import columns

# Where what is loaded on first use lies.
_LATER = {
    "adopt": "tensorwire.flat.adoption",
    "columns": "tensorwire.flat.tabulate",
    "from_flexbuffer": "tensorwire.flat.flexbuffers",
    "install": "tensorwire.flat.patching",
    "installed": "tensorwire.flat.patching",
    "to_dict": "tensorwire.flat.dicts",
    "uninstall": "tensorwire.flat.patching",
    "verify_root": "tensorwire.flat.adoption.verification",
}

__all__ = [
    "Schema",
    "Verification",
    "adopt",
    "columns",
    "fields",
    "flexbuffer",
    "from_flexbuffer",
    "has",
    "install",
    "installed",
    "nested",
    "offset",
    "to_dict",
    "uninstall",
    "verify_root",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found = getattr(importlib.import_module(_LATER[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(globals().keys() | _LATER.keys())
