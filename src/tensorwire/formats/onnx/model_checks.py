"""What can be wrong with the structure of an ONNX model: versions, names, edges.

Source: onnx/onnx ``docs/IR.md``, "Models", "Graphs" and "Names Within a Graph".
"""

from __future__ import annotations

from tensorwire.formats.onnx import attribute_kinds as kinds
from tensorwire.formats.onnx.checks import checksum_findings, sparse_findings, tensor_findings
from tensorwire.formats.onnx.walk import walk_model
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tensorwire.formats.onnx.tensor_maker import TensorMaker

    #: Names that are known, a set for each graph around, the innermost last.
    Scopes = tuple[set[str], ...]

__all__ = ["model_findings"]

OPSETS_SINCE_IR = 3  # IR.md: opset_import is there from IR version 3 on


def model_findings(model: Any, maker: TensorMaker, checksums: bool) -> Iterator[Finding]:
    """Everything; ``checksums``: also of external files, which are read for it."""
    yield from _version_findings(model)
    seen: dict[str, str] = {}
    for _, _, path, message in walk_model(model):
        yield from tensor_findings(message, maker, path)
        if checksums:
            yield from checksum_findings(message, maker, path, seen)
    if model.HasField("graph"):
        yield from graph_findings(model.graph, "graph", ())
    for i, function in enumerate(model.functions):
        path = f"functions[{i}]"
        scopes: Scopes = (set(function.input),)
        yield from _node_findings(function.node, path, scopes)
        yield from _missing(function.output, path, scopes)


def graph_findings(graph: Any, path: str, outer: Scopes) -> Iterator[Finding]:
    """``outer``: the names that the graphs around this one know at this point.

    Each graph's are a set of its own: one copied for each nested graph would take their product.
    """
    names = [tensor.name for tensor in graph.initializer]
    names += [sparse.values.name for sparse in graph.sparse_initializer]
    inputs = [value.name for value in graph.input]
    yield from _repeated(names, "initializer", path)
    yield from _repeated(inputs, "input", path)
    for i, sparse in enumerate(graph.sparse_initializer):
        yield from sparse_findings(sparse, f"{path}.sparse_initializer[{i}]")
    scopes = (*outer, {*names, *inputs})
    yield from _node_findings(graph.node, path, scopes)
    yield from _missing([value.name for value in graph.output], path, scopes)


def _version_findings(model: Any) -> Iterator[Finding]:
    if not model.ir_version:
        yield Finding("version", "no ir_version", "ir_version")
    if not model.HasField("graph") and not model.functions:
        yield Finding("structure", "neither a graph nor a function", "graph")
    if model.ir_version >= OPSETS_SINCE_IR and not model.opset_import:
        yield Finding("version", f"no opset_import, as IR version {model.ir_version} needs it")
    yield from _opset_findings(model.opset_import)
    yield from _repeated([entry.key for entry in model.metadata_props], "metadata_props", "")


def _opset_findings(imports: Any) -> Iterator[Finding]:
    """Converters import one opset twice, which harms nobody; of two versions, which one counts?"""
    versions: dict[str, int] = {}
    for i, entry in enumerate(imports):
        if entry.domain in versions:
            before = versions[entry.domain]
            reason = f"opset {entry.domain!r} in version {entry.version}, before in {before}"
            severity = "warning" if entry.version == before else "error"
            yield Finding("duplicate", reason, f"opset_import[{i}]", severity=severity)
        versions.setdefault(entry.domain, entry.version)


def _node_findings(nodes: Any, path: str, scopes: Scopes) -> Iterator[Finding]:
    """Nodes are sorted: what they read is known before; what they write is not."""
    defined: set[str] = set()
    for i, node in enumerate(nodes):
        at = f"{path}.node[{i}]"
        if not node.op_type:
            yield Finding("structure", "no op_type", at)
        yield from _missing(node.input, at, scopes)
        yield from _inner_findings(node, at, scopes)
        for name in node.output:
            if name and name in defined:
                yield Finding("duplicate", f"{name!r} is written by an earlier node too", at)
            defined.add(name)
        scopes[-1].update(node.output)


def _inner_findings(node: Any, path: str, scopes: Scopes) -> Iterator[Finding]:
    for j, attribute in enumerate(node.attribute):
        kind = kinds.kind_of(attribute)
        if kind == kinds.GRAPH:
            yield from graph_findings(attribute.g, f"{path}.attribute[{j}].g", scopes)
        elif kind == kinds.GRAPHS:
            for k, graph in enumerate(attribute.graphs):
                at = f"{path}.attribute[{j}].graphs[{k}]"
                yield from graph_findings(graph, at, scopes)


def _missing(names: Iterable[str], path: str, scopes: Scopes) -> Iterator[Finding]:
    for name in names:
        if name and not any(name in known for known in scopes):
            yield Finding("missing", f"{name!r} is read, but nothing before defines it", path)


def _repeated(names: list[str], field: str, path: str) -> Iterator[Finding]:
    if len(set(names)) == len(names):
        return
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            at = f"{path}.{field}[{i}]" if path else f"{field}[{i}]"
            yield Finding("duplicate", f"the name {name!r} is used before", at)
        seen.add(name)
