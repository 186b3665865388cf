"""The message classes of ONNX, from our own schema table."""

from __future__ import annotations

from tensorwire.formats.onnx import schema
from tensorwire.proto import Schema

__all__ = ["MapProto", "ModelProto", "SequenceProto", "TensorProto"]

_schema = Schema.from_table(schema)

MapProto = _schema["onnx.MapProto"]
ModelProto = _schema["onnx.ModelProto"]
SequenceProto = _schema["onnx.SequenceProto"]
TensorProto = _schema["onnx.TensorProto"]
