"""Tensor over places and layouts of the test's own."""

import gc
import weakref

import pytest

np = pytest.importorskip("numpy")

import tensorwire as tw  # noqa: E402
from tensorwire._core.source import Source  # noqa: E402
from tensorwire.dtypes import dtype  # noqa: E402
from tensorwire.layouts import PACKED, STRINGS, VARINTS  # noqa: E402
from tensorwire.places import Joined, Listed, Refused, Span  # noqa: E402
from tensorwire.tensor import Tensor  # noqa: E402

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)
DATA = b"\xff" * 8 + ARRAY.tobytes()


def tensor(offset=8, shape=(2, 3), name="float32", data=DATA, nbytes=24, **kwargs):
    return Tensor("t", dtype(name), shape, Span(Source(data), offset, nbytes), **kwargs)


def test_a_view_is_read_only_and_keeps_its_source():
    array = tensor().numpy(copy=False)
    assert np.array_equal(array, ARRAY) and not array.flags.writeable and not array.flags.owndata
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.flags.writeable = True
    gc.collect()
    assert np.array_equal(array, ARRAY)


def test_a_copy_is_writable_and_lets_go(tmp_path):
    copied = tensor().numpy(copy=True)
    copied[0, 0] = 9
    assert copied.base is None or copied.base.base is None
    assert np.array_equal(tensor().numpy(), ARRAY)


def test_unaligned_views_say_so():
    data = b"\xff" + ARRAY.tobytes()
    shifted = tensor(offset=1, data=data)
    assert not shifted.aligned and not shifted.numpy(copy=False).flags.aligned
    assert np.array_equal(shifted.numpy(), ARRAY) and shifted.numpy(copy=True).flags.aligned
    assert tensor().aligned and tensor().numpy().flags.aligned


def test_complex_numbers_align_like_their_halves():
    found = tensor(offset=4, shape=(2,), name="complex64", nbytes=16, data=b"\0\0\0\0" + DATA)
    assert found.aligned and found.numpy().flags.aligned


@pytest.mark.parametrize("shape", [(), (1,), (0,), (3, 0, 2), (1,) * 32])
def test_shapes(shape):
    count = int(np.prod(shape))
    found = tensor(shape=shape, nbytes=4 * count)
    assert found.numpy().shape == found.shape == shape and found.ndim == len(shape)
    assert found.size == count and found.nbytes == 4 * count == len(found.tobytes())
    assert found.numpy(copy=False).flags.writeable is False


def test_no_bytes_at_the_end_of_no_bytes():
    found = tensor(offset=0, shape=(0, 4), data=b"", nbytes=0)
    assert found.numpy(copy=False).shape == (0, 4) and found.numpy(copy=True).shape == (0, 4)
    assert bytes(found.raw) == b"" and found.tobytes() == b""


def test_indexing_and_array_protocol():
    found = tensor()
    assert found[1, 2] == 5 and np.array_equal(found[0:1], ARRAY[0:1]) and len(found) == 2
    assert np.array_equal(np.asarray(found), ARRAY)
    assert np.asarray(found, dtype=np.float64).dtype == np.float64
    assert np.add(found, 1)[0, 0] == 1 and [row.tolist() for row in found] == ARRAY.tolist()
    with pytest.raises(TypeError, match="shape"):
        len(tensor(shape=(), nbytes=4))
    assert bool(tensor(shape=(0,), nbytes=0))


@pytest.mark.skipif(int(np.__version__.split(".")[0]) < 2, reason="NumPy 2 added copy=")
def test_array_protocol_of_numpy_2():
    found = tensor()
    assert not np.array(found, copy=False).flags.writeable
    assert np.array(found, copy=True).flags.writeable
    with pytest.raises(ValueError, match="float64"):
        np.array(found, dtype=np.float64, copy=False)


@pytest.mark.parametrize("nbytes", [0, 20, 28])
def test_stored_against_declared(nbytes):
    found = tensor(nbytes=nbytes, data=DATA + bytes(8), path="p", stored_at="p.raw")
    for use in (found.numpy, found.tobytes, found.check, lambda: found[0]):
        with pytest.raises(tw.DecodeError, match=f"{nbytes} bytes stored, but 6 .* take 24") as e:
            use()
        assert (e.value.offset, e.value.path) == (8, "p.raw")
    assert len(found.raw) == nbytes and found.nbytes == 24


def test_joined_runs():
    found = Tensor("t", dtype("float32"), (6,), Joined(ARRAY.tobytes, "f"), path="p")
    assert np.array_equal(found.numpy(), ARRAY.ravel()) and found.aligned and found.available
    assert found.offset is None and found.file == "f"
    with pytest.raises(tw.LayoutError, match="split"):
        found.numpy(copy=False)
    with pytest.raises(tw.LayoutError, match="split"):
        found.raw
    short = Tensor("t", dtype("float32"), (7,), Joined(ARRAY.tobytes, "f"), path="p")
    with pytest.raises(tw.ModelError, match="24 bytes stored") as caught:
        short.numpy()
    assert caught.value.path == "p" and caught.value.file == "f"


def test_refused_places_tell_why_each_time():
    place = Refused(lambda: tw.ContainmentError("no such place"), "f")
    found = Tensor("t", dtype("float32"), (6,), place, path="p")
    assert not found.available and found.nbytes == 24 and found.offset is None
    for use in (found.numpy, lambda: found.raw, found.check):
        with pytest.raises(tw.ContainmentError, match="no such place"):
            use()


def test_packed_bits():
    found = tensor(name="uint4", shape=(3,), data=b"\x21\x03", offset=0, nbytes=2, layout=PACKED)
    assert found.numpy().astype(int).tolist() == [1, 2, 3] and found.nbytes == 2
    assert found.tobytes() == b"\x21\x03" == bytes(found.raw) and found.aligned
    with pytest.raises(tw.LayoutError, match="4 bits"):
        found.numpy(copy=False)


def test_varints():
    found = tensor(
        name="int16", shape=(2,), data=b"\x01\x80\x02", offset=0, nbytes=3, layout=VARINTS
    )
    assert found.numpy().tolist() == [1, 256] and found.tobytes() == b"\x01\x00\x00\x01"
    with pytest.raises(tw.LayoutError, match="varints"):
        found.numpy(copy=False)


def test_strings():
    found = Tensor("t", dtype("string"), (2, 1), Listed(lambda: [b"a", b"\xff"], None), STRINGS)
    assert found.numpy().tolist() == [["a"], ["\udcff"]] and found.strings == [b"a", b"\xff"]
    assert found.nbytes == 2 and not found.numpy().flags.writeable
    assert found.numpy(copy=True).flags.writeable


def test_arrays_hold_the_source_and_the_tensor_does_not_hold_arrays():
    array = tensor().numpy()
    gone = weakref.ref(array)
    del array
    gc.collect()
    assert gone() is None
