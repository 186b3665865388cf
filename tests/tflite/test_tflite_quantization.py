"""Codes and the real numbers that they stand for: one scale, many, blocks, several axes."""

import numpy as np
import pytest
from tflite_models import buffer, made, model, packed, subgraph, tensor

import tensorwire as tw

RANDOM = np.random.default_rng(5)


def quantized(codes, kind="INT8", others=(), **fields):
    """The tensor ``t`` of those codes; ``others``: (array, kind) of tensors 1, 2, ..."""
    parameters = made("QuantizationParameters", **fields)
    held = [tensor("t", codes.shape, kind, 1, quantization=parameters)]
    for i, (array, other) in enumerate(others):
        held.append(tensor(f"o{i}", array.shape, other, i + 2))
    buffers = [buffer(array.tobytes()) for array in (codes, *(array for array, _ in others))]
    data = packed(model([subgraph(held)], buffers))
    return tw.from_buffer(data).tensors["t"], data


def kinds(data):
    import io

    return [finding.kind for finding in tw.validate(io.BytesIO(data))]


CODES = RANDOM.integers(-128, 128, (4, 6), dtype=np.int8)


def test_one_scale():
    found, data = quantized(CODES, scale=[0.5], zeroPoint=[3])
    assert found.quantization.axis is None and found.quantization.zero_point.numpy() == [3]
    assert np.array_equal(found.dequantize(), (CODES.astype("f4") - 3) * np.float32(0.5))
    assert found.dequantize().dtype == "float32" and kinds(data) == []


@pytest.mark.parametrize("axis", [0, 1])
def test_a_scale_for_each_index_of_an_axis(axis):
    scale = RANDOM.random(CODES.shape[axis], "f4")
    zero = RANDOM.integers(-5, 5, len(scale))
    found, data = quantized(CODES, scale=scale, zeroPoint=zero, quantizedDimension=axis)
    shape = [-1, 1] if axis == 0 else [1, -1]
    wanted = (CODES.astype("f4") - zero.reshape(shape)) * scale.reshape(shape)
    assert found.quantization.axis == axis and kinds(data) == []
    assert np.allclose(found.dequantize(), wanted, rtol=1e-6)
    assert found.quantization.scale.numpy().tolist() == scale.tolist()
    assert found.quantization.scale.path == "subgraphs[0].tensors[0].quantization.scale"


def test_minimum_and_maximum_alone_are_no_quantization():
    found, data = quantized(CODES, min=[0.0], max=[1.0])
    assert found.quantization is None and np.array_equal(found.dequantize(), CODES)
    assert kinds(data) == []


def test_custom_details_are_not_read():
    details = made("CustomQuantization", custom=np.arange(4, dtype="u1"))
    fields = {"details": details, "detailsType": 1, "scale": [1.0], "zeroPoint": [0]}
    assert quantized(CODES, **fields)[0].quantization is None


def blocks(scales, zero_points=-1, size=4, **fields):
    details = made(
        "BlockwiseQuantization", scales=scales, zeroPoints=zero_points, blockSize=size
    )
    return {"detailsType": 2, "details": details, "scale": [9.0], "zeroPoint": [9], **fields}


@pytest.mark.parametrize("width", [8, 6])
@pytest.mark.parametrize("kind", ["FLOAT16", "FLOAT32"])
@pytest.mark.parametrize("dimension", [0, 1])
def test_blocks_whose_scales_are_a_tensor(width, kind, dimension):
    codes = RANDOM.integers(-128, 128, (3, width), dtype=np.int8)
    scale = RANDOM.random((3, 2)).astype(kind.lower())
    zero = RANDOM.integers(-9, 9, (3, 2), dtype=np.int32)
    others = [(scale, kind), (zero, "INT32")]
    spread = [array.repeat(4, 1)[:, :width].astype("f4") for array in (scale, zero)]
    found, data = quantized(codes, others=others, **blocks(1, 2, quantizedDimension=dimension))
    assert np.allclose(found.dequantize(), (codes - spread[1]) * spread[0], rtol=1e-6)
    assert found.dequantize().dtype == "float32" and kinds(data) == []
    assert found.quantization.block == 4 and found.quantization.scale.name == "o0"
    found, data = quantized(codes, others=others, **blocks(1, quantizedDimension=dimension))
    assert np.allclose(found.dequantize(), codes * spread[0], rtol=1e-6) and kinds(data) == []


