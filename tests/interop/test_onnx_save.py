"""Models that `onnx.save` wrote, in every form of external data that it has."""

import pytest

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx", reason="onnx is not installed")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from upstream_tensors import compare  # noqa: E402

import tensorwire as tw  # noqa: E402

LARGE, SMALL = 4096, 24
BLOCK = 4096


def a_model():
    """Initializers of all sizes, and a tensor in the attribute of a node that makes ``c``."""
    rng = np.random.default_rng(1)
    arrays = {
        "large": rng.standard_normal((32, 32)).astype(np.float32),
        "odd/name:ä": rng.integers(-100, 100, 3001, dtype=np.int8),
        "half": rng.standard_normal(777).astype(np.float16),
        "small": np.arange(3, dtype=np.int64),
        "scalar": np.float64(1.5),
        "none": np.zeros((0, 4), np.float32),
    }
    value = numpy_helper.from_array(rng.standard_normal(2048).astype(np.float32), "inside")
    nodes = [
        helper.make_node("Constant", [], ["c"], name="constant", value=value),
        helper.make_node("Identity", ["large"], ["y"], name="pass"),
    ]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [32, 32])
    initializers = [numpy_helper.from_array(np.asarray(a), n) for n, a in arrays.items()]
    initializers.append(helper.make_tensor("text", TensorProto.STRING, [2], ["a", "ä" * 2000]))
    graph = helper.make_graph(nodes, "g", [], [output], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


def saved(folder, **options):
    path = folder / "model.onnx"
    onnx.save(a_model(), str(path), **options)
    return path


def externals(path):
    """``{name: (file name, offset)}`` of the tensors whose elements are in another file."""
    with tw.open(path) as model:
        return {
            tensor.name: (tensor.file.rpartition("/")[2], tensor.offset)
            for tensor in model.tensors.values()
            if tensor.file != str(path)
        }


def test_inline(tmp_path):
    path = saved(tmp_path)
    assert compare(path) == 8
    assert externals(path) == {}


@pytest.mark.parametrize("threshold", [0, SMALL, LARGE, 10**6])
@pytest.mark.parametrize("attributes", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_external(tmp_path, together, attributes, threshold):
    path = saved(
        tmp_path,
        save_as_external_data=True,
        all_tensors_to_one_file=together,
        location="weights.bin" if together else None,
        size_threshold=threshold,
        convert_attribute=attributes,
    )
    assert compare(path) == 8
    outside = externals(path)
    assert ("large" in outside) == (threshold <= LARGE)
    assert ("small" in outside) == (threshold <= SMALL)
    assert ("c" in outside) == (attributes and threshold <= 2 * LARGE)
    assert "text" not in outside
    files = {name for name, _ in outside.values()}
    written = {file.name for file in tmp_path.iterdir()} - {"model.onnx"}
    assert files == written
    if together and outside:
        assert files == {"weights.bin"}
    with tw.open(path) as model:
        assert {file.name for file in model.files} == files | {"model.onnx"}


def test_one_file_at_the_default_name(tmp_path):
    path = saved(tmp_path, save_as_external_data=True, size_threshold=0)
    compare(path)
    assert len({name for name, _ in externals(path).values()}) == 1


def test_external_data_that_is_loaded_again_and_put_elsewhere(tmp_path):
    first = saved(tmp_path, save_as_external_data=True, location="first.bin", size_threshold=0)
    (tmp_path / "sub").mkdir()
    second = tmp_path / "sub" / "second.onnx"
    onnx.save(
        onnx.load(first), str(second), save_as_external_data=True, all_tensors_to_one_file=False,
        size_threshold=1024,
    )
    assert compare(second) == compare(first) == 8


@pytest.mark.parametrize("writer", ["textproto", "json", "onnxtxt"])
def test_text_forms_are_named_and_refused(tmp_path, writer):
    path = tmp_path / f"model.{writer}"
    onnx.save(a_model(), str(path), format=writer)
    with pytest.raises(tw.ModelError) as caught:
        tw.open(path)
    assert str(path) in str(caught.value) or caught.value.file == str(path)
    assert not tw.validate(path).ok
