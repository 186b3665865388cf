"""Abuses of an ONNX file, one sentence each, and the verdict."""

import itertools
import time
import warnings
from contextlib import suppress

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from google.protobuf.internal.encoder import _VarintBytes as varint  # noqa: E402
from onnx_models import external, helper, model, numpy_helper, onnx, values  # noqa: E402

import tensorwire as tw  # noqa: E402


def tensor(dims, number=1, **fields):
    return onnx.TensorProto(name="w", dims=dims, data_type=number, **fields)


def opened(*tensors, **kwargs):
    return tw.from_buffer(model(tensors, **kwargs).SerializeToString())


def wrapped(number, payload):
    """One length-delimited field."""
    return bytes([number << 3 | 2]) + varint(len(payload)) + payload


def use(data):
    """Everything a caller can ask of a model; what it raises must be a ModelError."""
    with tw.from_buffer(data, format="onnx") as found:
        str(found.graph), found.info, found.metadata, found.files
        for name in found:
            t = found.tensors[name]
            repr(t), t.available, t.offset, t.aligned
            with suppress(tw.ModelError, FileNotFoundError):
                t.numpy(), t.dtype == "string" or t.tobytes()


def small():
    """A model with one of most things, of a few hundred bytes."""
    inner = helper.make_graph(
        [helper.make_node("Constant", [], ["o"], value=numpy_helper.from_array(values((2,)), "c"))],
        "inner",
        [],
        [helper.make_tensor_value_info("o", 1, [2])],
    )
    nodes = [
        helper.make_node("If", ["w"], ["z"], then_branch=inner),
        helper.make_node("Op", ["z"], ["y"], ints=[1, 300], floats=[0.5], s=b"text"),
    ]
    tensors = [
        numpy_helper.from_array(values((2,)), "w"),
        tensor([2], 7, int64_data=[1, -1]),
        tensor([2], 8, string_data=[b"a", b""]),
        tensor([3], 22, int32_data=[0x21, 3]),
        external("e", "e.bin", length=24),
    ]
    inputs = [helper.make_tensor_value_info("x", 1, ["n", 3])]
    return model(tensors, nodes, inputs=inputs, producer_name="p").SerializeToString()


SMALL = small()


def test_every_truncation():
    for stop in range(len(SMALL)):
        with suppress(tw.ModelError):
            use(SMALL[:stop])