def test_blocks_of_one_dimension():
    codes, scale = np.arange(8, dtype=np.int8), np.array([1, 2], "f4")
    found, _ = quantized(codes, others=[(scale, "FLOAT32")], **blocks(1))
    assert found.dequantize().tolist() == [0, 1, 2, 3, 8, 10, 12, 14]


def test_blocks_along_several_dimensions():
    codes = RANDOM.integers(-128, 128, (4, 6), dtype=np.int8)
    scale = RANDOM.random((2, 3), "f4")
    fields = blocks(1, size=0)
    fields["details"].blockShape = [2, 2]
    found, data = quantized(codes, others=[(scale, "FLOAT32")], **fields)
    assert found.quantization.block == (2, 2) and kinds(data) == []
    assert np.allclose(found.dequantize(), codes * scale.repeat(2, 0).repeat(2, 1), rtol=1e-6)


def test_narrow_codes_in_blocks():
    codes = np.array([[0x21, 0x43, 0x65, 0x87]], np.uint8)  # 1, 2, ... 8: -8
    scale = np.array([[1.0, 10.0]], "f2")
    parameters = made("QuantizationParameters", **blocks(1))
    held = [
        tensor("t", (1, 8), "INT4", 1, quantization=parameters),
        tensor("s", (1, 2), "FLOAT16", 2),
    ]
    data = packed(model([subgraph(held)], [buffer(codes), buffer(scale.tobytes())]))
    found = tw.from_buffer(data).tensors["t"]
    assert found.dequantize().tolist() == [[1, 2, 3, 4, 50, 60, 70, -80]]


def several(scales, zero_points, axes, size=0):
    details = made(
        "MultiAxisQuantization", scales=scales, zeroPoints=zero_points, blockSize=size,
        quantizedDimensions=list(axes),
    )  # fmt: skip
    return {"detailsType": 3, "details": details}


@pytest.mark.parametrize("shape", [(2, 4), (2, 1, 4)])
def test_several_axes(shape):
    codes = RANDOM.integers(-128, 128, (2, 3, 4), dtype=np.int8)
    scale = RANDOM.random(shape, "f4")
    found, data = quantized(codes, others=[(scale, "FLOAT32")], **several(1, -1, (0, 2)))
    assert found.quantization.axis == (0, 2) and kinds(data) == []
    assert np.allclose(found.dequantize(), codes * scale.reshape(2, 1, 4), rtol=1e-6)


def test_several_axes_in_blocks():
    codes = RANDOM.integers(-128, 128, (2, 3, 8), dtype=np.int8)
    scale = RANDOM.random((2, 1, 2), dtype="f4")
    found, _ = quantized(codes, others=[(scale, "FLOAT32")], **several(1, -1, (0, 2), 4))
    assert np.allclose(found.dequantize(), codes * scale.repeat(4, 2), rtol=1e-6)


@pytest.mark.parametrize(
    ("fields", "error", "reason"),
    [
        ({"scale": [1.0, 2.0], "zeroPoint": [0, 0]}, tw.LayoutError, "2 scales .* axis 0 of"),
        (
            {"scale": [1.0] * 4, "zeroPoint": [0] * 4, "quantizedDimension": 7},
            tw.LayoutError, r"for axes \[7\] of \[4, 6\]",
        ),
        (blocks(1, size=2), tw.LayoutError, "2 scales .* axis 1 of .* in blocks of 2"),
        (blocks(1, size=-4), tw.LayoutError, "for axis"),
        (blocks(99), tw.ModelError, "tensor 99 of the subgraph is no constant"),
        (blocks(-2), tw.ModelError, "tensor -2 of the subgraph is no constant"),
        (several(1, -1, (0, 0)), tw.LayoutError, r"for axes \[0, 0\]"),
        (several(1, -1, (0, 9)), tw.LayoutError, r"for axes \[0, 9\]"),
    ],
)  # fmt: skip
def test_descriptions_that_do_not_fit(fields, error, reason):
    shape = (4, 2, 1) if fields.get("detailsType") == 3 else (4, 2)
    found, data = quantized(CODES, others=[(np.ones(shape, "f4"), "FLOAT32")], **fields)
    with pytest.raises(error, match=reason):
        found.dequantize()
    assert "quantization" in kinds(data)
    assert found.numpy().shape == CODES.shape


def test_numbers_of_scales_and_zero_points_that_differ_are_reported():
    found, data = quantized(CODES, scale=[1.0] * 4, zeroPoint=[1])
    assert kinds(data) == ["quantization"]
    assert np.array_equal(found.dequantize(), CODES.astype("f4") - 1)
