"""What can be wrong with a model whose FlatBuffer is sound: versions, indices, what is unused.

Source: schema.fbs; LiteRT ``tflite/core/interpreter_builder.cc``, ``tflite/tools/verifier.cc``.
"""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.formats.tflite.budget import Budget
from tensorwire.formats.tflite.operator_checks import code_findings, operator_findings
from tensorwire.formats.tflite.tables import numbers
from tensorwire.formats.tflite.tensor_checks import tensor_findings
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tensorwire.formats.tflite.model_reader import ModelReader

__all__ = ["model_findings"]

VERSION = 3


def model_findings(reader: ModelReader) -> Iterator[Finding]:
    """Everything. Takes time by the size of the file, however much is shared in it."""
    root, budget = reader.root, Budget(reader.source.size)
    if root.version != VERSION:
        yield Finding("version", f"version {root.version} is not {VERSION}", "version")
    if not len(root.subgraphs):
        yield Finding("structure", "no subgraph", "subgraphs")
    yield from code_findings(root.operator_codes, reader.source.size)
    for i, graph in enumerate(root.subgraphs):
        path = f"subgraphs[{i}]"
        yield from _graph_findings(graph, path, budget)
        yield from tensor_findings(reader.maker, graph, i, budget)
        yield from operator_findings(reader, graph, i, budget)
    yield from _signature_findings(root, budget)
    yield from _metadata_findings(root)
    yield from _external_findings(root)
    yield from _unused_findings(reader)


def _graph_findings(graph: Any, path: str, budget: Budget) -> Iterator[Finding]:
    count = len(graph.tensors)
    for field in ("inputs", "outputs"):
        indices = numbers(graph, field)
        budget.spend(len(indices), f"{path}.{field}")
        yield from _out_of_range(indices, count, "tensor", f"{path}.{field}")


def _out_of_range(
    indices: Iterable[int], count: int, what: str, path: str, least: int = 0
) -> Iterator[Finding]:
    for i, index in enumerate(indices):
        if not least <= index < count:
            yield Finding("index", f"{what} {index} of {count}", f"{path}[{i}]")


def _signature_findings(root: Any, budget: Budget) -> Iterator[Finding]:
    keys: set[str] = set()
    for i, signature in enumerate(root.signature_defs):
        path = f"signature_defs[{i}]"
        key = signature.signature_key
        budget.spend(len(key or ""), path)
        if not key:
            yield Finding("signature", "no signature_key", path)
        elif key in keys:
            yield Finding("duplicate", f"signature {key!r} is there before", path)
        keys.add(key or "")
        index = signature.subgraph_index
        if index >= len(root.subgraphs):
            reason = f"subgraph {index} of {len(root.subgraphs)}"
            yield Finding("index", reason, f"{path}.subgraph_index")
            continue
        for field in ("inputs", "outputs"):
            yield from _map_findings(signature, field, root.subgraphs[index], path, budget)


def _map_findings(
    signature: Any, field: str, graph: Any, path: str, budget: Budget
) -> Iterator[Finding]:
    """Each name stands for a tensor that is an input (output) of the subgraph."""
    known = numbers(graph, field)
    budget.spend(len(known), f"{path}.{field}")
    ends, names = set(known), set()
    for i, each in enumerate(getattr(signature, field)):
        at, index = f"{path}.{field}[{i}]", each.tensor_index
        name = each.name or ""
        budget.spend(1 + len(name), at)
        if index >= len(graph.tensors):
            yield Finding("index", f"tensor {index} of {len(graph.tensors)}", at)
        elif index not in ends:
            reason = f"tensor {index} is not among the {field} of the subgraph"
            yield Finding("signature", reason, at)
        if name in names:
            yield Finding("duplicate", f"the name {name!r} is used before", at)
        names.add(name)


def _metadata_findings(root: Any) -> Iterator[Finding]:
    count = len(root.buffers)
    yield from _out_of_range(numbers(root, "metadata_buffer"), count, "buffer", "metadata_buffer")
    for i, entry in enumerate(root.metadata):
        if entry.buffer >= count:
            yield Finding("index", f"buffer {entry.buffer} of {count}", f"metadata[{i}].buffer")


def _external_findings(root: Any) -> Iterator[Finding]:
    """What is wrong with one that a tensor refers to is told there."""
    seen: set[int] = set()
    for i, external in enumerate(root.external_buffers):
        if external.id in seen or external.id == 0:
            reason = f"id {external.id:#x} is used before, or means none"
            yield Finding("duplicate", reason, f"external_buffers[{i}].id")
        seen.add(external.id)


def _unused_findings(reader: ModelReader) -> Iterator[Finding]:
    """Buffers that hold bytes and belong to nothing."""
    root = reader.root
    used = {tensor.buffer for graph in root.subgraphs for tensor in graph.tensors}
    used.update(entry.buffer for entry in root.metadata)
    used.update(numbers(root, "metadata_buffer"))
    for i in range(1, len(root.buffers)):
        if i not in used and _holds_bytes(reader, i):
            reason = "nothing refers to the buffer"
            yield Finding("unused", reason, f"buffers[{i}]", severity="warning")


def _holds_bytes(reader: ModelReader, index: int) -> bool:
    place: Any = reader.buffers.place(index)
    try:
        return place is not None and place.locate().nbytes > 0
    except ModelError:
        return True
