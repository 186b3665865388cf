"""Where upstream makes its classes, and what stands there while `install` is in force.

Everything here asks `claim` who wants a class, so that a replacement which somebody kept does what
upstream's did once nobody wants any.
"""

from __future__ import annotations

from importlib import import_module
from threading import RLock

from tensorwire.proto.class_names import note_module
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.proto.install import Report

# Upstream's C code takes its own classes only where it is given descriptions of descriptors
# (descriptor_pool.Add, CopyToProto), so this module stays upstream's.
EXEMPT = "google.protobuf.descriptor_pb2"

#: What may stand in a generated class besides its nested classes. A class body adds the others.
ORDINARY = {"DESCRIPTOR", "__module__", "__qualname__", "__doc__", "__firstlineno__",
            "__static_attributes__"}  # fmt: skip

#: (module, attribute) of upstream, looked up there by upstream at every use.
SEAMS = (
    ("google.protobuf.reflection", "GeneratedProtocolMessageType"),
    ("google.protobuf.message_factory", "GetMessageClass"),
    ("google.protobuf.unknown_fields", "UnknownFieldSet"),
    ("google._upb._message", "SetAllowOversizeProtos"),
)

lock = RLock()
reports: list[Report] = []

_originals: dict[str, Any] = {}
_made: dict[Any, Any] = {}  # upstream's descriptor: our class, for those that a seam has made


def original(attribute: str) -> Any:
    """What upstream has under that name, whether it is replaced or not."""
    if attribute in _originals:
        return _originals[attribute]
    module = next(module for module, name in SEAMS if name == attribute)
    return getattr(import_module(module), attribute)


def put() -> None:
    """Puts the replacements in place. REQUIRES: `lock` held."""
    from tensorwire.proto import seam_types

    for target, name in _present():
        replacement = getattr(seam_types, name)
        if getattr(target, name) is not replacement:
            _originals[name] = getattr(target, name)
            setattr(target, name, replacement)


def take() -> None:
    """Puts upstream's own back, where nobody else has put something. REQUIRES: `lock` held."""
    from tensorwire.proto import seam_types

    for target, name in _present():
        if getattr(target, name) is getattr(seam_types, name):
            setattr(target, name, _originals[name])


def _present() -> Iterator[tuple[Any, str]]:
    """The modules that are there, each with the attribute: the one of upb is only with upb."""
    from contextlib import suppress

    for module, name in SEAMS:
        with suppress(ModuleNotFoundError):
            yield import_module(module), name


def claim(module: str | None) -> Report | None:
    """The installation that wants the classes of a module. None: of a class that has no module."""
    if module == EXEMPT:
        return None
    for report in tuple(reports):
        if matches(report.only, module):
            return report
    return None


def matches(only: tuple[str, ...] | None, module: str | None) -> bool:
    """Whether a module is among those asked for by globs; None asks for all."""
    if only is None:
        return True
    from fnmatch import fnmatchcase  # slow to import: it brings `re`

    return module is not None and any(fnmatchcase(module, glob) for glob in only)


def made(descriptor: Any) -> Any:
    """Our class for a descriptor, if a seam has made it, else None."""
    return _made.get(descriptor)


def make(descriptor: Any, report: Report, module: str | None = None) -> Any:
    """Our class for a descriptor, made for ``report``."""
    if module is not None:
        note_module(descriptor.file, module)
    cls = message_class(descriptor)
    with lock:
        _made[descriptor] = cls
        if module is not None:
            report.note(module)
    return cls
