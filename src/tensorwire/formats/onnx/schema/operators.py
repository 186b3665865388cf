"""onnx-operators-ml.proto: operator sets."""

from __future__ import annotations

from tensorwire.formats.onnx.schema.fields import Message, many, one

MESSAGES: tuple[Message, ...] = (
    (
        "onnx.OperatorProto",
        (
            one(1, "op_type", "string"),
            one(2, "since_version", "int64"),
            one(3, "status", "enum", "onnx.OperatorStatus"),
            one(10, "doc_string", "string"),
        ),
    ),
    (
        "onnx.OperatorSetProto",
        (
            one(1, "magic", "string"),
            one(2, "ir_version", "int64"),
            one(3, "ir_version_prerelease", "string"),
            one(4, "domain", "string"),
            one(5, "opset_version", "int64"),
            one(6, "doc_string", "string"),
            one(7, "ir_build_metadata", "string"),
            many(8, "operator", "message", "onnx.OperatorProto"),
            many(9, "functions", "message", "onnx.FunctionProto"),
        ),
    ),
)
