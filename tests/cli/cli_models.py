"""Models made with upstream's helper, for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

WEIGHT = np.arange(48, dtype="float32").reshape(6, 8) - 20
BIAS = np.array([0, 1, 2, 3, 0, 0, 0, 7], dtype="int64")


def save(path: Path, graph: onnx.GraphProto, **options: object) -> Path:
    onnx.save(helper.make_model(graph, **options), path)
    return path


def value(name: str, shape: list[object], data_type: int = T.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, data_type, shape)


def small(folder: Path, name: str = "small.onnx") -> Path:
    """MatMul and Add, an If with a body, a function, metadata, a producer."""
    body = helper.make_graph(
        [helper.make_node("Relu", ["b"], ["r"])], "body", [], [value("r", [8])]
    )
    nodes = [
        helper.make_node("MatMul", ["x", "weight"], ["a"], name="first"),
        helper.make_node("Add", ["a", "bias"], ["b"], name="second"),
        helper.make_node("If", ["c"], ["y"], then_branch=body, else_branch=body),
        helper.make_node("Scale", ["y"], ["z"], domain="local"),
    ]
    graph = helper.make_graph(
        nodes,
        "main",
        [value("x", ["N", 6]), value("c", [], T.BOOL)],
        [value("z", ["N", 8])],
        [numpy_helper.from_array(WEIGHT, "weight"), numpy_helper.from_array(BIAS, "bias")],
    )
    scale = helper.make_function(
        "local",
        "Scale",
        ["i"],
        ["o"],
        [helper.make_node("Elu", ["i"], ["o"], alpha=float("inf"))],
        [helper.make_opsetid("", 17)],
    )
    model = helper.make_model(
        graph,
        functions=[scale],
        producer_name="maker",
        producer_version="1.2",
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)],
        ir_version=8,
    )
    helper.set_model_props(model, {"author": "someone"})
    onnx.save(model, folder / name)
    return folder / name


def of_tensors(path: Path, *tensors: onnx.TensorProto) -> Path:
    return save(path, helper.make_graph([], "tensors", [], [], tensors))


def of_arrays(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    return of_tensors(path, *tensors)


def external(name: str, location: str, shape: list[int]) -> onnx.TensorProto:
    tensor = T(name=name, data_type=T.FLOAT, dims=shape, data_location=T.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def truncated(path: Path) -> Path:
    """The small model without its last three bytes."""
    whole = small(path.parent, "whole.onnx").read_bytes()
    path.write_bytes(whole[:-3])
    return path
