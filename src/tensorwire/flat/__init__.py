"""FlatBuffers: schemas, verification, views of buffers in place, and faster upstream classes."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.adoption import adopt
    from tensorwire.flat.patching import install, installed, uninstall

# Where what is loaded on first use lies.
_LATER = {
    "adopt": "tensorwire.flat.adoption",
    "install": "tensorwire.flat.patching",
    "installed": "tensorwire.flat.patching",
    "uninstall": "tensorwire.flat.patching",
}

__all__ = ["adopt", "install", "installed", "uninstall"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found = globals()[name] = getattr(importlib.import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted(globals().keys() | _LATER.keys())
