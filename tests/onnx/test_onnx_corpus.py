"""The backend test data in the onnx wheel: every file opens, every tensor equals upstream's.

About 1,900 models and 6,400 tensors, sequences and optionals. Bytes are compared, not values, so
that NaN payloads, signed zeros and padding bits count.
"""

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
from onnx import numpy_helper  # noqa: E402

import tensorwire as tw  # noqa: E402

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"


def groups(suffix):
    """The files of each folder of the corpus that has such files."""
    folders = {folder.name: sorted(folder.rglob(f"*{suffix}")) for folder in DATA.iterdir()}
    return [pytest.param(found, id=name) for name, found in sorted(folders.items()) if found]


def same(ours, message):
    """Whether a Tensor holds what upstream reads from the message it lies on."""
    theirs = numpy_helper.to_array(message)
    array = ours.numpy()
    if ours.dtype == "string":
        return array.shape == theirs.shape and array.tolist() == theirs.tolist()
    return (
        array.shape == theirs.shape
        and array.dtype == theirs.dtype
        and array.tobytes() == theirs.tobytes()
    )


def in_graph(graph):
    """Upstream's messages in the order of `Model.tensors`."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from in_nodes(graph.node)


def in_nodes(nodes):
    for node in nodes:
        for attribute in node.attribute:
            yield from in_attribute(attribute)


def in_attribute(attribute):
    if attribute.HasField("t"):
        yield attribute.t
    if attribute.HasField("sparse_tensor"):
        yield from (attribute.sparse_tensor.values, attribute.sparse_tensor.indices)
    if attribute.HasField("g"):
        yield from in_graph(attribute.g)
    yield from attribute.tensors
    for graph in attribute.graphs:
        yield from in_graph(graph)


def in_model(model):
    yield from in_graph(model.graph)
    for function in model.functions:
        yield from (t for a in function.attribute_proto for t in in_attribute(a))
        yield from in_nodes(function.node)
    for training in model.training_info:
        yield from in_graph(training.initialization)
        yield from in_graph(training.algorithm)


def in_sequence(sequence):
    yield from sequence.tensor_values
    for field in (sequence.sequence_values, sequence.optional_values):
        for inner in field:
            yield from in_sequence(inner)


def compare(path, messages):
    with tw.open(path) as model:
        tensors = list(model.tensors.values())
        assert len(tensors) == len(messages)
        unequal = [t for t, message in zip(tensors, messages, strict=True) if not same(t, message)]
    assert not unequal, path


@pytest.mark.parametrize("files", groups(".onnx"))
def test_models(files):
    for path in files:
        model = onnx.load(path)
        compare(path, list(in_model(model)))
        with tw.open(path) as ours:
            assert [node.op_type for node in ours.graph.nodes] == [
                n.op_type for n in model.graph.node
            ]
            assert ours.info["opsets"] == {o.domain: o.version for o in model.opset_import}


@pytest.mark.parametrize("files", groups(".pb"))
def test_values(files):
    for path in files:
        data = path.read_bytes()
        with tw.open(path) as ours:
            kind = ours.info["message"]
        if kind == "TensorProto":
            messages = [onnx.TensorProto.FromString(data)]
        else:
            messages = list(in_sequence(onnx.SequenceProto.FromString(data)))
        compare(path, messages)


@pytest.mark.skipif(onnx.__version__ != "1.22.0", reason="later wheels have less of it")
def test_the_corpus_is_all_there():
    counts = {suffix: len(list(DATA.rglob(f"*{suffix}"))) for suffix in (".onnx", ".pb")}
    assert counts == {".onnx": 1914, ".pb": 6356}
