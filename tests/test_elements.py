"""Arrays of every kind as stored elements: type, shape, bytes."""

import pytest

np = pytest.importorskip("numpy")

import tensorwire as tw  # noqa: E402
from tensorwire import dtypes  # noqa: E402
from tensorwire._core.source import Source  # noqa: E402
from tensorwire.elements import Elements  # noqa: E402
from tensorwire.layouts import PACKED, PLAIN  # noqa: E402
from tensorwire.layouts.subbyte import PACK_STEP  # noqa: E402
from tensorwire.places import Span  # noqa: E402
from tensorwire.tensor import Tensor  # noqa: E402

NUMBERS = [name for name in dtypes._BY_NAME if name != "string"]


def codes(dtype, shape):
    """An array with every bit pattern its elements may have, or many of them."""
    raw = np.random.default_rng(1).integers(0, 256, (*shape, dtype.itemsize), dtype=np.uint8)
    if dtype.bits < 8:
        raw &= 2**dtype.bits - 1
    if dtype.name == "bool":
        raw &= 1
    return raw.view(dtype.numpy).reshape(shape)


def read_back(elements):
    source = Source(bytes(elements.data))
    layout = PACKED if elements.dtype.bits % 8 else PLAIN
    span = Span(source, 0, source.size)
    return Tensor("t", elements.dtype, elements.shape, span, layout).numpy()


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 5), (2, 0, 3), (257,)])
def test_numbers_are_read_back(name, shape):
    array = codes(dtypes.dtype(name), shape)
    elements = Elements(array)
    assert elements.dtype is dtypes.dtype(name) and elements.shape == shape
    assert len(elements.data) == elements.dtype.stored_nbytes(array.size)
    again = read_back(elements)
    assert again.dtype == array.dtype and again.tobytes() == array.tobytes()


@pytest.mark.parametrize("name", ["float32", "int64", "bfloat16", "float8_e5m2", "complex128"])
def test_what_lies_as_it_is_stored_is_not_copied(name):
    array = codes(dtypes.dtype(name), (3, 4))
    array.flags.writeable = False
    data = Elements(array).data
    assert np.shares_memory(np.frombuffer(data, np.uint8), array.view(np.uint8))
    assert data.readonly


def test_other_orders_are_put_right():
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for other in (array.transpose(2, 0, 1), array[:, ::-2], np.asfortranarray(array)):
        assert np.array_equal(read_back(Elements(other)), other)
    for swapped in (array.astype(">f4"), np.float32(2.5).astype(">f4"), array.astype(">c8")):
        assert np.array_equal(read_back(Elements(swapped)), swapped)
        assert Elements(swapped).dtype == swapped.dtype.newbyteorder("=")


def test_many_narrow_elements_are_packed_in_steps():
    dtype = dtypes.dtype("float6_e2m3fn")
    array = codes(dtype, (PACK_STEP + 3,))
    elements = Elements(array)
    assert len(elements.data) == dtype.stored_nbytes(PACK_STEP + 3)
    assert read_back(elements).tobytes() == array.tobytes()


def test_bits_above_those_of_the_type_are_dropped():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dirty = np.array([0xF1, 0x72, 0xFF], np.uint8).view(ml_dtypes.int4)
    assert bytes(Elements(dirty).data) == b"\x21\x0f"


def test_whatever_numpy_takes_for_an_array():
    assert Elements([[1, 2], [3, 4]]).shape == (2, 2)
    assert Elements(2.5).dtype == "float64" and Elements(True).dtype == "bool"
    source = Source(bytes(8))
    tensor = Tensor("t", dtypes.dtype("int32"), (2,), Span(source, 0, 8))
    assert Elements(tensor).dtype == "int32" and Elements(memoryview(b"ab")).dtype == "uint8"


def test_text():
    objects = np.array([["a", b"\xff"], ["ä", np.str_("x")]], dtype=object)
    assert Elements(objects).data == [b"a", b"\xff", "ä".encode(), b"x"]
    assert Elements(objects).shape == (2, 2) and Elements(objects).dtype == "string"
    assert Elements(["a", "\udcff"]).data == [b"a", b"\xff"]
    assert Elements(np.array([b"x\0y"])).data == [b"x\0y"]
    assert Elements(np.array("text")).shape == ()
    with pytest.raises(UnicodeEncodeError):
        Elements(["\ud800"])


@pytest.mark.parametrize(
    "dtype",
    ["M8[s]", np.longdouble, [("a", "i4")], "V3"],
    ids=["time", "long", "fields", "void"],
)
def test_what_has_no_element_type(dtype):
    array = np.zeros(2, dtype)
    if array.dtype.itemsize == 8 and array.dtype.kind == "f":
        pytest.skip("here a long double is a float64")
    with pytest.raises(tw.UnsupportedError, match="no element type"):
        Elements(array)


def test_objects_that_are_no_text():
    with pytest.raises(TypeError, match="NoneType"):
        Elements(np.array(["a", None], dtype=object))
