"""Modules of an adopted package that are imported later."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


class Later:
    """A finder of modules: calls ``found`` with each module of a package after it was executed.

    It finds nothing itself, but lets the finders behind it find, and stands in for the loader.
    """

    def __init__(self, package: str, found: Callable[[ModuleType], None]) -> None:
        self._inside = f"{package}."
        self._found = found

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(self._inside):
            return None
        finders = list(sys.meta_path)
        behind = finders[finders.index(self) + 1 :] if self in finders else []
        for finder in behind:
            spec: Any = getattr(finder, "find_spec", lambda *_: None)(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, self._found)
                return spec  # type: ignore[no-any-return]
        return None

    def start(self) -> None:
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _Loader:
    """The module's own loader, until the module is executed."""

    def __init__(self, loader: Any, found: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._found = found

    def create_module(self, spec: ModuleSpec) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._found(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
