"""Graphs as plain values, for JSON. `tensorwire.cli.graph` has the schema."""

from __future__ import annotations

import math

from tensorwire.cli.models import value_document
from tensorwire.graph import AttributeReference, Graph, Value
from tensorwire.tensor import SparseTensor, Tensor

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.graph import Node

__all__ = ["graph_document"]


def graph_document(graph: Graph) -> dict[str, Any]:
    """The whole of a graph, nested graphs in place."""
    return {
        "name": graph.name,
        "inputs": [value_document(value) for value in graph.inputs],
        "outputs": [value_document(value) for value in graph.outputs],
        "values": [value_document(value) for value in graph.values],
        "initializers": [_tensor(tensor) for tensor in graph.initializers],
        "sparse_initializers": [_sparse(tensor) for tensor in graph.sparse_initializers],
        "nodes": [_node(node) for node in graph.nodes],
        "functions": [graph_document(function) for function in graph.functions],
        "attributes": {key: _attribute(value) for key, value in graph.attributes.items()},
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "op_type": node.op_type,
        "domain": node.domain,
        "name": node.name,
        "inputs": list(node.inputs),
        "outputs": list(node.outputs),
        "attributes": {key: _attribute(value) for key, value in node.attributes.items()},
    }


def _attribute(value: object) -> Any:
    if isinstance(value, list):
        return [_attribute(item) for item in value]
    if isinstance(value, dict):
        return {"map": {key: _attribute(item) for key, item in value.items()}}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}  # JSON has no such numbers
    if isinstance(value, Tensor):
        return {"tensor": _tensor(value)}
    if isinstance(value, SparseTensor):
        return {"sparse_tensor": _sparse(value)}
    if isinstance(value, Graph):
        return {"graph": graph_document(value)}
    if isinstance(value, Value):
        return {"type": value_document(value)}
    if isinstance(value, AttributeReference):
        return {"reference": value.name}
    return value


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "dtype": str(tensor.dtype), "shape": list(tensor.shape)}


def _sparse(tensor: SparseTensor) -> dict[str, Any]:
    return {**_tensor(tensor.values), "shape": list(tensor.shape)}
