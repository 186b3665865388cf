"""Models that ai-edge-quantizer quantized stand for the numbers it began with, to half a step."""

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
quantizer = pytest.importorskip("ai_edge_quantizer.quantizer")
recipes = pytest.importorskip("ai_edge_quantizer.recipe")
litert = pytest.importorskip("ai_edge_litert.schema_py_generated")

import tensorwire as tw  # noqa: E402

pytestmark = pytest.mark.interop

NAMES = (
    "dynamic_wi8_afp32", "dynamic_wi4_afp32", "dynamic_wi4b32_afp32", "dynamic_wi2b32_afp32",
    "dynamic_wi2c_afp32", "weight_only_wi4_afp32", "weight_only_wi8_afp32",
)  # fmt: skip


@pytest.fixture(scope="module")
def source(samples):
    path = samples.parent / "tflite/float.tflite"
    if not path.is_file():
        pytest.skip(f"no sample file {path}")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_recipes(name, source, tmp_path):
    made = quantizer.Quantizer(str(source))
    made.load_quantization_recipe(getattr(recipes, name)())
    path = tmp_path / "quantized.tflite"
    path.write_bytes(made.quantize().quantized_model)
    theirs = litert.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    compared = 0
    with tw.open(source) as before, tw.open(path) as after:
        for tensor in after.tensors.values():
            index = int(tensor.path.partition("tensors[")[2].rstrip("]"))
            stored = theirs.buffers[theirs.subgraphs[0].tensors[index].buffer]
            assert bytes(tensor.raw) == stored.data.tobytes()
            if tensor.quantization is None or tensor.name not in before:
                continue
            found = tensor.quantization
            step = np.abs(found._along_axes(found.scale, tensor.shape).astype("f4"))
            error = np.abs(tensor.dequantize() - before[tensor.name])
            assert np.all(error <= step * 0.5001), tensor.name
            compared += 1
    assert compared and tw.validate(path) and Path(path).exists()
