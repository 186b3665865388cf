"""Every tensor of a model in file order, under the name it is known by.

A graph's initializers come first, dense before sparse, then what its nodes hold, nested graphs in
place; functions and training graphs follow. Names:

=============================  ========================================================
initializer                    its own; the names of ``values`` and ``indices`` if sparse
value of a Constant node       the node's output
any other attribute            ``<first output>.<attribute>``, ``.<index>`` in a list
a name used in the same graph  ``<name>#<index among the initializers>``, each of them
a name used in an outer scope  ``<scope>/<name>``
=============================  ========================================================

A name that becomes part of others is cut to `PART_MAX` characters: a node with one long name and a
hundred thousand tensors would otherwise take their product in memory.
"""

from __future__ import annotations

from tensorwire.formats.onnx.attribute_kinds import (
    GRAPH,
    GRAPHS,
    NESTING,
    SPARSE_TENSOR,
    SPARSE_TENSORS,
    TENSOR,
    TENSORS,
    kind_of,
)
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    #: (name, scope, field path, TensorProto)
    Found = tuple[str, str, str, Any]

__all__ = [
    "NodeNames",
    "function_name",
    "function_scope",
    "held_by_sparse",
    "item_name",
    "shortened",
    "unique",
    "walk_model",
]

# Far beyond honest names: exporters join a dozen module names to a few hundred characters.
PART_MAX = 1000


def walk_model(model: Any) -> Iterator[Found]:
    """The tensors of a ModelProto; names may repeat across scopes."""
    if model.HasField("graph"):
        yield from walk_graph(model.graph, "", "graph")
    for i, function in enumerate(model.functions):
        yield from walk_function(function, f"functions[{i}]")
    for i, training in enumerate(model.training_info):
        for part in ("initialization", "algorithm"):
            if training.HasField(part):
                path = f"training_info[{i}].{part}"
                yield from walk_graph(getattr(training, part), path, path)


def walk_graph(graph: Any, scope: str, path: str) -> Iterator[Found]:
    dense_names = [text(tensor.name) for tensor in graph.initializer]
    sparse_names = [text(sparse.values.name) for sparse in graph.sparse_initializer]
    repeated = _repeated(dense_names + sparse_names)
    # Not strict: the graph may be changed between two names.
    for i, (name, tensor) in enumerate(zip(dense_names, graph.initializer, strict=False)):
        name = f"{name}#{i}" if name in repeated else name
        yield name, scope, f"{path}.initializer[{i}]", tensor
    for i, (name, sparse) in enumerate(zip(sparse_names, graph.sparse_initializer, strict=False)):
        name = f"{name}#{len(dense_names) + i}" if name in repeated else name
        yield from held_by_sparse(sparse, name, scope, f"{path}.sparse_initializer[{i}]")
    yield from _walk_nodes(graph.node, scope, path)


def walk_function(function: Any, path: str) -> Iterator[Found]:
    scope = function_scope(function)
    for i, attribute in enumerate(function.attribute_proto):
        at = f"{path}.attribute_proto[{i}]"
        name = text(attribute.name)
        yield from _walk_attribute(attribute, name, f"{scope}.{name}", scope, at)
    yield from _walk_nodes(function.node, scope, path)


def held_by_sparse(sparse: Any, name: str, scope: str, path: str) -> Iterator[Found]:
    """The two tensors of a SparseTensorProto; unnamed indices are ``<name>.indices``."""
    yield name, scope, f"{path}.values", sparse.values
    yield text(sparse.indices.name) or f"{name}.indices", scope, f"{path}.indices", sparse.indices


def function_name(function: Any) -> str:
    """``<domain>:<name>``, ``:<overload>`` where there is one."""
    parts = [text(part) for part in (function.domain, function.name, function.overload)]
    return ":".join(parts if parts[2] else parts[:2])


def function_scope(function: Any) -> str:
    """The scope of all that a function holds."""
    return f"function {shortened(function_name(function))}"


def item_name(name: str, index: int) -> str:
    """What an item of the list ``name`` is called."""
    return f"{shortened(name)}.{index}"


def shortened(name: str) -> str:
    """``name`` as a part of other names."""
    return name if len(name) <= PART_MAX else name[:PART_MAX]


class NodeNames:
    """What the attributes of the node at ``index`` call what they hold; made for nodes that do.

    The texts of the node are read once, however many attributes it has.
    """

    __slots__ = ("_around", "_is_constant", "_output")

    def __init__(self, node: Any, index: int, scope: str) -> None:
        output = text(node.output[0]) if node.output else ""
        name = text(node.name)
        self._is_constant = node.op_type == "Constant"
        self._output = output if node.output else name
        label = shortened(name or output or f"node[{index}]")
        self._around = f"{scope}/{label}" if scope else label

    def tensor(self, attribute: Any) -> str:
        """The name of the tensor in an attribute."""
        if self._is_constant and attribute.name in ("value", "sparse_value"):
            return self._output
        return f"{shortened(self._output)}.{shortened(text(attribute.name))}"

    def inner_scope(self, attribute: Any) -> str:
        """The scope of the graph in an attribute."""
        return shortened(f"{self._around}.{shortened(text(attribute.name))}")


def unique(found: Iterable[Found]) -> Iterator[Found]:
    """``found`` with every name used once: a later use gets its scope, or else a number."""
    used: set[str] = set()
    for number, (name, scope, path, tensor) in enumerate(found):
        if name in used and scope:
            name = f"{scope}/{shortened(name)}"
        while name in used:
            name = f"{shortened(name)}#{number}"
        used.add(name)
        yield name, scope, path, tensor


def _walk_nodes(nodes: Any, scope: str, path: str) -> Iterator[Found]:
    for i, node in enumerate(nodes):
        names: NodeNames | None = None
        for j, attribute in enumerate(node.attribute):
            if kind_of(attribute) in NESTING:
                names = names or NodeNames(node, i, scope)
                name, inner = names.tensor(attribute), names.inner_scope(attribute)
                at = f"{path}.node[{i}].attribute[{j}]"
                yield from _walk_attribute(attribute, name, inner, scope, at)


def _walk_attribute(
    attribute: Any, name: str, inner: str, scope: str, path: str
) -> Iterator[Found]:
    """``inner`` is the scope of graphs in the attribute, ``scope`` that of its own tensors."""
    kind = kind_of(attribute)
    if kind == TENSOR:
        yield name, scope, f"{path}.t", attribute.t
    elif kind == SPARSE_TENSOR:
        yield from held_by_sparse(attribute.sparse_tensor, name, scope, f"{path}.sparse_tensor")
    elif kind == GRAPH:
        yield from walk_graph(attribute.g, inner, f"{path}.g")
    elif kind == TENSORS:
        for i, tensor in enumerate(attribute.tensors):
            yield item_name(name, i), scope, f"{path}.tensors[{i}]", tensor
    elif kind == SPARSE_TENSORS:
        for i, sparse in enumerate(attribute.sparse_tensors):
            at = f"{path}.sparse_tensors[{i}]"
            yield from held_by_sparse(sparse, item_name(name, i), scope, at)
    elif kind == GRAPHS:
        for i, graph in enumerate(attribute.graphs):
            yield from walk_graph(graph, item_name(inner, i), f"{path}.graphs[{i}]")


def _repeated(names: list[str]) -> set[str]:
    seen: set[str] = set()
    if len(set(names)) == len(names):
        return seen
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
