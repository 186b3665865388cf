"""Elements a chunk at a time are the elements of the whole, however they are stored."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto as T
from onnx import helper, numpy_helper

import tensorwire as tw

COUNT = 1003  # odd: the last byte and the last chunk are not full
FLOAT6E2M3 = 27  # newer than the onnx that tests are made with

# Element type, and the NumPy type of the values that go in.
TYPED = [
    (T.FLOAT, "float32"),
    (T.DOUBLE, "float64"),
    (T.INT64, "int64"),
    (T.UINT64, "uint64"),
    (T.INT32, "int32"),
    (T.INT8, "int8"),
    (T.FLOAT16, "float16"),
    (T.BFLOAT16, "float32"),
    (T.INT4, "int8"),
    (T.UINT4, "uint8"),
    (T.INT2, "int8"),
    (T.FLOAT4E2M1, "float32"),
    (T.BOOL, "bool"),
    (T.COMPLEX64, "complex64"),
]


def opened(tensor: onnx.TensorProto) -> tw.Tensor:
    return next(iter(tw.from_buffer(tensor.SerializeToString()).tensors.values()))


def values(kind: str) -> np.ndarray:
    """Of many widths as varints, negative ones of ten bytes among them."""
    random = np.random.default_rng(7)
    numbers = random.integers(-(2**62), 2**62, COUNT) >> random.integers(0, 62, COUNT)
    return numbers.astype(kind) if kind in ("int64", "uint64") else (numbers % 2).astype(kind)


@pytest.mark.parametrize("raw", [False, True], ids=["typed", "raw"])
@pytest.mark.parametrize(("data_type", "kind"), TYPED)
@pytest.mark.parametrize("count", [1, 128, 500, COUNT, 10**6])
def test_chunks_join_to_the_whole(data_type, kind, raw, count):
    array = values(kind)
    if raw:
        tensor = helper.make_tensor("x", data_type, [COUNT], array)
        tensor = numpy_helper.from_array(numpy_helper.to_array(tensor), "x")
    else:
        tensor = helper.make_tensor("x", data_type, [COUNT], array.tolist())
    found = opened(tensor)
    whole = found.numpy()
    parts = list(found.chunks(count))
    assert all(part.ndim == 1 and part.dtype == whole.dtype for part in parts)
    assert all(0 < part.size <= max(count, 128) and not part.flags.writeable for part in parts)
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_six_bits_as_varints():
    """One varint each, unlike 4 and 2 bits."""
    codes = np.random.default_rng(1).integers(0, 64, COUNT)
    tensor = T(name="x", data_type=FLOAT6E2M3, dims=[COUNT], int32_data=codes.tolist())
    parts = list(opened(tensor).chunks(128))
    assert len(parts) == -(-COUNT // 128)
    assert np.concatenate(parts).view("uint8").tolist() == codes.tolist()


def test_six_bits_packed():
    packed = np.random.default_rng(1).integers(0, 256, 750, dtype="uint8").tobytes()
    found = opened(T(name="x", data_type=FLOAT6E2M3, dims=[999], raw_data=packed))
    parts = list(found.chunks(128))
    assert len(parts) == 8 and np.concatenate(parts).tobytes() == found.numpy().tobytes()


def test_strings():
    tensor = helper.make_tensor("x", T.STRING, [300], [b"\xff", b"", b"abc"] * 100)
    parts = list(opened(tensor).chunks(128))
    assert [len(part) for part in parts] == [128, 128, 44]
    assert np.concatenate(parts).tolist() == opened(tensor).numpy().tolist()


def test_no_elements_are_no_chunks():
    assert list(opened(helper.make_tensor("x", T.FLOAT, [0, 3], [])).chunks()) == []


def test_a_view_is_not_copied():
    found = opened(T(name="x", data_type=T.UINT8, dims=[1000], raw_data=bytes(1000)))
    assert all(not part.flags.owndata for part in found.chunks(128))


def test_wrong_bytes_are_said_at_once():
    found = opened(T(name="x", data_type=T.FLOAT, dims=[3], raw_data=bytes(11)))
    with pytest.raises(tw.DecodeError, match="11 bytes stored, but 3 elements"):
        next(found.chunks())


def test_graphs_of_a_node():
    body = helper.make_graph([], "body", [], [])
    then = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "then", [], [])
    nodes = [
        helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=body),
        helper.make_node("Odd", [], [], domain="x", several=[body, then], plain=3),
        helper.make_node("Relu", ["y"], ["z"], alpha=1.0),
    ]
    model = helper.make_model(helper.make_graph(nodes, "g", [], []))
    graph = tw.from_buffer(model.SerializeToString()).graph
    names = [sorted(inner.name for inner in node.graphs) for node in graph.nodes]
    assert names == [["body", "then"], ["body", "then"], []]
