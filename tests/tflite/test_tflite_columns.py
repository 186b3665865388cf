"""Columns of TFLite models, as the generated classes read them; the verb on a model file."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tflite_models import buffer, made, model, operator, packed, schema, subgraph, tensor

import tensorwire as tw
from tensorwire import flat
from tensorwire.cli import main

PATHS = [
    "subgraphs.tensors.shape", "subgraphs.tensors.name", "subgraphs.tensors.type",
    "subgraphs.tensors.quantization.scale", "subgraphs.operators.inputs",
    "subgraphs.operators.builtin_options.Conv2DOptions.stride_w",
    "subgraphs.operators.builtin_options_type",
]  # fmt: skip


@pytest.fixture(scope="module")
def data():
    scaled = made("QuantizationParameters", scale=[0.5, 0.25], zeroPoint=[0, 3])
    tensors = [
        tensor("x", (1, 8, 8, 3)), tensor("w", (4, 3, 3, 3), "INT8", 1, quantization=scaled),
        tensor("y", ()), tensor("unshaped", None, "INT32", 2),
    ]  # fmt: skip
    operators = [
        operator("CONV_2D", (0, 1), (2,), made("Conv2DOptions", strideW=2, strideH=1)),
        operator("ADD", (2, 2), (3,), made("AddOptions")),
        operator("Mine", (), (), None),
    ]
    graphs = [subgraph(tensors, operators), subgraph([], name="second")]
    return packed(model(graphs, [buffer(range(108)), buffer(b"")]))


@pytest.fixture(scope="module")
def root(data):
    return tw.from_buffer(data).root


def listed(array):
    """Of generated code, an absent vector is the number 0."""
    return [] if isinstance(array, int) else array.tolist()


def expected(data):
    """By the generated classes: what `PATHS` lead to, one list per subgraph."""
    graphs = []
    read = schema.Model.GetRootAs(data, 0)
    for g in range(read.SubgraphsLength()):
        graph = read.Subgraphs(g)
        tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
        steps = [graph.Operators(i) for i in range(graph.OperatorsLength())]
        strides = []
        for step in steps:
            strides.append(None)
            if step.BuiltinOptionsType() == schema.BuiltinOptions.Conv2DOptions:
                options = schema.Conv2DOptions()
                options.Init(step.BuiltinOptions().Bytes, step.BuiltinOptions().Pos)
                strides[-1] = options.StrideW()
        scaled = [one.Quantization() for one in tensors]
        scales = [one and listed(one.ScaleAsNumpy()) for one in scaled]
        graphs.append(
            [
                [listed(one.ShapeAsNumpy()) for one in tensors],
                [one.Name().decode() for one in tensors], [one.Type() for one in tensors],
                scales, [listed(step.InputsAsNumpy()) for step in steps], strides,
                [step.BuiltinOptionsType() for step in steps],
            ]
        )
    return [list(column) for column in zip(*graphs, strict=True)]


def test_fields_of_all_subgraphs(root, data):
    columns = flat.columns(root, PATHS)
    assert [columns[path].to_pylist()[0] for path in PATHS] == expected(data)
    labels = columns[PATHS[-1]].labels
    assert labels[schema.BuiltinOptions.Conv2DOptions] == "Conv2DOptions"


def test_every_field(root):
    columns = flat.columns(root)
    assert set(PATHS) < set(columns) and len(columns.paths) == 302
    assert columns["version"].to_pylist() == [3]


def test_where_the_weights_are(root, data):
    spans = flat.columns(root, ["data"], each="buffers")["data"].values.tolist()
    assert [length for _, length in spans] == [0, 108, 0]
    start, length = spans[1]
    assert np.frombuffer(data, np.uint8)[start : start + length].tolist() == list(range(108))


def test_the_verb(data, tmp_path, capsys):
    path = tmp_path / "m.tflite"
    path.write_bytes(data)
    given = ["--each", "subgraphs.tensors", "--path", "name", "--path", "shape"]
    assert main(["columns", str(path), *given]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[1] == {"name": "w", "shape": [4, 3, 3, 3]} and len(rows) == 4
    target = tmp_path / "all.parquet"
    assert main(["columns", str(path), "--out", str(target), "--enums", "name"]) == 0
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(target).to_pylist()[0]
    assert table["subgraphs.tensors.type"][0][1] == "INT8"
