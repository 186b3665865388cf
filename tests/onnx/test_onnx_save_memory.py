"""Saving takes little memory, whatever the model: weights go from file to file."""

import tracemalloc

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import external  # noqa: E402
from onnx_reading import saved  # noqa: E402

import tensorwire as tw  # noqa: E402

WEIGHT = np.ones(1 << 20, np.float32)  # 4 MiB, of which each model has four
MOST = 1 << 20


@pytest.fixture(params=["inside", "outside"])
def model(request, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "w.bin").write_bytes(WEIGHT.tobytes() * 4)
    tensors = [
        external(f"w{i}", "w.bin", WEIGHT, offset=i * WEIGHT.nbytes, length=WEIGHT.nbytes)
        if request.param == "outside"
        else (f"w{i}", WEIGHT)
        for i in range(4)
    ]
    with tw.open(saved(folder, tensors), mode="map") as model:
        yield model


@pytest.mark.parametrize("options", [{}, {"external": "inline"}, {"external": "w.data"}])
@pytest.mark.parametrize("edited", [False, True])
def test_peak(model, tmp_path, options, edited):
    new = WEIGHT * 2
    model.save(tmp_path / "first.onnx", **options)  # whatever is imported and kept
    tracemalloc.start()
    try:
        if edited:
            model["w2"] = new
            model.root.graph.node[0].name = "changed"
        model.save(tmp_path / "out.onnx", **options)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST
    found = tw.load_file(tmp_path / "out.onnx")
    assert [array[7] for array in found.values()] == [1, 1, 2 if edited else 1, 1]
