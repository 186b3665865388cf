"""AttributeProto.AttributeType, and the type of attributes that do not say it."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

# Source: onnx.proto, AttributeProto.AttributeType.
UNDEFINED, FLOAT, INT, STRING, TENSOR, GRAPH = 0, 1, 2, 3, 4, 5
FLOATS, INTS, STRINGS, TENSORS, GRAPHS = 6, 7, 8, 9, 10
SPARSE_TENSOR, SPARSE_TENSORS, TYPE_PROTO, TYPE_PROTOS = 11, 12, 13, 14

#: Kinds that hold tensors or graphs.
NESTING = frozenset((TENSOR, GRAPH, TENSORS, GRAPHS, SPARSE_TENSOR, SPARSE_TENSORS))

#: (field, kind). Source: onnx.proto, AttributeProto.
_SINGULAR = (
    ("f", FLOAT),
    ("i", INT),
    ("s", STRING),
    ("t", TENSOR),
    ("g", GRAPH),
    ("tp", TYPE_PROTO),
    ("sparse_tensor", SPARSE_TENSOR),
)
_REPEATED = (
    ("floats", FLOATS),
    ("ints", INTS),
    ("strings", STRINGS),
    ("tensors", TENSORS),
    ("graphs", GRAPHS),
    ("sparse_tensors", SPARSE_TENSORS),
    ("type_protos", TYPE_PROTOS),
)


def kind_of(attribute: Any) -> int:
    """The attribute's type; files of IR version 1 leave it out, and the field in use tells."""
    return attribute.type or _inferred(attribute)


def _inferred(attribute: Any) -> int:
    for field, kind in _SINGULAR:
        if attribute.HasField(field):
            return kind
    for field, kind in _REPEATED:
        if len(getattr(attribute, field)):
            return kind
    return UNDEFINED
