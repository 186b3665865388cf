"""AttributeProto as a Python value."""

from __future__ import annotations

from tensorwire.formats.onnx import attribute_kinds as kinds
from tensorwire.formats.onnx.value_types import type_value
from tensorwire.formats.onnx.walk import item_name
from tensorwire.graph import AttributeReference
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tensorwire.formats.onnx.tensor_maker import TensorMaker

__all__ = ["Site", "attribute_value"]


class Site:
    """Where an attribute stands: what a tensor in it is called, and its scope; the scope of graphs
    in it; its field path.
    """

    __slots__ = ("inner", "name", "path", "scope")

    def __init__(self, name: str, scope: str, inner: str, path: str) -> None:
        self.name = name
        self.scope = scope
        self.inner = inner
        self.path = path


def attribute_value(attribute: Any, maker: TensorMaker, site: Callable[[], Site]) -> object:
    """The Python value of an AttributeProto; None for one that has neither value nor type.

    ``site`` is asked only about tensors and graphs: most attributes hold neither. Text that is not
    UTF-8 keeps its bytes as surrogate escapes.
    """
    if attribute.ref_attr_name:
        return AttributeReference(text(attribute.ref_attr_name))
    kind = kinds.kind_of(attribute)
    if kind in _PLAIN:
        return _PLAIN[kind](attribute)
    return _NESTING[kind](attribute, maker, site())


_PLAIN: dict[int, Callable[[Any], object]] = {
    kinds.UNDEFINED: lambda _: None,
    kinds.FLOAT: lambda attribute: attribute.f,
    kinds.INT: lambda attribute: attribute.i,
    kinds.STRING: lambda attribute: text(attribute.s),
    kinds.FLOATS: lambda attribute: list(attribute.floats),
    kinds.INTS: lambda attribute: list(attribute.ints),
    kinds.STRINGS: lambda attribute: [text(value) for value in attribute.strings],
    kinds.TYPE_PROTO: lambda attribute: type_value(attribute.tp),
    kinds.TYPE_PROTOS: lambda attribute: [type_value(tp) for tp in attribute.type_protos],
}


def _tensor(attribute: Any, maker: TensorMaker, site: Site) -> object:
    return maker.make(attribute.t, site.name, site.scope, f"{site.path}.t")


def _tensors(attribute: Any, maker: TensorMaker, site: Site) -> object:
    return [
        maker.make(message, item_name(site.name, i), site.scope, f"{site.path}.tensors[{i}]")
        for i, message in enumerate(attribute.tensors)
    ]


def _sparse_tensor(attribute: Any, maker: TensorMaker, site: Site) -> object:
    path = f"{site.path}.sparse_tensor"
    return maker.make_sparse(attribute.sparse_tensor, site.name, site.scope, path)


def _sparse_tensors(attribute: Any, maker: TensorMaker, site: Site) -> object:
    return [
        maker.make_sparse(
            message, item_name(site.name, i), site.scope, f"{site.path}.sparse_tensors[{i}]"
        )
        for i, message in enumerate(attribute.sparse_tensors)
    ]


def _graph(attribute: Any, maker: TensorMaker, site: Site) -> object:
    from tensorwire.formats.onnx.graphs import graph

    return graph(attribute.g, maker, site.inner, f"{site.path}.g")


def _graphs(attribute: Any, maker: TensorMaker, site: Site) -> object:
    from tensorwire.formats.onnx.graphs import graph

    return [
        graph(message, maker, item_name(site.inner, i), f"{site.path}.graphs[{i}]")
        for i, message in enumerate(attribute.graphs)
    ]


_NESTING: dict[int, Callable[[Any, TensorMaker, Site], object]] = {
    kinds.TENSOR: _tensor,
    kinds.TENSORS: _tensors,
    kinds.SPARSE_TENSOR: _sparse_tensor,
    kinds.SPARSE_TENSORS: _sparse_tensors,
    kinds.GRAPH: _graph,
    kinds.GRAPHS: _graphs,
}
