"""Element types: names, widths, equality with NumPy's and ml_dtypes' types, no early imports."""

import pickle
import subprocess
import sys

import pytest

from tensorwire.dtypes import _BY_NAME, DType, dtype, unknown
from tensorwire.errors import UnsupportedError


@pytest.mark.parametrize("name", sorted(_BY_NAME))
def test_equals_its_name_and_its_numpy_dtype(name):
    ours = dtype(name)
    assert ours == name and str(ours) == name and hash(ours) == hash(name)
    assert ours == ours.numpy and ours.numpy == ours.numpy
    assert not ours != ours.numpy
    assert pickle.loads(pickle.dumps(ours)) == ours


@pytest.mark.parametrize("name", sorted(set(_BY_NAME) - {"string"}))
def test_numpy_agrees_on_name_and_width(name):
    ours = dtype(name)
    assert ours.numpy.name == name and ours.numpy.itemsize == ours.itemsize
    assert ours == ours.numpy.type
    others = [other for other in _BY_NAME if other != name]
    assert not any(ours == dtype(other) or ours == dtype(other).numpy for other in others)


def test_scalar_types_and_strangers():
    np = pytest.importorskip("numpy")
    assert dtype("float32") == np.float32 and dtype("float32") != np.float64
    assert dtype("bool") == np.bool_ and dtype("string") == np.dtype(object)
    assert dtype("float32") != np.dtype(">f4" if sys.byteorder == "little" else "<f4")
    assert dtype("float32") not in (None, 3, float, "float64", np.zeros(1, "float32"))


def test_packed_bytes_round_up():
    assert [dtype("int4").stored_nbytes(n) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert [dtype("float6_e2m3fn").stored_nbytes(n) for n in (1, 4, 5)] == [1, 3, 4]


def test_an_unknown_type_can_be_named_but_not_read():
    strange = unknown("onnx.29")
    assert strange == "onnx.29" and pickle.loads(pickle.dumps(strange)) == strange
    with pytest.raises(UnsupportedError, match=r"onnx\.29"):
        strange.numpy


def test_frozen():
    with pytest.raises(AttributeError, match="bits"):
        dtype("int8").bits = 4
    assert repr(dtype("int8")) == "DType('int8')" and isinstance(dtype("int8"), DType)


def test_comparing_imports_no_numpy():
    code = "import sys; from tensorwire.dtypes import dtype; dtype('int8') in (int, 'x', None)"
    check = "; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code + check], check=False).returncode == 0
