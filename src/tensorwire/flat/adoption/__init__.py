"""adopt(): generated classes read by native methods, without being generated anew."""

from __future__ import annotations

import sys
from types import ModuleType

from tensorwire.flat import patching
from tensorwire.flat.adoption.classes import Recogniser
from tensorwire.flat.adoption.later import Later
from tensorwire.flat.adoption.verification import schemas
from tensorwire.flat.reports import Report

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.flat.schema import Schema


def adopt(what: ModuleType | type, *, schema: Schema | None = None) -> Report:
    """Puts native methods in the place of those that flatc generated, in a class, a module, or a
    package and all that is imported from it.

    Recognised are the few shapes that flatc writes, by the source of each method, which the loader
    of its module has to give; nothing else is touched. A native method does what it replaces does,
    errors included, on buffers that nothing has verified, and calls it for everything odd. While
    anything is adopted, `install` is in force too. The report says what stays as it is, and why;
    its `undo` puts back the methods that were there before. ``schema`` is for `verify_root`,
    and for its ``force_align``, which flatc does not tell Python: what is written by adopted
    functions and by ``Pack`` then lies as it asks.

    Raises: ``TypeError`` for what is neither module nor class, ``ImportError`` without flatbuffers.
    Threads: locked.
    """
    if not isinstance(what, (ModuleType, type)):
        raise TypeError(f"a module or class that flatc generated is needed, not {what!r}")
    with patching.lock:
        return _Adoption(what, schema).report


class _Adoption:
    """One call of `adopt`: what it changed."""

    def __init__(self, what: ModuleType | type, schema: Schema | None) -> None:
        self._schema = schema
        self._changes: list[tuple[Any, str, Any, Any]] = []  # owner, name, old, new
        self._registered: list[type] = []
        self._adopted: list[str] = []
        self._left_alone: list[tuple[str, str]] = []
        self._recogniser = Recogniser(None if schema is None else schema.declarations)
        self._later: Later | None = None
        self._installation = patching.hold()
        if isinstance(what, type):
            self._take_class(what)
        else:
            for module in _modules(what):
                self._take_module(module)
            if hasattr(what, "__path__"):
                self._later = Later(what.__name__, self._found)
                self._later.start()
        self.report = Report("adopt", self._adopted, self._left_alone, self._end)

    def _found(self, module: ModuleType) -> None:
        """A module of the package was imported."""
        with patching.lock:
            if self._later is not None:
                self._take_module(module)

    def _take_module(self, module: ModuleType) -> None:
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                self._take_class(value)
        self._replace(module, module.__name__, self._recogniser.functions(module))

    def _take_class(self, cls: type) -> None:
        dotted = f"{cls.__module__}.{cls.__qualname__}"
        if self._schema is not None and cls not in schemas:
            schemas[cls] = self._schema
            self._registered.append(cls)
        self._replace(cls, dotted, self._recogniser.methods(cls))

    def _replace(self, owner: Any, dotted: str, found: Iterator[tuple[str, Any]]) -> None:
        """Replaces what was recognised, or notes why it was not."""
        foreign = _foreign(owner)
        for name, native in found:
            if foreign or isinstance(native, str):
                self._left_alone.append((f"{dotted}.{name}", foreign or native))
            else:
                self._changes.append((owner, name, vars(owner)[name], native))
                setattr(owner, name, native)
                self._adopted.append(f"{dotted}.{name}")

    def _end(self, _report: Report) -> None:
        with patching.lock:
            if self._later is not None:
                self._later.stop()
                self._later = None
            for owner, name, old, new in reversed(self._changes):
                if vars(owner).get(name) is new:
                    setattr(owner, name, old)
            self._changes.clear()
            for cls in self._registered:
                schemas.pop(cls, None)
            self._installation.undo()


def _modules(what: ModuleType) -> list[ModuleType]:
    """A module, and of a package those of its modules that are imported by now."""
    inside = f"{what.__name__}."
    return [
        module
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and (module is what or name.startswith(inside))
    ]


def _foreign(owner: ModuleType | type) -> str | None:
    """Why what uses a `flatbuffers` of its own is left alone; None if it uses upstream's."""
    name = owner.__module__ if isinstance(owner, type) else owner.__name__
    used = getattr(sys.modules.get(name), "flatbuffers", None)
    if used is None:
        # Creators of a package lie in modules that import it inside of functions only.
        return None if isinstance(owner, ModuleType) else "its module has no flatbuffers"
    if used is not sys.modules.get("flatbuffers") or patching.genuine("flatbuffers"):
        return f"its flatbuffers is {used.__name__}, another package's own copy"
    return None
