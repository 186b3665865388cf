"""GraphProto and FunctionProto as `Graph`."""

from __future__ import annotations

from functools import partial

from tensorwire.formats.onnx.attributes import Site, attribute_value
from tensorwire.formats.onnx.nodes import OnnxNode
from tensorwire.formats.onnx.value_types import value
from tensorwire.formats.onnx.walk import function_name, function_scope
from tensorwire.graph import Graph, Value
from tensorwire.sequence import LazySequence
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.formats.onnx.tensor_maker import TensorMaker
    from tensorwire.tensor import SparseTensor, Tensor

__all__ = ["function", "graph", "model_graph"]


def model_graph(model: Any, maker: TensorMaker) -> Graph:
    """The graph of a ModelProto, with the model's functions."""
    top = graph(model.graph, maker, "", "graph")
    top.functions = [
        function(message, maker, f"functions[{i}]") for i, message in enumerate(model.functions)
    ]
    return top


def graph(message: Any, maker: TensorMaker, scope: str, path: str) -> Graph:
    """The graph of a GraphProto at the field path ``path``, its tensors in ``scope``."""

    def initializer(i: int) -> Tensor:
        tensor = message.initializer[i]
        return maker.make(tensor, text(tensor.name), scope, f"{path}.initializer[{i}]")

    def sparse(i: int) -> SparseTensor:
        tensor = message.sparse_initializer[i]
        at = f"{path}.sparse_initializer[{i}]"
        return maker.make_sparse(tensor, text(tensor.values.name), scope, at)

    return Graph(
        text(message.name),
        nodes=_nodes(message.node, maker, scope, path),
        inputs=LazySequence(message.input, value),
        outputs=LazySequence(message.output, value),
        values=LazySequence(message.value_info, value),
        initializers=LazySequence(range(len(message.initializer)), initializer),
        sparse_initializers=LazySequence(range(len(message.sparse_initializer)), sparse),
        doc_string=text(message.doc_string),
    )


def function(message: Any, maker: TensorMaker, path: str) -> Graph:
    """A function: inputs and outputs have names only, attributes defaults or None."""
    scope = function_scope(message)
    attributes: dict[str, object] = dict.fromkeys(map(text, message.attribute))
    for i, attribute in enumerate(message.attribute_proto):
        name = text(attribute.name)
        site = partial(Site, name, scope, f"{scope}.{name}", f"{path}.attribute_proto[{i}]")
        attributes[name] = attribute_value(attribute, maker, site)
    return Graph(
        function_name(message),
        nodes=_nodes(message.node, maker, scope, path),
        inputs=[Value(text(name)) for name in message.input],
        outputs=[Value(text(name)) for name in message.output],
        values=LazySequence(message.value_info, value),
        attributes=attributes,
        doc_string=text(message.doc_string),
    )


def _nodes(messages: Any, maker: TensorMaker, scope: str, path: str) -> LazySequence:
    return LazySequence(
        range(len(messages)), lambda i: OnnxNode(messages[i], i, maker, scope, path)
    )
