"""What upstream reads from a model, to compare with."""

from pathlib import Path

import numpy as np

import tensorwire as tw


def nodes_of(graph):
    """What a node list says, of an upstream graph or of ours."""
    if hasattr(graph, "nodes"):
        return [(n.op_type, n.domain, n.name, list(n.inputs), list(n.outputs)) for n in graph.nodes]
    return [(n.op_type, n.domain, n.name, list(n.input), list(n.output)) for n in graph.node]


def attribute_tensors(node):
    for attribute in node.attribute:
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors


def messages_of(graph):
    """Every TensorProto of a graph without nested ones, in the order of `Model.tensors`."""
    yield from graph.initializer
    for node in graph.node:
        yield from attribute_tensors(node)


def same_elements(ours, theirs):
    """Byte for byte; strings, which have no common width, as values."""
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return False
    if ours.dtype == object:
        return ours.tolist() == theirs.tolist()
    return ours.tobytes() == theirs.tobytes()


def compare(path):
    """Opens a model with both and asserts that they agree; the number of tensors compared."""
    import onnx
    from onnx import numpy_helper

    loaded = onnx.load(path)
    messages = list(messages_of(loaded.graph))
    folder = str(Path(path).parent)
    with tw.open(path) as model:
        tensors = list(model.tensors.values())
        assert len(tensors) == len(messages)
        unequal = [
            tensor.name
            for tensor, message in zip(tensors, messages, strict=True)
            if not same_elements(tensor.numpy(), numpy_helper.to_array(message, folder))
        ]
        assert unequal == []
        assert nodes_of(model.graph) == nodes_of(loaded.graph)
        assert all(tensor.available for tensor in tensors)
    report = tw.validate(path)
    assert report.ok, str(report)
    return len(tensors)


def feeds(session, seed=0):
    """Random inputs for an onnxruntime session of float inputs; free dimensions are 3."""
    rng = np.random.default_rng(seed)
    return {
        wanted.name: rng.standard_normal(
            [size if isinstance(size, int) else 3 for size in wanted.shape]
        ).astype(np.float32)
        for wanted in session.get_inputs()
    }
