"""What upstream reads from a saved model, compared with what a model of ours holds."""

from functools import partial

import onnx
import onnx_models
from onnx import numpy_helper

import tensorwire as tw

#: Of models that upstream's checker takes.
saved = partial(onnx_models.saved, shape=())


def elements(tensor, folder):
    """The array of an upstream TensorProto; None where this onnx does not know its type."""
    try:
        return numpy_helper.to_array(tensor, str(folder))
    except (TypeError, ValueError, KeyError):
        return None


def same(ours, theirs):
    if ours.dtype == object:
        return ours.tolist() == theirs.tolist()
    return (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape) and (
        ours.tobytes() == theirs.tobytes()
    )


def check_same(path, model, checked=True):
    """The file holds what ``model`` holds, for upstream and for us; both find it sound."""
    if checked and model.root.ir_version <= onnx.IR_VERSION:  # samples may be of a later version
        onnx.checker.check_model(str(path))
    assert tw.validate(path).ok
    loaded = onnx.load(path)
    with tw.open(path) as again:
        assert list(again) == list(model)
        for name in model:
            assert same(again[name], model[name]), name
        for message in loaded.graph.initializer:
            theirs = elements(message, path.parent)
            assert theirs is not None and same(model[message.name], theirs), message.name
    return loaded


def externals(path):
    """``{name: (file name, offset, bytes)}`` of tensors whose elements are in another file."""
    with tw.open(path) as model:
        return {
            name: (tensor.file.rpartition("/")[2], tensor.offset, tensor.nbytes)
            for name, tensor in model.tensors.items()
            if tensor.file not in (None, str(path))
        }


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


__all__ = ["check_same", "elements", "externals", "names_in", "same", "saved"]
