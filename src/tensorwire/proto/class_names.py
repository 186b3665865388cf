"""The names of classes made from upstream's descriptors: pickles find classes by them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Upstream's file descriptor: the module that has its classes. Of one, the first to ask.
_modules: dict[Any, str] = {}


def note_module(file: Any, module: str) -> None:
    """Records where the classes of a file will be found. Classes made before keep their names."""
    _modules.setdefault(file, module)


def names_of(descriptor: Any) -> dict[str, str]:
    """``__module__`` and ``__qualname__`` for the class of a message type."""
    module = _modules.get(descriptor.file) or _of_upstreams_class(descriptor)
    return {
        "__module__": module or _generated_by_protoc(descriptor.file.name),
        "__qualname__": _without_package(descriptor),
    }


def _of_upstreams_class(descriptor: Any) -> str | None:
    """The module of the class that upstream has made, if it has; one made on demand has none.

    Where upb has made no class, `getattr` gives the default; plain access raises SystemError.
    """
    module = getattr(getattr(descriptor, "_concrete_class", None), "__module__", None)
    return module if isinstance(module, str) else None


def _generated_by_protoc(file: str) -> str:
    """The module that protoc makes of a file.

    Source: protobuf's compiler/python/helpers.cc, ``ModuleName``.
    """
    return file.removesuffix(".proto").replace("-", "_").replace("/", ".") + "_pb2"


def _without_package(descriptor: Any) -> str:
    package = descriptor.file.package
    return str(descriptor.full_name[len(package) + 1 if package else 0 :])
