"""Models that `torch.onnx.export` wrote, by both of its exporters."""

import warnings

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx", reason="onnx is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")
from upstream_tensors import compare, feeds  # noqa: E402

import tensorwire as tw  # noqa: E402

# The exporters warn of their own deprecations, each release of others.
pytestmark = pytest.mark.filterwarnings("ignore")


class Network(torch.nn.Module):
    """A convolution, a normalization and a linear layer of ``width`` inputs, and a half buffer."""

    def __init__(self, width):
        super().__init__()
        torch.manual_seed(0)
        self.conv = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(4)
        self.flat = torch.nn.Flatten()
        self.linear = torch.nn.Linear(4 * width, 64)
        self.register_buffer("scale", torch.rand(64).half())

    def forward(self, x):
        x = self.flat(torch.relu(self.norm(self.conv(x))))
        return self.linear(x) * self.scale.float()


def export(path, side=8, **options):
    """Writes a network of ``1024 * side * side`` bytes of linear weights."""
    model = Network(side * side).eval()
    example = torch.rand(1, 3, side, side)
    written = torch.onnx.export(
        model, (example,), None if options.pop("inlined", False) else str(path), **options
    )
    return model, example, written


@pytest.fixture(params=["external", "inlined", "old", "external, large", "inlined, large"])
def exported(request, tmp_path):
    """``(module, example, path)`` for each way of writing."""
    path = tmp_path / "net.onnx"
    form, _, large = request.param.partition(", ")
    side = 80 if large else 8
    if form == "old":
        module, example, _ = export(path, side, dynamo=False)
        return module, example, path
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    if form == "inlined":
        module, example, program = export(path, side, dynamo=True, inlined=True)
        program.save(path)
    else:
        module, example, _ = export(path, side, dynamo=True, external_data=True)
        assert (tmp_path / "net.onnx.data").exists()
    return module, example, path


def test_every_tensor_is_what_upstream_reads(exported):
    _, _, path = exported
    assert compare(path) >= 5
    with tw.open(path) as model:
        names = {file.name for file in model.files}
        assert names == {file.name for file in path.parent.iterdir()}


def test_weights_are_the_module_s(exported):
    """Linear weights keep their name and bits: no exporter folds them into something else."""
    module, _, path = exported
    with tw.open(path) as model:
        found = model.tensors["linear.weight"]
        assert found.numpy().tobytes() == module.linear.weight.detach().numpy().tobytes()
        assert found.numpy().base is not None


def test_torch_takes_the_arrays(exported):
    """Read-only arrays give torch's warning; memory is shared, not copied."""
    _, _, path = exported
    with tw.open(path) as model:
        arrays = {name: array for name, array in model.items() if array.dtype.kind in "fiub"}
    assert len(arrays) >= 5
    for array in arrays.values():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            tensor = torch.from_numpy(array)
        assert tensor.data_ptr() == array.ctypes.data
        assert tensor.numpy().tobytes() == array.tobytes()


def test_torch_warns_of_read_only_arrays_only(exported):
    _, _, path = exported
    with tw.open(path) as model:
        name = "linear.weight"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            writable = torch.from_numpy(model.tensors[name].numpy(copy=True))
            assert writable.shape == model[name].shape
            assert torch.frombuffer(bytearray(model.tensors[name].raw), dtype=torch.float32).equal(
                writable.flatten()
            )


def test_onnxruntime_runs_it_to_torch_s_result(exported):
    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    module, _, path = exported
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = feeds(session)
    (result,) = session.run(None, given)
    expected = module(torch.from_numpy(next(iter(given.values())))).detach().numpy()
    assert np.allclose(result, expected, atol=1e-4)


def test_onnxruntime_takes_the_arrays_as_initializers(exported):
    """Weights handed over from tensorwire, in place of the file's own."""
    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    _, _, path = exported
    with tw.open(path) as model:
        options = ort.SessionOptions()
        held = {"linear.weight": ort.OrtValue.ortvalue_from_numpy(model["linear.weight"])}
    for name, value in held.items():
        options.add_initializer(name, value)
    plain = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = feeds(plain)
    fed = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    assert np.array_equal(fed.run(None, given)[0], plain.run(None, given)[0])
