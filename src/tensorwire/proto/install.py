"""install(): from here on, generated modules get our classes."""

from __future__ import annotations

import sys

from tensorwire._core.message import Message
from tensorwire.errors import TensorwireWarning
from tensorwire.proto import seams
from tensorwire.proto.upstream_version import require_tested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

SHOWN = 5  # names of late modules in the warning


def install(only: str | Iterable[str] | None = None) -> Report:
    """Lets every generated ``_pb2`` module imported from now on have our message classes.

    For applications; libraries use `message_class`, which changes nothing global. ``only`` holds
    globs of module names (``*``, ``?``, ``[...]``), as in ``sys.modules``. None is all, and then
    what `message_factory` makes for descriptors without a module is ours too.
    ``google.protobuf.descriptor_pb2`` stays upstream's, and so does what reads ``_concrete_class``
    of a descriptor: upstream's service classes, which it has deprecated.

    Calling it again with the same ``only`` returns the same report. Modules imported before keep
    upstream's classes: `Report.too_late`, and one `TensorwireWarning`.
    Threads: locked; classes are made under upstream's own import locks.
    Raises: ``RuntimeError`` for a version of ``protobuf`` that is not tested, ``ImportError``
    where there is none.
    """
    globs = None if only is None else (only,) if isinstance(only, str) else tuple(only)
    require_tested()
    with seams.lock:
        for report in seams.reports:
            if report.only == globs:
                return report
        report = Report(globs, tuple(_late(globs)))
        _warn(report.too_late)  # before anything changes: a filter may make it an error
        seams.put()
        seams.reports.append(report)
    return report


def installed() -> bool:
    """Whether an installation is in force."""
    return bool(seams.reports)


class Report:
    """One installation: what it has done, and how to end it. Ends itself after a ``with`` block."""

    __slots__ = ("_active", "only", "too_late")

    def __init__(self, only: tuple[str, ...] | None, too_late: tuple[str, ...]) -> None:
        #: The globs asked for; None is all.
        self.only = only
        #: Modules asked for that were imported before, and keep upstream's classes.
        self.too_late = too_late
        self._active: dict[str, None] = {}

    @property
    def active(self) -> tuple[str, ...]:
        """The modules that have our classes from this installation, in order of import."""
        return tuple(self._active)

    def note(self, module: str) -> None:
        """Adds a module to `active`."""
        self._active.setdefault(module)

    def undo(self) -> None:
        """Ends the installation: new modules get upstream's classes; those made keep working."""
        with seams.lock:
            if self in seams.reports:
                seams.reports.remove(self)
            if not seams.reports:
                seams.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.undo()

    def __repr__(self) -> str:
        state = "in force" if self in seams.reports else "ended"
        return f"<proto.install {state}: {len(self.active)} modules, {len(self.too_late)} too late>"


def _warn(late: tuple[str, ...]) -> None:
    if late:
        import warnings

        names = ", ".join(late[:SHOWN])
        more = f" and {len(late) - SHOWN} more" if len(late) > SHOWN else ""
        text = f"imported before proto.install(), so upstream's classes stay in {names}{more}"
        warnings.warn(text, TensorwireWarning, stacklevel=3)


def _late(only: tuple[str, ...] | None) -> Iterator[str]:
    """Names of the modules asked for that have upstream's message classes already."""
    from google.protobuf.descriptor import FileDescriptor

    for name, module in sorted(sys.modules.items()):
        names = vars(module) if isinstance(module, type(sys)) else {}
        file = names.get("DESCRIPTOR")
        if name == seams.EXEMPT or not isinstance(file, FileDescriptor):
            continue
        classes = [names.get(message) for message in file.message_types_by_name]
        theirs = any(isinstance(cls, type) and not issubclass(cls, Message) for cls in classes)
        if theirs and seams.matches(only, name):
            yield name
