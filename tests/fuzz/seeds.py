"""Small ONNX models to start from: one with a little of everything, and the files given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import AttributeProto, GraphProto, SequenceProto, TensorProto, helper, numpy_helper

LARGEST = 16 << 10  # bytes; changes to a larger file mostly hit weights


def seeds(names: list[str]) -> list[bytes]:
    """The bytes of the files, those of at most `LARGEST`, after the models made here."""
    found = [Path(name).read_bytes() for name in names]
    own = [everything(), *tensor_files(), *sequence_files()]
    return own + [data for data in found if 0 < len(data) <= LARGEST]


def everything() -> bytes:
    """Every way to store a tensor, every kind of attribute, nested graphs and functions."""
    function = helper.make_function(
        "custom", "F", ["x"], ["y"], _nodes(), [helper.make_opsetid("", 21)], ["alpha"]
    )
    function.value_info.add(name="x")
    graph = _graph("g", 2)
    graph.quantization_annotation.add(tensor_name="w").quant_parameter_tensor_names.add(
        key="SCALE_TENSOR", value="scale"
    )
    graph.metadata_props.add(key="k", value="v")
    model = helper.make_model(graph, functions=[function], producer_name="p")
    model.metadata_props.add(key="author", value="me")
    model.training_info.add().algorithm.CopyFrom(_graph("t", 0))
    return model.SerializeToString()


def tensor_files() -> list[bytes]:
    """Tensors by themselves, as ``.pb`` test data has them."""
    return [tensor.SerializeToString() for tensor in _tensors()]


def sequence_files() -> list[bytes]:
    """Sequences of tensors, of sparse tensors, of sequences and of maps."""
    tensors = SequenceProto(name="q", elem_type=SequenceProto.TENSOR, tensor_values=_tensors()[:3])
    sparse = SequenceProto(elem_type=SequenceProto.SPARSE_TENSOR, sparse_tensor_values=[_sparse()])
    nested = SequenceProto(elem_type=SequenceProto.SEQUENCE, sequence_values=[tensors, sparse])
    maps = SequenceProto(elem_type=SequenceProto.MAP)
    for values in (tensors, sparse, nested):
        maps.map_values.add(key_type=7, keys=[5, 9], values=values)
        maps.map_values.add(key_type=8, string_keys=[b"a", b"b"], values=values)
    return [each.SerializeToString() for each in (tensors, sparse, nested, maps)]


def _graph(name: str, levels: int) -> GraphProto:
    nodes = _nodes()
    if levels:
        below = _graph(f"{name}.{levels}", levels - 1)
        nodes.append(helper.make_node("If", ["w"], ["z"], then_branch=below, else_branch=below))
    inputs = [
        helper.make_tensor_value_info("x", 1, ["n", 3]),
        helper.make_sparse_tensor_value_info("sp", 1, [2]),
        helper.make_value_info(
            "seq", helper.make_sequence_type_proto(helper.make_tensor_type_proto(1, [None]))
        ),
        helper.make_value_info(
            "opt", helper.make_optional_type_proto(helper.make_tensor_type_proto(7, []))
        ),
        helper.make_value_info(
            "m", helper.make_map_type_proto(7, helper.make_tensor_type_proto(8, [1]))
        ),
    ]
    outputs = [helper.make_tensor_value_info("y", 1, None)]
    return helper.make_graph(
        nodes, name, inputs, outputs, _tensors(), sparse_initializer=[_sparse()]
    )


def _tensors() -> list[TensorProto]:
    made = [
        numpy_helper.from_array(np.arange(6, dtype="f4").reshape(2, 3), "w"),
        helper.make_tensor("scale", 1, [1], [0.5]),
        helper.make_tensor("i64", 7, [2], [1, -1]),
        helper.make_tensor("u64", 13, [2], [1, 2**63]),
        helper.make_tensor("c", 14, [2], [1j, 2]),
        helper.make_tensor("f64", 11, [2], [1.0, float("nan")]),
        helper.make_tensor("s", 8, [3], [b"a", b"", b"\xc3\xa4"]),
        helper.make_tensor("none", 1, [0, 3], []),
        TensorProto(name="i4", dims=[3], data_type=22, int32_data=[0x21, 3]),
        TensorProto(name="bf", dims=[2], data_type=16, int32_data=[0x3F80, 0]),
        TensorProto(name="f8", dims=[2], data_type=17, raw_data=b"\x30\x7f"),
        TensorProto(name="b", dims=[3], data_type=9, int32_data=[0, 1, 1]),
        TensorProto(name="f4", dims=[3], data_type=23, raw_data=b"\x12\x03"),
        TensorProto(name="u2", dims=[5], data_type=25, raw_data=b"\x1b\x03"),
        TensorProto(name="f6", dims=[4], data_type=27, raw_data=b"\x01\x02\x03"),
    ]
    return [*made, _external()]


def _external() -> TensorProto:
    tensor = TensorProto(name="e", dims=[2], data_type=1, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "e.bin"), ("offset", "4"), ("length", "8"), ("checksum", "0a")):
        tensor.external_data.add(key=key, value=value)
    return tensor


def _sparse():
    values = helper.make_tensor("sparse", 1, [2], [1.0, 2.0])
    return helper.make_sparse_tensor(values, helper.make_tensor("at", 7, [2], [0, 5]), [2, 3])


def _nodes():
    tensor = helper.make_tensor("t", 1, [1], [1.0])
    attributes = {
        "i": 1, "f": 0.5, "s": b"text", "ints": [1, 300], "floats": [0.5], "strings": ["a", "b"],
        "t": tensor, "ts": [tensor], "sp": _sparse(), "sps": [_sparse()],
        "tp": helper.make_tensor_type_proto(1, [2, "n"]),
    }  # fmt: skip
    node = helper.make_node("Op", ["x"], ["y"], name="n", domain="custom", **attributes)
    node.attribute.append(
        AttributeProto(name="r", ref_attr_name="alpha", type=AttributeProto.FLOAT)
    )
    return [node]
