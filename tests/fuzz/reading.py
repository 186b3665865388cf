"""Everything that can be asked of a model file, with every answer looked at."""

from __future__ import annotations

import contextlib
import io
import pickle

import numpy as np

import tensorwire as tw
from tensorwire.cli.run import run
from tensorwire.graph import Graph
from tensorwire.tensor import SparseTensor, Tensor

# What a bad model may be answered with: the documented family, and the system's own errors.
ANSWERS = (tw.ModelError, OSError)
VERBS = (
    ["identify"],
    ["inspect"],
    ["graph"],
    ["tensors", "--fold"],
    ["tensors", "--stats", "--sort", "size"],
    ["validate", "--checksums"],
)


def read_file(path: str) -> None:
    """The file through `open`, `validate`, and every verb of the command."""
    with contextlib.suppress(*ANSWERS), tw.open(path) as model:
        read_model(model)
    report = tw.validate(path, checksums=True)
    str(report), bool(report)
    for verb in VERBS:
        run_quietly([*verb, path])
        run_quietly([verb[0], "--json", *verb[1:], path])


def read_bytes(data: bytes, format: str | None = None) -> None:
    """The bytes through `from_buffer`, copied to an array of exactly their size."""
    exact = np.array(np.frombuffer(data, "u1"))  # a sanitizer sees one byte past the end of it
    with contextlib.suppress(*ANSWERS), tw.from_buffer(exact, format=format) as model:
        read_model(model)


def read_model(model: tw.Model) -> None:
    """Tensors, graph, root and the rest."""
    repr(model), model.info, model.metadata, model.files, len(model)
    str(model.root)
    for name in model.tensors:
        with contextlib.suppress(*ANSWERS):
            read_tensor(model.tensors[name])
    with contextlib.suppress(*ANSWERS):
        if model.graph is not None:
            str(model.graph)
            read_graph(model.graph)
    pickle.dumps(model)


def read_graph(graph: Graph) -> None:
    """Nodes and attributes, nested graphs and functions too."""
    repr(graph), graph.name, list(graph.inputs), list(graph.outputs), list(graph.values)
    for node in graph.nodes:
        repr(node), list(node.inputs), list(node.outputs)
        with contextlib.suppress(*ANSWERS):
            for value in dict(node.attributes).values():
                read_attribute(value)
    for function in graph.functions:
        read_graph(function)


def read_attribute(value: object) -> None:
    """A number, text, tensor or graph, or a list of them."""
    repr(value)
    if isinstance(value, list):
        for item in value:
            read_attribute(item)
    elif isinstance(value, Graph):
        read_graph(value)
    elif isinstance(value, SparseTensor):
        read_attribute(value.values)
        read_attribute(value.indices)
    elif isinstance(value, Tensor):
        with contextlib.suppress(*ANSWERS):
            read_tensor(value)


def read_tensor(tensor: Tensor) -> None:
    """Each question by itself: one refused does not spare the others."""
    repr(tensor), tensor.available, tensor.file, tensor.offset, tensor.aligned
    for question in (
        lambda: tensor.nbytes,
        lambda: tensor.raw,
        lambda: tensor.numpy(copy=False),
        lambda: tensor.numpy(copy=True),
        lambda: tensor.strings,
        tensor.dequantize,
        tensor.tobytes,
        tensor.check,
        lambda: list(tensor.chunks(128)),
    ):
        with contextlib.suppress(*ANSWERS):
            question()


def run_quietly(arguments: list[str]) -> None:
    """The command; whatever the file, it ends with one of the documented codes."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    if code not in (0, 1, 2):
        raise AssertionError(f"{arguments}: exit code {code}")
    shown = out.getvalue() + err.getvalue()
    if odd := [c for c in set(shown) if not c.isprintable() and c != "\n"]:
        raise AssertionError(f"{arguments}: unprintable {odd} went to the terminal")
