"""onnx-ml.proto, first part: models, graphs, nodes, functions."""

from __future__ import annotations

from tensorwire.formats.onnx.schema.fields import Enum, Message, many, one

MESSAGES: tuple[Message, ...] = (
    (
        "onnx.AttributeProto",
        (
            one(1, "name", "string"),
            one(2, "f", "float"),
            one(3, "i", "int64"),
            one(4, "s", "bytes"),
            one(5, "t", "message", "onnx.TensorProto"),
            one(6, "g", "message", "onnx.GraphProto"),
            many(7, "floats", "float"),
            many(8, "ints", "int64"),
            many(9, "strings", "bytes"),
            many(10, "tensors", "message", "onnx.TensorProto"),
            many(11, "graphs", "message", "onnx.GraphProto"),
            one(13, "doc_string", "string"),
            one(14, "tp", "message", "onnx.TypeProto"),
            many(15, "type_protos", "message", "onnx.TypeProto"),
            one(20, "type", "enum", "onnx.AttributeProto.AttributeType"),
            one(21, "ref_attr_name", "string"),
            one(22, "sparse_tensor", "message", "onnx.SparseTensorProto"),
            many(23, "sparse_tensors", "message", "onnx.SparseTensorProto"),
        ),
    ),
    (
        "onnx.NodeProto",
        (
            many(1, "input", "string"),
            many(2, "output", "string"),
            one(3, "name", "string"),
            one(4, "op_type", "string"),
            many(5, "attribute", "message", "onnx.AttributeProto"),
            one(6, "doc_string", "string"),
            one(7, "domain", "string"),
            one(8, "overload", "string"),
            many(9, "metadata_props", "message", "onnx.StringStringEntryProto"),
            many(10, "device_configurations", "message", "onnx.NodeDeviceConfigurationProto"),
        ),
    ),
    (
        "onnx.IntIntListEntryProto",
        (
            one(1, "key", "int64"),
            many(2, "value", "int64"),
        ),
    ),
    (
        "onnx.NodeDeviceConfigurationProto",
        (
            one(1, "configuration_id", "string"),
            many(2, "sharding_spec", "message", "onnx.ShardingSpecProto"),
            one(3, "pipeline_stage", "int32"),
        ),
    ),
    (
        "onnx.ShardingSpecProto",
        (
            one(1, "tensor_name", "string"),
            many(2, "device", "int64"),
            many(3, "index_to_device_group_map", "message", "onnx.IntIntListEntryProto"),
            many(4, "sharded_dim", "message", "onnx.ShardedDimProto"),
        ),
    ),
    (
        "onnx.ShardedDimProto",
        (
            one(1, "axis", "int64"),
            many(2, "simple_sharding", "message", "onnx.SimpleShardedDimProto"),
        ),
    ),
    (
        "onnx.SimpleShardedDimProto",
        (
            one(1, "dim_value", "int64", oneof="dim"),
            one(2, "dim_param", "string", oneof="dim"),
            one(3, "num_shards", "int64"),
        ),
    ),
    (
        "onnx.TrainingInfoProto",
        (
            one(1, "initialization", "message", "onnx.GraphProto"),
            one(2, "algorithm", "message", "onnx.GraphProto"),
            many(3, "initialization_binding", "message", "onnx.StringStringEntryProto"),
            many(4, "update_binding", "message", "onnx.StringStringEntryProto"),
        ),
    ),
    (
        "onnx.ModelProto",
        (
            one(1, "ir_version", "int64"),
            one(2, "producer_name", "string"),
            one(3, "producer_version", "string"),
            one(4, "domain", "string"),
            one(5, "model_version", "int64"),
            one(6, "doc_string", "string"),
            one(7, "graph", "message", "onnx.GraphProto"),
            many(8, "opset_import", "message", "onnx.OperatorSetIdProto"),
            many(14, "metadata_props", "message", "onnx.StringStringEntryProto"),
            many(20, "training_info", "message", "onnx.TrainingInfoProto"),
            many(25, "functions", "message", "onnx.FunctionProto"),
            many(26, "configuration", "message", "onnx.DeviceConfigurationProto"),
        ),
    ),
    (
        "onnx.DeviceConfigurationProto",
        (
            one(1, "name", "string"),
            one(2, "num_devices", "int32"),
            many(3, "device", "string"),
        ),
    ),
    (
        "onnx.GraphProto",
        (
            many(1, "node", "message", "onnx.NodeProto"),
            one(2, "name", "string"),
            many(5, "initializer", "message", "onnx.TensorProto"),
            one(10, "doc_string", "string"),
            many(11, "input", "message", "onnx.ValueInfoProto"),
            many(12, "output", "message", "onnx.ValueInfoProto"),
            many(13, "value_info", "message", "onnx.ValueInfoProto"),
            many(14, "quantization_annotation", "message", "onnx.TensorAnnotation"),
            many(15, "sparse_initializer", "message", "onnx.SparseTensorProto"),
            many(16, "metadata_props", "message", "onnx.StringStringEntryProto"),
        ),
    ),
    (
        "onnx.OperatorSetIdProto",
        (
            one(1, "domain", "string"),
            one(2, "version", "int64"),
        ),
    ),
    (
        "onnx.FunctionProto",
        (
            one(1, "name", "string"),
            many(4, "input", "string"),
            many(5, "output", "string"),
            many(6, "attribute", "string"),
            many(7, "node", "message", "onnx.NodeProto"),
            one(8, "doc_string", "string"),
            many(9, "opset_import", "message", "onnx.OperatorSetIdProto"),
            one(10, "domain", "string"),
            many(11, "attribute_proto", "message", "onnx.AttributeProto"),
            many(12, "value_info", "message", "onnx.ValueInfoProto"),
            one(13, "overload", "string"),
            many(14, "metadata_props", "message", "onnx.StringStringEntryProto"),
        ),
    ),
)

ENUMS: tuple[Enum, ...] = (
    (
        "onnx.AttributeProto.AttributeType",
        (
            ("UNDEFINED", 0),
            ("FLOAT", 1),
            ("INT", 2),
            ("STRING", 3),
            ("TENSOR", 4),
            ("GRAPH", 5),
            ("SPARSE_TENSOR", 11),
            ("TYPE_PROTO", 13),
            ("FLOATS", 6),
            ("INTS", 7),
            ("STRINGS", 8),
            ("TENSORS", 9),
            ("GRAPHS", 10),
            ("SPARSE_TENSORS", 12),
            ("TYPE_PROTOS", 14),
        ),
    ),
    (
        "onnx.Version",
        (
            ("_START_VERSION", 0),
            ("IR_VERSION_2017_10_10", 1),
            ("IR_VERSION_2017_10_30", 2),
            ("IR_VERSION_2017_11_3", 3),
            ("IR_VERSION_2019_1_22", 4),
            ("IR_VERSION_2019_3_18", 5),
            ("IR_VERSION_2019_9_19", 6),
            ("IR_VERSION_2020_5_8", 7),
            ("IR_VERSION_2021_7_30", 8),
            ("IR_VERSION_2023_5_5", 9),
            ("IR_VERSION_2024_3_25", 10),
            ("IR_VERSION_2025_05_12", 11),
            ("IR_VERSION_2025_08_26", 12),
            ("IR_VERSION_2025_11_06", 13),
            ("IR_VERSION", 14),
        ),
    ),
    (
        "onnx.OperatorStatus",
        (
            ("EXPERIMENTAL", 0),
            ("STABLE", 1),
        ),
    ),
)
