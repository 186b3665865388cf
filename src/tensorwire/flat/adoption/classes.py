"""Native methods in the place of a generated class's own."""

from __future__ import annotations

from functools import partial
from types import FunctionType

from tensorwire._core.flat_accessors import Accessor
from tensorwire._core.flat_runtime import Table
from tensorwire._core.flat_targets import Target
from tensorwire.flat.adoption.builder_functions import (
    BuilderFunctions,
    forced_alignments,
    is_builder_function,
)
from tensorwire.flat.adoption.creators import creator_of, is_creator
from tensorwire.flat.adoption.expressions import Evaluator
from tensorwire.flat.adoption.packing import packer_of
from tensorwire.flat.adoption.patterns import Patterns
from tensorwire.flat.adoption.shapes import base_of
from tensorwire.flat.adoption.sources import Sources
from tensorwire.flat.adoption.unpacking import MAKERS, maker_of, unpacker_of
from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any

    from tensorwire.flat.adoption.shapes import Shape
    from tensorwire.flat.declarations import Declarations

    Found = Iterator[tuple[str, Any]]  # (name, what is native), or (name, why nothing is)


class Recogniser:
    """Looks at classes; keeps what it has learnt of one for the next."""

    def __init__(self, declarations: Declarations | None) -> None:
        self._sources = Sources()
        forced = {} if declarations is None else forced_alignments(declarations)
        self._builders = BuilderFunctions(self._sources, forced)
        self._patterns = Patterns(self._sources, Table)

    def methods(self, cls: type) -> Found:
        """What may be replaced in a class: accessors, and methods of the object API."""
        for name, value in list(vars(cls).items()):
            make = self._maker(cls, name, value)
            if make is not None:
                yield name, _attempt(make)

    def functions(self, module: ModuleType) -> Found:
        """What may be replaced in a module: creators of unions, and what uses a builder."""
        for name, value in list(vars(module).items()):
            if is_creator(name, value) and value.__module__ == module.__name__:
                yield name, _attempt(partial(creator_of, value, self._sources))
            elif is_builder_function(value) and value.__module__ == module.__name__:
                yield name, _attempt(partial(self._builders.native, value))

    def _maker(self, cls: type, name: str, value: Any) -> Callable[[], Any] | None:
        """What makes the native form of an attribute; None where there is none."""
        if isinstance(value, classmethod) and name in MAKERS:
            return partial(maker_of, cls, value, MAKERS[name], self._sources)
        if not isinstance(value, FunctionType):
            return None
        if name == "_UnPack":
            return partial(unpacker_of, cls, value, self._sources)
        if name == "Pack":
            return partial(packer_of, value, self._sources, self._builders)
        if "_tab" in value.__code__.co_names:
            return partial(self._accessor, cls, value)
        return None

    def _accessor(self, cls: type, function: FunctionType) -> Accessor:
        shape = self._patterns.shape_of(function)
        return Accessor(
            cls,
            function,
            shape.kind,
            slot=shape.slot,
            base=base_of(shape.flags) if shape.flags else 0,
            stride=shape.stride,
            length=self._length(cls, shape) if shape.length else 0,
            default=shape.default,
            target=_target(shape, function) if shape.target else None,
        )

    def _length(self, cls: type, shape: Shape) -> int:
        """What a method returns that tells the length of a fixed array: always the same."""
        function = vars(cls).get(shape.length)
        if isinstance(function, FunctionType):
            node = self._sources.tree_of(function)
            word, value = Evaluator(node, {}, Table).block(node.body)[:2]
            if word == "constant" and type(value) is int:
                return value
        raise Unrecognised(f"not of flatc's shapes: {shape.length}")


def _attempt(make: Callable[[], Any]) -> Any:
    """What is made, or why not."""
    try:
        return make()
    except (Unrecognised, TypeError, ValueError) as why:
        return str(why)


def _target(shape: Shape, function: FunctionType) -> Target:
    assert shape.target is not None  # noqa: S101  for the type checker
    module, path = shape.target
    names = function.__globals__ if module is None else None
    return Target(names, module, path[0], path[1:])