@pytest.mark.parametrize("chunk", range(8))
def test_every_change_of_one_byte(chunk):
    step = range(chunk, len(SMALL), 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy on casting odd floats to text
        for at, value in itertools.product(step, (0, 1, 0x7F, 0x80, 0xFF)):
            changed = SMALL[:at] + bytes([value]) + SMALL[at + 1 :]
            with suppress(tw.ModelError):
                use(changed)


def test_negative_dimensions_whose_product_fits():
    with pytest.raises(tw.ModelError, match=r"dimension -1 of shape \[-1, -4\] is negative"):
        opened(tensor([-1, -4], raw_data=bytes(16)))["w"]


def test_a_product_that_wraps_to_the_stored_size():
    with pytest.raises(tw.LimitError, match="takes more than 9223372036854775807 bytes"):
        opened(tensor([2**32, 2**32, 1], raw_data=b""))["w"]


def test_zero_times_huge():
    found = opened(tensor([0, 2**31], raw_data=b""))
    assert found["w"].shape == (0, 2**31)
    with pytest.raises(tw.LimitError):
        opened(tensor([0, 2**40, 2**40], raw_data=b""))["w"]


def test_a_rank_beyond_the_limit():
    with pytest.raises(tw.LimitError, match="65 dimensions; the limit rank allows 64") as caught:
        opened(tensor([1] * 65, raw_data=bytes(4)))["w"]
    assert caught.value.path == "graph.initializer[0].dims"
    data = model([tensor([1] * 65, raw_data=bytes(4))]).SerializeToString()
    raised = tw.from_buffer(data, limits=tw.Limits(rank=65)).tensors["w"]
    assert raised.ndim == 65 and raised.tobytes() == bytes(4)
    with pytest.raises(tw.LimitError, match="65 dimensions are more than this NumPy has"):
        raised.numpy()


def test_a_huge_shape_over_few_bytes_asks_for_no_memory():
    for number, field in ((1, "raw_data"), (22, "raw_data"), (7, "int64_data"), (22, "int32_data")):
        stored = {field: b"1234" if field == "raw_data" else [1, 2]}
        with pytest.raises(tw.DecodeError, match="stored, but 1099511627776 elements") as caught:
            opened(tensor([2**40], number, **stored))["w"]
        assert caught.value.path == f"graph.initializer[0].{field}" and caught.value.offset


def test_too_few_and_too_many_bytes():
    for stored in (bytes(7), bytes(9)):
        with pytest.raises(tw.DecodeError, match=f"{len(stored)} bytes stored, but 2 elements"):
            opened(tensor([2], raw_data=stored))["w"]


def test_raw_and_typed_elements_at_once_give_the_raw_ones():
    found = opened(tensor([1], raw_data=np.float32(1).tobytes(), float_data=[2]))
    assert found["w"].tolist() == [1]


def test_a_segment_of_another_tensor():
    proto = tensor([1], raw_data=bytes(4))
    proto.segment.end = 1
    with pytest.raises(tw.UnsupportedError, match="segment"):
        opened(proto)["w"]


def test_names_with_nothing_and_with_nul():
    found = opened(onnx.TensorProto(name="\0", dims=[], data_type=2, raw_data=b"\1"))
    assert found["\0"] == 1 and found["\0"].shape == ()


def test_graphs_nested_beyond_the_depth_limit():
    def nested(levels):
        """Upstream cannot write so deep a model. Fields: graph 7, node 1, attribute 5, g 6."""
        graph = b"\x12\x01g"
        for _ in range(levels):
            attribute = wrapped(6, graph) + b"\xa0\x01\x05"
            graph = wrapped(1, wrapped(5, attribute)) + b"\x12\x01g"
        return b"\x08\x08" + wrapped(7, graph)

    assert str(tw.from_buffer(nested(32)).graph).count("graph g {") == 33
    with pytest.raises(tw.DecodeError, match="deep"):
        tw.from_buffer(nested(40))
    deep = tw.from_buffer(nested(60), limits=tw.Limits(depth=200))
    assert str(deep.graph).count("graph g {") == 61 and len(deep) == 0
    deepest = tw.from_buffer(nested(190), limits=tw.Limits(depth=100_000))
    assert str(deepest.graph).count("graph g {") == 191 and len(deepest) == 0
    with pytest.raises(tw.DecodeError, match="deep"):
        tw.from_buffer(nested(1000), limits=tw.Limits(depth=100_000))


def test_a_hundred_thousand_dimensions_cost_no_tuple():
    with pytest.raises(tw.LimitError, match="100000 dimensions"):
        opened(tensor([1] * 100_000, raw_data=bytes(4)))["w"]


def test_faults_of_the_wire_pickle_with_all_they_know():
    import pickle

    with pytest.raises(tw.DecodeError) as caught:
        tw.from_buffer(SMALL[:-3])
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.offset, again.path, again.reason) == (
        caught.value.offset,
        caught.value.path,
        caught.value.reason,
    )


def within(seconds, action):
    """What ``action`` gives. Each abuse below took a hundred times as long, or its square."""
    started = time.process_time()
    answer = action()
    assert time.process_time() - started < seconds
    return answer


def test_a_location_of_a_million_folders():
    data = model([external("w", "a/" * 500_000 + "w.bin")]).SerializeToString()
    found = tw.from_buffer(data, base=".")
    with pytest.raises(tw.ContainmentError, match="1000005 characters; 4096 are allowed"):
        within(2, lambda: found["w"])
    assert not found.tensors["w"].available and found.files == []


def test_many_scales_at_the_end_of_many_tensors():
    proto = model([tensor([1], float_data=[1]) for _ in range(5000)])
    for i, held in enumerate(proto.graph.initializer):
        held.name = str(i)
        annotation = proto.graph.quantization_annotation.add(tensor_name=held.name)
        annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="4999")
    found = tw.from_buffer(proto.SerializeToString())
    assert all(t.quantization for t in within(2, lambda: list(found.tensors.values())))
