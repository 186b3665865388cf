"""onnx-ml.proto, second part: tensors and the types of values."""

from __future__ import annotations

from tensorwire.formats.onnx.schema.fields import Enum, Message, many, one

MESSAGES: tuple[Message, ...] = (
    (
        "onnx.ValueInfoProto",
        (
            one(1, "name", "string"),
            one(2, "type", "message", "onnx.TypeProto"),
            one(3, "doc_string", "string"),
            many(4, "metadata_props", "message", "onnx.StringStringEntryProto"),
        ),
    ),
    (
        "onnx.StringStringEntryProto",
        (
            one(1, "key", "string"),
            one(2, "value", "string"),
        ),
    ),
    (
        "onnx.TensorAnnotation",
        (
            one(1, "tensor_name", "string"),
            many(2, "quant_parameter_tensor_names", "message", "onnx.StringStringEntryProto"),
        ),
    ),
    (
        "onnx.TensorProto",
        (
            many(1, "dims", "int64"),
            one(2, "data_type", "int32"),
            one(3, "segment", "message", "onnx.TensorProto.Segment"),
            many(4, "float_data", "float", packed=True),
            many(5, "int32_data", "int32", packed=True),
            many(6, "string_data", "bytes"),
            many(7, "int64_data", "int64", packed=True),
            one(8, "name", "string"),
            one(9, "raw_data", "bytes"),
            many(10, "double_data", "double", packed=True),
            many(11, "uint64_data", "uint64", packed=True),
            one(12, "doc_string", "string"),
            many(13, "external_data", "message", "onnx.StringStringEntryProto"),
            one(14, "data_location", "enum", "onnx.TensorProto.DataLocation"),
            many(16, "metadata_props", "message", "onnx.StringStringEntryProto"),
        ),
    ),
    (
        "onnx.TensorProto.Segment",
        (
            one(1, "begin", "int64"),
            one(2, "end", "int64"),
        ),
    ),
    (
        "onnx.SparseTensorProto",
        (
            one(1, "values", "message", "onnx.TensorProto"),
            one(2, "indices", "message", "onnx.TensorProto"),
            many(3, "dims", "int64"),
        ),
    ),
    (
        "onnx.TensorShapeProto",
        (many(1, "dim", "message", "onnx.TensorShapeProto.Dimension"),),
    ),
    (
        "onnx.TensorShapeProto.Dimension",
        (
            one(1, "dim_value", "int64", oneof="value"),
            one(2, "dim_param", "string", oneof="value"),
            one(3, "denotation", "string"),
        ),
    ),
    (
        "onnx.TypeProto",
        (
            one(1, "tensor_type", "message", "onnx.TypeProto.Tensor", oneof="value"),
            one(4, "sequence_type", "message", "onnx.TypeProto.Sequence", oneof="value"),
            one(5, "map_type", "message", "onnx.TypeProto.Map", oneof="value"),
            one(6, "denotation", "string"),
            one(7, "opaque_type", "message", "onnx.TypeProto.Opaque", oneof="value"),
            one(8, "sparse_tensor_type", "message", "onnx.TypeProto.SparseTensor", oneof="value"),
            one(9, "optional_type", "message", "onnx.TypeProto.Optional", oneof="value"),
        ),
    ),
    (
        "onnx.TypeProto.Tensor",
        (
            one(1, "elem_type", "int32"),
            one(2, "shape", "message", "onnx.TensorShapeProto"),
        ),
    ),
    (
        "onnx.TypeProto.Sequence",
        (one(1, "elem_type", "message", "onnx.TypeProto"),),
    ),
    (
        "onnx.TypeProto.Map",
        (
            one(1, "key_type", "int32"),
            one(2, "value_type", "message", "onnx.TypeProto"),
        ),
    ),
    (
        "onnx.TypeProto.Optional",
        (one(1, "elem_type", "message", "onnx.TypeProto"),),
    ),
    (
        "onnx.TypeProto.SparseTensor",
        (
            one(1, "elem_type", "int32"),
            one(2, "shape", "message", "onnx.TensorShapeProto"),
        ),
    ),
    (
        "onnx.TypeProto.Opaque",
        (
            one(1, "domain", "string"),
            one(2, "name", "string"),
        ),
    ),
)

ENUMS: tuple[Enum, ...] = (
    (
        "onnx.TensorProto.DataType",
        (
            ("UNDEFINED", 0),
            ("FLOAT", 1),
            ("UINT8", 2),
            ("INT8", 3),
            ("UINT16", 4),
            ("INT16", 5),
            ("INT32", 6),
            ("INT64", 7),
            ("STRING", 8),
            ("BOOL", 9),
            ("FLOAT16", 10),
            ("DOUBLE", 11),
            ("UINT32", 12),
            ("UINT64", 13),
            ("COMPLEX64", 14),
            ("COMPLEX128", 15),
            ("BFLOAT16", 16),
            ("FLOAT8E4M3FN", 17),
            ("FLOAT8E4M3FNUZ", 18),
            ("FLOAT8E5M2", 19),
            ("FLOAT8E5M2FNUZ", 20),
            ("UINT4", 21),
            ("INT4", 22),
            ("FLOAT4E2M1", 23),
            ("FLOAT8E8M0", 24),
            ("UINT2", 25),
            ("INT2", 26),
            ("FLOAT6E2M3", 27),
            ("FLOAT6E3M2", 28),
        ),
    ),
    (
        "onnx.TensorProto.DataLocation",
        (
            ("DEFAULT", 0),
            ("EXTERNAL", 1),
        ),
    ),
)
