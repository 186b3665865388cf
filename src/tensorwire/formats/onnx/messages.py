"""The message classes of ONNX, from our own schema table."""

from __future__ import annotations

from tensorwire.formats.onnx import schema
from tensorwire.proto import Schema, parse

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.limits import Limits

__all__ = ["MapProto", "ModelProto", "SequenceProto", "TensorProto", "parsed"]

# What reads messages by recursion takes up to three of Python's 1000 frames for each of the three
# levels of a nested graph, and is itself called from somewhere.
DEPTH_MAX = 600

_schema = Schema.from_table(schema)

MapProto = _schema["onnx.MapProto"]
ModelProto = _schema["onnx.ModelProto"]
SequenceProto = _schema["onnx.SequenceProto"]
TensorProto = _schema["onnx.TensorProto"]


def parsed(message_class: type, source: Source, limits: Limits) -> Any:
    """The message that a whole source holds, verified; nested no deeper than we can read it."""
    depth = min(limits.depth, DEPTH_MAX)
    return parse(message_class, source, limits=limits.replace(depth=depth))
