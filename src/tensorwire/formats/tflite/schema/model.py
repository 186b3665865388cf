"""schema.fbs: the model, its graphs, tensors, buffers, quantization and sparsity."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

TABLES: tuple[tuple[Any, ...], ...] = (
    ("Model", (
        ("version", "uint32"),
        ("operator_codes", "[OperatorCode]"),
        ("subgraphs", "[SubGraph]"),
        ("description", "string"),
        ("buffers", "[Buffer]"),
        ("metadata_buffer", "[int32]"),
        ("metadata", "[Metadata]"),
        ("signature_defs", "[SignatureDef]"),
        ("external_buffer_groups", "[ExternalBufferGroup]"),
        ("external_buffers", "[ExternalBuffer]"),
    )),
    ("SubGraph", (
        ("tensors", "[Tensor]"),
        ("inputs", "[int32]"),
        ("outputs", "[int32]"),
        ("operators", "[Operator]"),
        ("name", "string"),
        ("debug_metadata_index", "int32", -1),
    )),
    ("Tensor", (
        ("shape", "[int32]"),
        ("type", "TensorType"),
        ("buffer", "uint32"),
        ("name", "string"),
        ("quantization", "QuantizationParameters"),
        ("is_variable", "bool"),
        ("sparsity", "SparsityParameters"),
        ("shape_signature", "[int32]"),
        ("has_rank", "bool"),
        ("variant_tensors", "[VariantSubType]"),
        ("external_buffer", "uint32"),
    )),
    ("Buffer", (
        ("data", "[uint8]", 0, {"force_align": 16}),
        ("offset", "uint64"),
        ("size", "uint64"),
    )),
    ("QuantizationParameters", (
        ("min", "[float32]"),
        ("max", "[float32]"),
        ("scale", "[float32]"),
        ("zero_point", "[int64]"),
        ("details", "QuantizationDetails"),
        ("quantized_dimension", "int32"),
    )),
    ("CustomQuantization", (("custom", "[uint8]", 0, {"force_align": 16}),)),
    ("BlockwiseQuantization", (
        ("scales", "int32"),
        ("zero_points", "int32"),
        ("block_size", "int32"),
        ("block_shape", "[int32]"),
    )),
    ("MultiAxisQuantization", (
        ("scales", "int32"),
        ("zero_points", "int32"),
        ("block_size", "int32"),
        ("quantized_dimensions", "[int32]"),
    )),
    ("SparsityParameters", (
        ("traversal_order", "[int32]"),
        ("block_map", "[int32]"),
        ("dim_metadata", "[DimensionMetadata]"),
    )),
    ("DimensionMetadata", (
        ("format", "DimensionType"),
        ("dense_size", "int32"),
        ("array_segments", "SparseIndexVector"),
        ("array_indices", "SparseIndexVector"),
    )),
    ("Int32Vector", (("values", "[int32]"),)),
    ("Uint16Vector", (("values", "[uint16]", 0, {"force_align": 4}),)),
    ("Uint8Vector", (("values", "[uint8]", 0, {"force_align": 4}),)),
    ("VariantSubType", (("shape", "[int32]"), ("type", "TensorType"), ("has_rank", "bool"))),
    ("ExternalBufferGroup", (("name", "string"),)),
    ("ExternalBuffer", (
        ("id", "uint32"),
        ("group", "uint32"),
        ("offset", "uint64"),
        ("length", "uint64"),
        ("packing", "string"),
    )),
    ("OperatorCode", (
        ("deprecated_builtin_code", "int8"),
        ("custom_code", "string"),
        ("version", "int32", 1),
        ("builtin_code", "BuiltinOperator"),
    )),
    ("Operator", (
        ("opcode_index", "uint32"),
        ("inputs", "[int32]"),
        ("outputs", "[int32]"),
        ("builtin_options", "BuiltinOptions"),
        ("custom_options", "[uint8]"),
        ("custom_options_format", "CustomOptionsFormat"),
        ("mutating_variable_inputs", "[bool]"),
        ("intermediates", "[int32]"),
        ("large_custom_options_offset", "uint64"),
        ("large_custom_options_size", "uint64"),
        ("builtin_options_2", "BuiltinOptions2"),
        ("debug_metadata_index", "int32", -1),
    )),
    ("SignatureDef", (
        ("inputs", "[TensorMap]"),
        ("outputs", "[TensorMap]"),
        ("signature_key", "string"),
        ("deprecated_tag", "string", 0, {"deprecated": ""}),
        ("subgraph_index", "uint32"),
    )),
    ("TensorMap", (("name", "string"), ("tensor_index", "uint32"))),
    ("Metadata", (("name", "string"), ("buffer", "uint32"))),
)  # fmt: skip

ENUMS: tuple[tuple[Any, ...], ...] = (
    ("TensorType", "int8", (
        ("FLOAT32", 0), ("FLOAT16", 1), ("INT32", 2), ("UINT8", 3), ("INT64", 4), ("STRING", 5),
        ("BOOL", 6), ("INT16", 7), ("COMPLEX64", 8), ("INT8", 9), ("FLOAT64", 10),
        ("COMPLEX128", 11), ("UINT64", 12), ("RESOURCE", 13), ("VARIANT", 14), ("UINT32", 15),
        ("UINT16", 16), ("INT4", 17), ("BFLOAT16", 18), ("INT2", 19), ("UINT4", 20),
        ("FLOAT8_E4M3FN", 21), ("FLOAT8_E5M2", 22),
    )),
    ("DimensionType", "int8", (
        ("DENSE", 0), ("SPARSE_CSR", 1),
    )),
    ("CustomOptionsFormat", "int8", (
        ("FLEXBUFFERS", 0),
    )),
)  # fmt: skip

UNIONS: tuple[tuple[Any, ...], ...] = (
    ("QuantizationDetails", (
        ("CustomQuantization", 1), ("BlockwiseQuantization", 2), ("MultiAxisQuantization", 3),
    )),
    ("SparseIndexVector", (
        ("Int32Vector", 1), ("Uint16Vector", 2), ("Uint8Vector", 3),
    )),
)  # fmt: skip
