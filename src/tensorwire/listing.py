"""A graph as text, line by line: the whole of it, but of tensors only what fits in a line.

::

    graph main(
      x: float32 [N, 3, 224, 224]
    ) initializers(
      conv1.weight: float32 [64, 3, 7, 7]
    ) {
      %a = Conv[kernel_shape=[7, 7], strides=[2, 2]](%x, %conv1.weight)  # node_1
      %y = If[else_branch=<graph e>, then_branch=<graph t>](%a)
      return %y
    }
    graph e { ... }
"""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.graph import AttributeReference, Graph, Value
from tensorwire.tensor import SparseTensor, Tensor
from tensorwire.text import one_line

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tensorwire.graph import Node

__all__ = ["attribute_text", "graph_lines", "node_line", "shape_text", "value_text"]


BYTES_SHOWN = 32  # of an attribute that is bytes


def graph_lines(graph: Graph) -> Iterator[str]:
    """The lines of ``graph``, then those of its nested graphs, then those of its functions.

    What is not printable in names is escaped.
    """
    return map(one_line, _graph_lines(graph, "graph"))


def _graph_lines(graph: Graph, keyword: str) -> Iterator[str]:
    yield from _head(graph, keyword)
    nested: list[Graph] = []
    for node in graph.nodes:
        attributes = node.attributes
        yield "  " + _node_line(node, attributes)
        nested.extend(_graphs_in(attributes))
    yield "  return " + ", ".join(f"%{value.name}" for value in graph.outputs)
    yield "}"
    for inner in nested:
        yield from _graph_lines(inner, "graph")
    for function in graph.functions:
        yield from _graph_lines(function, "function")


def _head(graph: Graph, keyword: str) -> Iterator[str]:
    start = f"{keyword} {graph.name}"
    for title, lines in _sections(graph):
        if lines:
            yield f"{start} {title}(" if title else f"{start}("
            yield from (f"  {line}" for line in lines)
            start = ")"
    yield f"{start} {{"


def _sections(graph: Graph) -> Iterator[tuple[str, list[str]]]:
    """(title, lines) of what a graph declares before its nodes."""
    tensors = graph.initializers
    initialized = {tensor.name for tensor in tensors}
    given = {value.name for value in graph.inputs}
    yield "", [value_text(v) for v in graph.inputs if v.name not in initialized]
    optional = [value_text(v) for v in graph.inputs if v.name in initialized]
    yield "inputs with initializers", optional
    yield "initializers", [f"{t.name}: {_type_text(t)}" for t in tensors if t.name not in given]
    sparse = [f"{s.values.name}: {attribute_text(s)}" for s in graph.sparse_initializers]
    yield "sparse initializers", sparse
    yield "outputs", [line for v in graph.outputs if (line := value_text(v)) != v.name]
    yield "attributes", [f"{k}={attribute_text(v)}" for k, v in graph.attributes.items()]


def node_line(node: Node) -> str:
    """``%y = custom::Op[attributes](%x)  # name``"""
    return one_line(_node_line(node, node.attributes))


def _node_line(node: Node, attributes: Mapping[str, object]) -> str:
    outputs = ", ".join(f"%{name}" for name in node.outputs)
    inputs = ", ".join(f"%{name}" for name in node.inputs)
    operator = f"{node.domain}::{node.op_type}" if node.domain else node.op_type
    listed = ", ".join(f"{key}={attribute_text(attributes[key])}" for key in sorted(attributes))
    line = f"{operator}[{listed}]({inputs})" if listed else f"{operator}({inputs})"
    line = f"{outputs} = {line}" if outputs else line
    return f"{line}  # {node.name}" if node.name else line


def value_text(value: Value) -> str:
    """``x: float32 [N, 3]``; the dimensions in full, ``?`` where one is not known."""
    kind = "" if value.kind == "tensor" else value.kind
    dtype = "" if value.dtype is None else str(value.dtype)
    shape = "" if value.shape is None else shape_text(value.shape)
    described = one_line(" ".join(part for part in (kind, dtype, shape) if part))
    return f"{value.name}: {described}" if described else value.name


def attribute_text(value: object) -> str:
    """One attribute value; graphs by name, tensors by type and shape, a scalar by its value."""
    if isinstance(value, (list, dict, bytes, float)):
        return _plain_text(value)
    if isinstance(value, Tensor):
        return _tensor_text(value)
    if isinstance(value, SparseTensor):
        return f"<sparse {value.values.dtype} {shape_text(value.shape)}>"
    if isinstance(value, Graph):
        return f"<graph {value.name}>"
    if isinstance(value, Value):
        return f"<type {value_text(value)}>"
    if isinstance(value, AttributeReference):
        return f"@{value.name}"
    return repr(value)


def _plain_text(value: list[object] | dict[str, object] | bytes | float) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(attribute_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {attribute_text(v)}' for key, v in value.items())}}}"
    if isinstance(value, bytes):
        return repr(value) if len(value) <= BYTES_SHOWN else f"<{len(value)} bytes>"
    return f"{value:.9g}"  # nine digits tell every float32 from its neighbours


def _tensor_text(tensor: Tensor) -> str:
    if tensor.shape:
        return f"<{_type_text(tensor)}>"
    try:
        return f"<{tensor.dtype} {tensor.numpy()[()]!s}>"
    except (ModelError, OSError):  # a listing shows what is there; `validate` tells what is wrong
        return f"<{tensor.dtype} unreadable>"


def _type_text(tensor: Tensor) -> str:
    return f"{tensor.dtype} {shape_text(tensor.shape)}"


def shape_text(shape: Iterable[int | str | None]) -> str:
    """``[N, 3, ?]``: numbers, symbols, and what is not known."""
    return f"[{', '.join('?' if dim is None else str(dim) for dim in shape)}]"


def _graphs_in(attributes: Mapping[str, object]) -> Iterator[Graph]:
    for value in attributes.values():
        if isinstance(value, Graph):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, Graph))
