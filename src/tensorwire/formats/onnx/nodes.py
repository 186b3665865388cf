"""NodeProto as `Node`, its attributes as Python values."""

from __future__ import annotations

from tensorwire.formats.onnx import attribute_kinds as kinds
from tensorwire.formats.onnx.value_types import type_value
from tensorwire.formats.onnx.walk import inner_scope, tensor_name
from tensorwire.graph import AttributeReference, Node
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tensorwire.formats.onnx.tensor_maker import TensorMaker

__all__ = ["OnnxNode", "attribute_value"]


class OnnxNode(Node):
    """A node that reads its message when asked. ``index``, ``scope``, ``path``: where it stands."""

    __slots__ = ("_index", "_maker", "_message", "_path", "_scope")

    def __init__(self, message: Any, index: int, maker: TensorMaker, scope: str, path: str) -> None:
        self._message = message
        self._index = index
        self._maker = maker
        self._scope = scope
        self._path = path

    @property
    def op_type(self) -> str:
        return text(self._message.op_type)

    @property
    def domain(self) -> str:
        return text(self._message.domain)

    @property
    def name(self) -> str:
        return text(self._message.name)

    @property
    def inputs(self) -> Sequence[str]:
        return [text(name) for name in self._message.input]

    @property
    def outputs(self) -> Sequence[str]:
        return [text(name) for name in self._message.output]

    @property
    def doc_string(self) -> str:
        return text(self._message.doc_string)

    @property
    def attributes(self) -> dict[str, object]:
        """By name, in file order; made anew on each access. Of a name used twice, the last."""
        node = self._message
        return {
            text(attribute.name): attribute_value(
                attribute,
                self._maker,
                tensor_name(node, attribute),
                self._scope,
                inner_scope(node, self._index, attribute, self._scope),
                f"{self._path}.node[{self._index}].attribute[{j}]",
            )
            for j, attribute in enumerate(node.attribute)
        }


def attribute_value(
    attribute: Any, maker: TensorMaker, name: str, scope: str, inner: str, path: str
) -> object:
    """The Python value of an AttributeProto; None for one that has neither value nor type.

    ``name`` is what a tensor in it is called, ``inner`` the scope of graphs in it. Text that is not
    UTF-8 keeps its bytes as surrogate escapes.
    """
    if attribute.ref_attr_name:
        return AttributeReference(text(attribute.ref_attr_name))
    kind = kinds.kind_of(attribute)
    if kind in _PLAIN:
        return _PLAIN[kind](attribute)
    if kind in (kinds.GRAPH, kinds.GRAPHS):
        return _graphs(attribute, kind, maker, inner, path)
    return _tensors(attribute, kind, maker, name, scope, path)


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


def _graphs(attribute: Any, kind: int, maker: TensorMaker, inner: str, path: str) -> object:
    from tensorwire.formats.onnx.graphs import graph

    if kind == kinds.GRAPH:
        return graph(attribute.g, maker, inner, f"{path}.g")
    return [
        graph(message, maker, f"{inner}.{i}", f"{path}.graphs[{i}]")
        for i, message in enumerate(attribute.graphs)
    ]


def _tensors(
    attribute: Any, kind: int, maker: TensorMaker, name: str, scope: str, path: str
) -> object:
    """Tensors as such; a type to come, which has a number that we do not know, as None."""
    if kind == kinds.TENSOR:
        return maker.make(attribute.t, name, scope, f"{path}.t")
    if kind == kinds.SPARSE_TENSOR:
        return maker.make_sparse(attribute.sparse_tensor, name, scope, f"{path}.sparse_tensor")
    if kind == kinds.TENSORS:
        return [
            maker.make(message, f"{name}.{i}", scope, f"{path}.tensors[{i}]")
            for i, message in enumerate(attribute.tensors)
        ]
    if kind == kinds.SPARSE_TENSORS:
        return [
            maker.make_sparse(message, f"{name}.{i}", scope, f"{path}.sparse_tensors[{i}]")
            for i, message in enumerate(attribute.sparse_tensors)
        ]
    return None
