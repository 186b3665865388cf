"""onnx-data.proto: sequences, maps and optional values."""

from __future__ import annotations

from tensorwire.formats.onnx.schema.fields import Enum, Message, many, one

MESSAGES: tuple[Message, ...] = (
    (
        "onnx.SequenceProto",
        (
            one(1, "name", "string"),
            one(2, "elem_type", "int32"),
            many(3, "tensor_values", "message", "onnx.TensorProto"),
            many(4, "sparse_tensor_values", "message", "onnx.SparseTensorProto"),
            many(5, "sequence_values", "message", "onnx.SequenceProto"),
            many(6, "map_values", "message", "onnx.MapProto"),
            many(7, "optional_values", "message", "onnx.OptionalProto"),
        ),
    ),
    (
        "onnx.MapProto",
        (
            one(1, "name", "string"),
            one(2, "key_type", "int32"),
            many(3, "keys", "int64"),
            many(4, "string_keys", "bytes"),
            one(5, "values", "message", "onnx.SequenceProto"),
        ),
    ),
    (
        "onnx.OptionalProto",
        (
            one(1, "name", "string"),
            one(2, "elem_type", "int32"),
            one(3, "tensor_value", "message", "onnx.TensorProto"),
            one(4, "sparse_tensor_value", "message", "onnx.SparseTensorProto"),
            one(5, "sequence_value", "message", "onnx.SequenceProto"),
            one(6, "map_value", "message", "onnx.MapProto"),
            one(7, "optional_value", "message", "onnx.OptionalProto"),
        ),
    ),
)

ENUMS: tuple[Enum, ...] = (
    (
        "onnx.SequenceProto.DataType",
        (
            ("UNDEFINED", 0),
            ("TENSOR", 1),
            ("SPARSE_TENSOR", 2),
            ("SEQUENCE", 3),
            ("MAP", 4),
            ("OPTIONAL", 5),
        ),
    ),
    (
        "onnx.OptionalProto.DataType",
        (
            ("UNDEFINED", 0),
            ("TENSOR", 1),
            ("SPARSE_TENSOR", 2),
            ("SEQUENCE", 3),
            ("MAP", 4),
            ("OPTIONAL", 5),
        ),
    ),
)
