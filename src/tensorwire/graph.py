"""The graph of a model: nodes in file order, the values that enter and leave, nested graphs.

Formats fill these classes in; each derives its own from `Node`, which reads fields when asked.
"""

from __future__ import annotations

from tensorwire.errors import UnsupportedError
from tensorwire.text import one_line

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from tensorwire.dtypes import DType
    from tensorwire.tensor import SparseTensor, Tensor

    Dim = int | str | None

__all__ = ["AttributeReference", "Graph", "Node", "Value"]


class Value:
    """What flows along an edge. ``kind`` is ``"tensor"`` or names another type in full.

    ``shape`` is None where the rank is not known; a dimension is a number, a symbol, or None.
    ``dtype`` is None where the file gives no element type.
    """

    __slots__ = ("doc_string", "dtype", "kind", "name", "shape")

    def __init__(
        self,
        name: str,
        dtype: DType | None = None,
        shape: tuple[Dim, ...] | None = None,
        kind: str = "tensor",
        doc_string: str = "",
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.kind = kind
        self.doc_string = doc_string

    def __repr__(self) -> str:
        from tensorwire.listing import value_text

        return one_line(f"<Value {value_text(self)}>")


class AttributeReference:
    """Inside a function, an attribute that takes the value of the caller's attribute ``name``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"AttributeReference({self.name!r})"


class Node:
    """One operation. An absent optional input is ``""``; attributes are Python values.

    Attribute values: bool, int, float, str, bytes, Tensor, SparseTensor, Graph, Value (a type),
    None, lists and dicts of these, or AttributeReference.
    """

    __slots__ = ()

    @property
    def graphs(self) -> list[Graph]:
        """The graphs among the attributes, in file order: bodies of If, Loop and their like."""
        found: list[Graph] = []
        for value in self.attributes.values():
            listed = value if isinstance(value, list) else [value]
            found.extend(item for item in listed if isinstance(item, Graph))
        return found

    if TYPE_CHECKING:  # what each format's own class has

        @property
        def op_type(self) -> str: ...
        @property
        def domain(self) -> str: ...
        @property
        def name(self) -> str: ...
        @property
        def inputs(self) -> Sequence[str]: ...
        @property
        def outputs(self) -> Sequence[str]: ...
        @property
        def attributes(self) -> Mapping[str, object]: ...
        @property
        def doc_string(self) -> str: ...

    def __repr__(self) -> str:
        from tensorwire.listing import node_line

        return f"<Node {node_line(self)}>"


class Graph:
    """Nodes, what goes in and out, the ``values`` between, and the tensors there from the start.

    ``print(graph)`` lists all of it, nested graphs and functions included.
    """

    def __init__(
        self,
        name: str = "",
        *,
        nodes: Sequence[Node] = (),
        inputs: Sequence[Value] = (),
        outputs: Sequence[Value] = (),
        values: Sequence[Value] = (),
        initializers: Sequence[Tensor] = (),
        sparse_initializers: Sequence[SparseTensor] = (),
        functions: Sequence[Graph] = (),
        attributes: Mapping[str, object] | None = None,
        doc_string: str = "",
    ) -> None:
        self.name = name
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.values = values
        self.initializers = initializers
        self.sparse_initializers = sparse_initializers
        self.functions = functions
        self.attributes = {} if attributes is None else attributes
        self.doc_string = doc_string

    def find(
        self, op_type: str | None = None, *, name: str | None = None, domain: str | None = None
    ) -> list[Node]:
        """The nodes of this graph, not of nested ones, that agree with everything asked for."""
        return [
            node
            for node in self.nodes
            if (op_type is None or node.op_type == op_type)
            and (name is None or node.name == name)
            and (domain is None or node.domain == domain)
        ]

    def __str__(self) -> str:
        from tensorwire.listing import graph_lines

        return "\n".join(graph_lines(self))

    def __repr__(self) -> str:
        return (
            f"<Graph {self.name!r}: {len(self.nodes)} nodes, {len(self.inputs)} inputs, "
            f"{len(self.outputs)} outputs>"
        )

    def __reduce__(self) -> NoReturn:
        raise UnsupportedError("a Graph lies on its model's file; pickle the model instead")
