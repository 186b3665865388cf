"""Every element type in each way ONNX stores it: raw, typed (whole, split, unpacked), external."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
import ml_dtypes  # noqa: E402
from google.protobuf.internal.encoder import _VarintBytes as varint  # noqa: E402
from onnx_models import helper, model, onnx, saved, values  # noqa: E402

import tensorwire as tw  # noqa: E402
from tensorwire.formats.onnx.element_types import element_type, typed_field  # noqa: E402

NUMBERS = [n for n in range(1, 29) if n != onnx.TensorProto.STRING]
COUNT = 7  # odd, so that packed bytes end with padding
FIELDS = {field.name: field.number for field in onnx.TensorProto.DESCRIPTOR.fields}

pytestmark = pytest.mark.filterwarnings("ignore:.*precision.*")


def codes(number):
    """COUNT elements as unsigned integers of a width of their own, among them the highest."""
    bits = element_type(number).bits
    if number == onnx.TensorProto.BOOL:
        return [1, 0, 1, 1, 0, 0, 1]
    top = (1 << bits) - 1
    return [0, 1, top, top >> 1, top // 3, 2 & top, top - 1][:COUNT]


def expected(number):
    """The array that `codes` stand for, of one byte or more an element."""
    dtype = element_type(number).numpy
    as_bytes = b"".join(code.to_bytes(dtype.itemsize, "little") for code in codes(number))
    return np.frombuffer(as_bytes, dtype.newbyteorder("<")).astype(dtype)


def packed(number):
    """The elements without gaps, low bits first: one long little-endian number."""
    bits = element_type(number).bits
    whole = sum(code << (bits * i) for i, code in enumerate(codes(number)))
    return whole.to_bytes((bits * COUNT + 7) // 8, "little")


def entries(number):
    """What the typed field repeats: numbers, or bytes of two or four packed elements."""
    bits = element_type(number).bits
    return list(packed(number)) if bits in (2, 4) else codes(number)


def is_varint(number):
    return typed_field(number)[0] in ("int32_data", "int64_data", "uint64_data")


def items(number):
    """The encoded entries of the typed field: varints, or fixed-width numbers."""
    if is_varint(number):
        return [varint(entry) for entry in entries(number)]
    width = 4 if typed_field(number)[0] == "float_data" else 8
    stored = packed(number)
    return [stored[i : i + width] for i in range(0, len(stored), width)]


def run(field, payload):
    """One length-delimited occurrence of a field."""
    return varint(FIELDS[field] << 3 | 2) + varint(len(payload)) + payload


def header(number, name="t"):
    message = onnx.TensorProto(dims=[COUNT], name=name)
    return b"\x10" + varint(number) + message.SerializeToString()


def open_bytes(data):
    return tw.from_buffer(data, format="onnx").tensors["t"]


def check(tensor, number, stored_in_place):
    assert tensor.dtype == element_type(number) and tensor.shape == (COUNT,)
    array, whole = tensor.numpy(), expected(number)
    assert array.dtype == whole.dtype and array.tobytes() == whole.tobytes()
    assert tensor.tobytes() == packed(number) and tensor.nbytes == len(packed(number))
    assert not array.flags.writeable and tensor.numpy(copy=True).flags.writeable
    if stored_in_place:
        assert tensor.numpy(copy=False).tobytes() == whole.tobytes()
        assert array.flags.aligned == tensor.aligned
    else:
        assert tensor.aligned
        with pytest.raises(tw.LayoutError):
            tensor.numpy(copy=False)


def whole_bytes(number):
    return element_type(number).bits % 8 == 0


@pytest.mark.parametrize("number", NUMBERS)
def test_raw(number):
    tensor = open_bytes(header(number) + run("raw_data", packed(number)))
    check(tensor, number, whole_bytes(number))
    assert bytes(tensor.raw) == packed(number)


@pytest.mark.parametrize("number", NUMBERS)
def test_typed_in_one_run(number):
    field = typed_field(number)[0]
    payload = b"".join(items(number))
    tensor = open_bytes(header(number) + run(field, payload))
    check(tensor, number, not is_varint(number))
    assert bytes(tensor.raw) == payload


@pytest.mark.parametrize("number", NUMBERS)
def test_typed_in_two_runs(number):
    field, parts = typed_field(number)[0], items(number)
    data = run(field, b"".join(parts[:2])) + header(number) + run(field, b"".join(parts[2:]))
    tensor = open_bytes(data)
    check(tensor, number, stored_in_place=False)
    assert tensor.offset is None
    with pytest.raises(tw.LayoutError, match="split"):
        tensor.raw


@pytest.mark.parametrize("number", NUMBERS)
def test_typed_unpacked(number):
    field, parts = typed_field(number)[0], items(number)
    wire_type = 0 if is_varint(number) else {4: 5, 8: 1}[len(parts[0])]
    tag = varint(FIELDS[field] << 3 | wire_type)
    check(open_bytes(header(number) + b"".join(tag + part for part in parts)), number, False)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("lead", [0, 3])
def test_external(number, lead, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"\xff" * lead + packed(number) + b"\xee")
    tensor = onnx.TensorProto.FromString(header(number, "w"))
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="w.bin")
    tensor.external_data.add(key="offset", value=str(lead))
    with tw.open(saved(tmp_path, [tensor])) as opened:
        found = opened.tensors["w"]
        assert found.offset == lead and found.available and found.file == str(tmp_path / "w.bin")
        check(found, number, whole_bytes(number))


@pytest.mark.parametrize("number", [n for n in NUMBERS if n <= 26])
def test_upstream_agrees(number):
    data = header(number) + run(typed_field(number)[0], b"".join(items(number)))
    theirs = onnx.numpy_helper.to_array(onnx.TensorProto.FromString(data))
    assert open_bytes(data).numpy().tobytes() == theirs.tobytes()


def test_negative_numbers_take_ten_bytes():
    proto = helper.make_tensor("t", onnx.TensorProto.INT8, [3], [-1, -128, 127])
    tensor = open_bytes(proto.SerializeToString())
    assert tensor.numpy().tolist() == [-1, -128, 127] and tensor.tobytes() == b"\xff\x80\x7f"


def test_ml_dtypes_read_the_elements_as_numbers():
    numbers = np.array([1, -2, 0.5, 6], ml_dtypes.float4_e2m1fn)
    proto = onnx.numpy_helper.from_array(numbers, "t")
    assert open_bytes(proto.SerializeToString()).numpy().astype(float).tolist() == [1, -2, 0.5, 6]


def test_strings_keep_their_bytes():
    stored = [b"a", "é".encode(), b"", b"\xff\x00", b"end\x00"]
    proto = onnx.TensorProto(name="t", dims=[5], data_type=8, string_data=stored)
    tensor = open_bytes(proto.SerializeToString())
    array = tensor.numpy()
    assert tensor.strings == stored and tensor.nbytes == sum(map(len, stored))
    assert array.dtype == object and array[:3].tolist() == ["a", "é", ""]
    assert [text.encode("utf-8", "surrogateescape") for text in array] == stored
    for refused in (lambda: tensor.raw, tensor.tobytes, lambda: tensor.numpy(copy=False)):
        with pytest.raises(tw.LayoutError):
            refused()
    with pytest.raises(tw.LayoutError, match="not strings"):
        open_bytes(header(1) + run("raw_data", packed(1))).strings


def test_strings_in_raw_data_are_not_defined():
    tensor = open_bytes(header(8) + run("raw_data", b"abc"))
    assert not tensor.available
    with pytest.raises(tw.UnsupportedError, match="strings"):
        tensor.numpy()


@pytest.mark.parametrize("number", [0, 29, 4000])
def test_a_type_to_come_is_listed_but_not_read(number):
    message = onnx.TensorProto.FromString(header(number) + run("raw_data", b"abc"))
    tensor = tw.from_buffer(model([message]).SerializeToString()).tensors["t"]
    assert tensor.dtype == f"onnx:{number}" and bytes(tensor.raw) == b"abc"
    with pytest.raises(tw.UnsupportedError, match=f"onnx:{number}"):
        tensor.numpy()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1,) * 40])
def test_unusual_shapes(shape, tmp_path):
    array = values(shape)
    with tw.open(saved(tmp_path, [("w", array)])) as opened:
        tensor = opened.tensors["w"]
        assert tensor.shape == shape and tensor.size == array.size and tensor.ndim == len(shape)
        assert np.array_equal(opened["w"], array) and opened["w"].shape == shape
