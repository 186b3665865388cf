"""Six-bit floats: DataTypes 27 and 28, which onnx has from 1.23 on."""

import pytest

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
import ml_dtypes  # noqa: E402
from onnx_models import numpy_helper, saved  # noqa: E402

import tensorwire as tw  # noqa: E402

if not hasattr(onnx.TensorProto, "FLOAT6E2M3"):
    pytest.skip(f"onnx {onnx.__version__} has no six-bit floats", allow_module_level=True)

KINDS = {
    onnx.TensorProto.FLOAT6E2M3: ml_dtypes.float6_e2m3fn,
    onnx.TensorProto.FLOAT6E3M2: ml_dtypes.float6_e3m2fn,
}


def codes(kind, count):
    return (np.arange(count, dtype=np.uint8) * 7 % 64).view(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 64, 1001])
def test_raw_data_and_int32_data(tmp_path, kind, count):
    array = codes(kind, count)
    raw = numpy_helper.from_array(array, "raw")
    assert raw.data_type == kind and len(raw.raw_data) == (count * 6 + 7) // 8
    typed = onnx.TensorProto(name="typed", data_type=kind, dims=[count])
    typed.int32_data.extend(array.view(np.uint8).tolist())
    path = saved(tmp_path, [raw, typed])
    onnx.checker.check_tensor(raw)
    assert tw.validate(path).ok
    with tw.open(path) as model:
        for proto in (raw, typed):
            tensor = model.tensors[proto.name]
            theirs = numpy_helper.to_array(proto)
            assert tensor.numpy().dtype == theirs.dtype
            assert tensor.numpy().tobytes() == theirs.tobytes() == array.tobytes()
            assert tensor.tobytes() == raw.raw_data


@pytest.mark.parametrize("kind", KINDS)
def test_external_data(tmp_path, kind):
    array = codes(kind, 1001)
    model = onnx.load(saved(tmp_path, [numpy_helper.from_array(array, "w")]))
    path = tmp_path / "external.onnx"
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    with tw.open(path) as ours:
        assert ours.tensors["w"].file == str(tmp_path / "w.bin")
        assert ours["w"].tobytes() == array.tobytes()
