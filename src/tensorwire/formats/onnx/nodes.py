"""NodeProto as `Node`."""

from __future__ import annotations

from functools import partial

from tensorwire.formats.onnx import attribute_kinds as kinds
from tensorwire.formats.onnx.attributes import Site, attribute_value
from tensorwire.formats.onnx.walk import inner_scope, tensor_name
from tensorwire.graph import Node
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tensorwire.formats.onnx.tensor_maker import TensorMaker
    from tensorwire.graph import Graph

__all__ = ["OnnxNode"]


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
        return {
            text(attribute.name): attribute_value(attribute, self._maker, partial(self._site, j))
            for j, attribute in enumerate(self._message.attribute)
        }

    @property
    def graphs(self) -> list[Graph]:
        nested = (kinds.GRAPH, kinds.GRAPHS)
        has_any = any(kinds.kind_of(attribute) in nested for attribute in self._message.attribute)
        return super().graphs if has_any else []  # few nodes have; of the others nothing is read

    def _site(self, j: int) -> Site:
        """Where the attribute at ``j`` stands."""
        node = self._message
        attribute = node.attribute[j]
        return Site(
            tensor_name(node, attribute),
            self._scope,
            inner_scope(node, self._index, attribute, self._scope),
            f"{self._path}.node[{self._index}].attribute[{j}]",
        )
