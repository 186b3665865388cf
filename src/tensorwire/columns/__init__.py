"""Columns: many records as flat arrays with offsets, whatever format the records have.

This layer knows paths, arrays and Arrow, and no wire format: an engine walks the bytes and hands
over the tree of `tensorwire.columns.data`. `tensorwire.proto` and `tensorwire.flat` make `Columns`;
the other names are what their options, results and errors are made of.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.binary import BinaryColumn
    from tensorwire.columns.column import Column
    from tensorwire.columns.columns import Columns
    from tensorwire.columns.errors import RowError
    from tensorwire.columns.paths import PathError

__all__ = ["ArrowOptions", "BinaryColumn", "Column", "Columns", "PathError", "RowError"]

_LATER = {
    "ArrowOptions": "tensorwire.columns.arrow.options",
    "BinaryColumn": "tensorwire.columns.binary",
    "Column": "tensorwire.columns.column",
    "Columns": "tensorwire.columns.columns",
    "PathError": "tensorwire.columns.paths",
    "RowError": "tensorwire.columns.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found = getattr(importlib.import_module(_LATER[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(globals().keys() | _LATER.keys())
