"""``inspect``: what a model is, on one page."""

from __future__ import annotations

import os

from tensorwire import api
from tensorwire.cli.arguments import add_files
from tensorwire.cli.models import each_tensor, opened, tensor_document, value_document
from tensorwire.cli.operators import operators

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from tensorwire.cli.screen import Screen
    from tensorwire.model import Model

SCHEMA = "tensorwire.inspect/1"
HEADED = "always"
JSON = """\
JSON: {schema, file, format, info: {name: value; what there is depends on the format},
       metadata: {key: value},
       graph: {name, nodes: number with those of nested graphs and functions, functions: number,
               inputs: [VALUE], initialized_inputs: number of inputs that have a tensor,
               outputs: [VALUE],
               operators: [{op_type, domain, count}], most frequent first}, or null,
       tensors: {count, nbytes, unavailable: number, faulty: number,
                 dtypes: [{dtype, count, elements, nbytes}], most bytes first,
                 largest: [{name, dtype, shape, nbytes}]},
       files: [{path, nbytes: or null where the file is missing}], the model's own first}
  VALUE  {name, kind, dtype or null, shape: [number, symbol or null], or null}
"""
LARGEST = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Files, and how much of long lists to show."""
    add_files(parser)
    parser.add_argument(
        "--top",
        type=int,
        default=LARGEST,
        metavar="N",
        help="rows of operators and of largest tensors (default: %(default)s)",
    )


def collect(name: str, options: Namespace) -> dict[str, Any]:
    """Reads structure only, no elements but strings."""
    with opened(name) as model:
        return {
            "file": name,
            "format": model.format,
            "info": model.info,
            "metadata": model.metadata,
            "graph": _graph(model),
            "tensors": _tensors(model, options.top),
            "files": _files(model),
        }


def code(document: dict[str, Any]) -> int:  # noqa: ARG001
    """Looking finds nothing wrong; `validate` does."""
    return 0


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:
    """See `tensorwire.cli.inspect_page`."""
    from tensorwire.cli.inspect_page import show_page

    show_page(document, screen, options.top)


def _graph(model: Model) -> dict[str, Any] | None:
    graph = model.graph
    if graph is None:
        return None
    counted = operators(graph)
    inputs = [value_document(value) for value in graph.inputs]
    # ONNX files of IR version 3 list every initializer among the inputs.
    free = [value for value in inputs if value["name"] not in model.tensors]
    return {
        "name": graph.name,
        "nodes": sum(each["count"] for each in counted),
        "functions": len(graph.functions),
        "inputs": free,
        "initialized_inputs": len(inputs) - len(free),
        "outputs": [value_document(value) for value in graph.outputs],
        "operators": counted,
    }


def _tensors(model: Model, top: int) -> dict[str, Any]:
    listed, elements = [], {}
    for name, tensor in each_tensor(model.tensors):
        document = tensor_document(name, tensor)
        listed.append(document)
        if document["error"] is None:
            elements[name] = tensor.size  # type: ignore[union-attr]  # no error, so a tensor
    sound = [each for each in listed if each["error"] is None]
    largest = sorted(sound, key=lambda each: -each["nbytes"])[: max(top, 0)]
    return {
        "count": len(listed),
        "nbytes": sum(each["nbytes"] for each in sound),
        "unavailable": sum(not each["available"] for each in listed),
        "faulty": len(listed) - len(sound),
        "dtypes": _dtypes(sound, elements),
        "largest": [{k: each[k] for k in ("name", "dtype", "shape", "nbytes")} for each in largest],
    }


def _dtypes(tensors: list[dict[str, Any]], elements: dict[str, int]) -> list[dict[str, Any]]:
    totals: dict[str, dict[str, Any]] = {}
    for each in tensors:
        empty = {"dtype": each["dtype"], "count": 0, "elements": 0, "nbytes": 0}
        total = totals.setdefault(each["dtype"], empty)
        total["count"] += 1
        total["elements"] += elements[each["name"]]
        total["nbytes"] += each["nbytes"]
    return sorted(totals.values(), key=lambda total: -total["nbytes"])


def _files(model: Model) -> list[dict[str, Any]]:
    return [{"path": path, "nbytes": _size(path)} for path in api.file_names(model)]


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None
