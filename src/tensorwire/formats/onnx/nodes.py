"""NodeProto as `Node`."""

from __future__ import annotations

from functools import cache, partial

from tensorwire.formats.onnx import attribute_kinds as kinds
from tensorwire.formats.onnx.attributes import Site, attribute_value
from tensorwire.formats.onnx.walk import NodeNames
from tensorwire.graph import Node
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
        names = cache(partial(NodeNames, self._message, self._index, self._scope))
        return {
            text(each.name): attribute_value(each, self._maker, partial(self._site, names, each, j))
            for j, each in enumerate(self._message.attribute)
        }

    @property
    def graphs(self) -> list[Graph]:
        nested = (kinds.GRAPH, kinds.GRAPHS)
        has_any = any(kinds.kind_of(attribute) in nested for attribute in self._message.attribute)
        return super().graphs if has_any else []  # few nodes have; of the others nothing is read

    def _site(self, names: Callable[[], NodeNames], attribute: Any, j: int) -> Site:
        """Where ``attribute``, the one at ``j``, stands."""
        path = f"{self._path}.node[{self._index}].attribute[{j}]"
        inner = names().inner_scope(attribute)
        return Site(names().tensor(attribute), self._scope, inner, path)
