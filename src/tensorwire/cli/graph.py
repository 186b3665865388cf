"""``graph``: the listing of a graph."""

from __future__ import annotations

from tensorwire.cli.arguments import add_files
from tensorwire.cli.models import opened
from tensorwire.listing import graph_lines

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from tensorwire.cli.screen import Screen

SCHEMA = "tensorwire.graph/1"
HEADED = "several"
JSON = """\
JSON: {schema, file, format, graph: GRAPH, or null where the format has none}
  GRAPH  {name, inputs: [VALUE], outputs: [VALUE], values: [VALUE], initializers: [TENSOR],
          sparse_initializers: [TENSOR], nodes: [NODE], functions: [GRAPH],
          attributes: {name: ATTRIBUTE}}
  NODE   {op_type, domain, name, inputs: [name], outputs: [name], attributes: {name: ATTRIBUTE}}
  VALUE  {name, kind, dtype or null, shape: [number, symbol or null], or null}
  TENSOR {name, dtype, shape}
  ATTRIBUTE  a number, a string, true, false, null, a list, or an object of one key:
          {tensor: TENSOR}, {sparse_tensor: TENSOR}, {graph: GRAPH}, {type: VALUE}, {reference:
          name of an attribute of the calling node}, {float: "nan", "inf" or "-inf"},
          {bytes: in hexadecimal}, {map: {key: ATTRIBUTE}}
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Files, and nothing else."""
    add_files(parser)


def collect(name: str, options: Namespace) -> dict[str, Any]:
    """``graph`` for JSON, ``lines`` for people."""
    with opened(name) as model:
        document: dict[str, Any] = {"file": name, "format": model.format}
        graph = model.graph
        if options.json:
            from tensorwire.cli.graph_document import graph_document

            document["graph"] = None if graph is None else graph_document(graph)
        else:
            document["lines"] = None if graph is None else list(graph_lines(graph))
    return document


def code(document: dict[str, Any]) -> int:  # noqa: ARG001
    """A graph is no finding, nor is none."""
    return 0


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:  # noqa: ARG001
    """The lines as they are."""
    lines = document["lines"]
    if lines is None:
        lines = [f"no graph: {document['format']} files have none, or this one has not"]
    for line in lines:
        screen.line(line)
