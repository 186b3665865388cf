"""install(): upstream's `flatbuffers` package reads and builds by native code from here on.

Generated code looks up ``flatbuffers.table.Table``, ``flatbuffers.encode.Get`` and
``flatbuffers.Builder`` whenever it runs, so that what stands there may change at any time. Modules
generated with types take `Table` out at import: they get ours too, since one half of them asks
``isinstance(table, Table)`` about what the other half made.
"""

from __future__ import annotations

import sys
from importlib import import_module
from threading import RLock

from tensorwire.flat.declarations import SCALARS
from tensorwire.flat.reports import Report

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

# What the native code takes numbers by, beside flags: the packers with names of their own.
_PACKERS = {
    "boolean": "bool", "uoffset": "uint32", "soffset": "int32", "voffset": "uint16",
}  # fmt: skip
_FORMATS = {
    "bool": "?", "int8": "<b", "uint8": "<B", "int16": "<h", "uint16": "<H", "int32": "<i",
    "uint32": "<I", "int64": "<q", "uint64": "<Q", "float32": "<f", "float64": "<d",
}  # fmt: skip

#: Guards everything that `install` and `adopt` change.
lock = RLock()

_installed: list[Report] = []  # by `install`, oldest first
_in_force: list[Report] = []  # these, and those that `adopt` needs
_changes: list[tuple[ModuleType, str, Any, Any]] = []  # module, name, upstream's, ours


def install() -> Report:
    """Lets all code that uses upstream's `flatbuffers` get native tables and builders.

    Behaviour stays upstream's, errors included; buffers stay unverified, and every call looks
    whether what it reads lies inside. Calls nest: what was replaced is put back when each report is
    undone, or `uninstall` was called as often. A ``flatbuffers`` that is another package's own copy
    under that name (zlmdb) is left alone, and so is what somebody else has replaced before.

    Raises: ``ImportError`` where there is no `flatbuffers`.
    Threads: locked; objects made before keep working, and so do those made by it after its end.
    """
    with lock:
        report = hold()
        _installed.append(report)
    return report


def hold() -> Report:
    """As `install`, but for `uninstall`, which knows nothing of it. REQUIRES: `lock` held."""
    adopted, left_alone = _put()
    report = Report("install", adopted, left_alone, _end)
    _in_force.append(report)
    return report


def uninstall() -> None:
    """Undoes the newest `install` that is still in force. Does nothing without any."""
    with lock:
        if _installed:
            _installed[-1].undo()


def installed() -> bool:
    """Whether an installation is in force, be it for what was adopted."""
    return bool(_in_force)


def genuine(name: str) -> str | None:
    """Why a module of ``sys.modules`` is not upstream's of that name; None if it is."""
    module = sys.modules.get(name)
    if module is None:
        return "is not imported"
    own = getattr(module, "__name__", None)
    return None if own == name else f"is {own}, another package's own copy under that name"


def _end(report: Report) -> None:
    with lock:
        for reports in (_installed, _in_force):
            if report in reports:
                reports.remove(report)
        if not _in_force:
            _take()


def _put() -> tuple[list[str], list[tuple[str, str]]]:
    """Puts ours in place. The names of what is replaced now, and of what is not, with reasons."""
    _import_upstream()
    adopted: list[str] = []
    left_alone: list[tuple[str, str]] = []
    for module_name, name, replacement in _replacements():
        dotted = f"{module_name}.{name}"
        why = genuine(module_name) or _replace(sys.modules[module_name], name, replacement)
        if why is None:
            adopted.append(dotted)
        else:
            left_alone.append((dotted, why))
    return adopted, left_alone


def _import_upstream() -> None:
    try:
        import flatbuffers  # type: ignore[import-untyped]  # noqa: F401
    except ImportError as error:
        text = "flat.install() speeds up the package flatbuffers, which is absent: "
        raise ImportError(text + "pip install 'tensorwire[flatbuffers]'") from error
    if genuine("flatbuffers") is None:
        _bind()


def _replacements() -> Iterator[tuple[str, str, Any]]:
    """(module, name, ours)."""
    from tensorwire._core import flat_runtime

    yield "flatbuffers.table", "Table", flat_runtime.Table
    yield "flatbuffers", "Table", flat_runtime.Table
    for name in ("Get", "GetVectorAsNumpy", "Write"):
        yield "flatbuffers.encode", name, getattr(flat_runtime, name)
    try:
        builder = import_module("tensorwire._core.flat_builder").Builder
    except ImportError:
        return
    yield "flatbuffers.builder", "Builder", builder
    yield "flatbuffers", "Builder", builder


def _replace(module: ModuleType, name: str, replacement: Any) -> str | None:
    """Why it was not replaced, or None."""
    current = getattr(module, name, None)
    if current is replacement:
        return None
    if current is None:
        return "does not exist in this version of flatbuffers"
    if genuine(current.__module__) is not None or not current.__module__.startswith("flatbuffers."):
        return f"is {current.__module__}.{current.__qualname__}, which somebody put there"
    _change(module, name, current, replacement)
    if name == "Table":
        for other in _generated_with(current):
            _change(other, name, current, replacement)
    return None


def _change(module: ModuleType, name: str, old: Any, new: Any) -> None:
    setattr(module, name, new)
    _changes.append((module, name, old, new))


def _take() -> None:
    """Puts upstream's back, also into modules that were imported meanwhile."""
    tables = {id(new): (old, new) for _, name, old, new in _changes if name == "Table"}
    for old, new in tables.values():
        for module in _generated_with(new):
            setattr(module, "Table", old)  # noqa: B010  mypy knows no such attribute
    for module, name, old, new in reversed(_changes):
        if getattr(module, name, None) is new:
            setattr(module, name, old)
    _changes.clear()


def _generated_with(table: type) -> list[ModuleType]:
    """Modules that have taken that `Table` out of flatbuffers, as those generated with types do."""
    upstream = sys.modules["flatbuffers"]
    return [
        module
        for module in list(sys.modules.values())
        if isinstance(module, type(sys))
        and vars(module).get("Table") is table
        and vars(module).get("flatbuffers") is upstream
    ]


def _bind() -> None:
    """Tells the native code upstream's objects by which numbers are named."""
    from flatbuffers import number_types, packer

    from tensorwire._core.flat_runtime import bind

    flags = [
        (value, SCALARS[value.name])
        for name, value in vars(number_types).items()
        if name.endswith("Flags") and getattr(value, "name", None) in SCALARS
    ]
    packers = [
        (value, SCALARS[kind])
        for name, value in vars(packer).items()
        for kind in [_PACKERS.get(name, name)]
        if getattr(value, "format", None) == _FORMATS.get(kind, "")
    ]
    offsets = [getattr(number_types, f"{kind}OffsetTFlags") for kind in "USV"]
    bind(flags, packers, offsets)
