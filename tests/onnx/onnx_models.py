"""Small ONNX models, written by upstream's own helper."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def values(shape=(2, 3), dtype=np.float32):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def identity(source="w", target="y"):
    return helper.make_node("Identity", [source], [target])


def model(
    initializers=(), nodes=None, *, sparse=(), functions=(), inputs=(), opset=21, shape=None, **more
):
    """A ModelProto; by default one whose nodes only pass the first initializer on.

    ``shape`` is declared for its outputs; upstream's checker wants one. ``more``: its own fields.
    """
    tensors = [
        t if isinstance(t, TensorProto) else numpy_helper.from_array(t[1], t[0])
        for t in initializers
    ]
    nodes = [identity(tensors[0].name if tensors else "w")] if nodes is None else nodes
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in nodes[-1].output]
    graph = helper.make_graph(
        nodes, "g", list(inputs), outputs, tensors, sparse_initializer=list(sparse)
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("custom", 1)]
    return helper.make_model(graph, functions=list(functions), opset_imports=opsets, **more)


def saved(folder, *args, name="model.onnx", **kwargs):
    """The path of such a model."""
    path = folder / name
    path.write_bytes(model(*args, **kwargs).SerializeToString())
    return path


def external(name, location, array=None, **entries):
    """A TensorProto whose elements are in another file; entries are written as given."""
    array = values() if array is None else array
    tensor = TensorProto(name=name, dims=array.shape)
    tensor.data_type = helper.np_dtype_to_tensor_dtype(array.dtype)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


__all__ = ["external", "helper", "identity", "model", "numpy_helper", "onnx", "saved", "values"]
