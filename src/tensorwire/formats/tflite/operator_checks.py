"""What can be wrong with operators: codes, options, and the tensors that they read and write."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.flat.access import fields
from tensorwire.formats.tflite.budget import allowed
from tensorwire.formats.tflite.operators import ABSENT, CUSTOM_DOMAIN, operator_names
from tensorwire.formats.tflite.options import custom_extent, options
from tensorwire.formats.tflite.tables import numbers
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.formats.tflite.budget import Budget
    from tensorwire.formats.tflite.model_reader import ModelReader

__all__ = ["code_findings", "operator_findings"]

def code_findings(codes: Any, nbytes: int) -> Iterator[Finding]:
    for i, (domain, name) in enumerate(operator_names(codes, allowed(nbytes))):
        path = f"operator_codes[{i}]"
        if domain == CUSTOM_DOMAIN and not name:
            yield Finding("operator", "a custom operator without a name", path)
        elif not domain and name.startswith("tflite:"):
            reason = f"builtin operator {name.partition(':')[2]} is not known"
            yield Finding("operator", reason, path, severity="warning")


def operator_findings(
    reader: ModelReader, graph: Any, number: int, budget: Budget
) -> Iterator[Finding]:
    """Operators are sorted: what they read is known before."""
    codes, count = len(reader.root.operator_codes), len(graph.tensors)
    known = _known_before(reader, graph, number)
    for i, operator in enumerate(graph.operators):
        at = f"subgraphs[{number}].operators[{i}]"
        if operator.opcode_index >= codes:
            reason = f"operator code {operator.opcode_index} of {codes}"
            yield Finding("index", reason, f"{at}.opcode_index")
        for field in ("inputs", "outputs", "intermediates"):
            indices = numbers(operator, field)
            budget.spend(1 + len(indices), at)
            yield from _edge_findings(indices, count, f"{at}.{field}")
        for index in set(numbers(operator, "inputs")) - known - {ABSENT}:
            if 0 <= index < count:
                reason = f"tensor {index} is read, but nothing before gives it a value"
                yield Finding("missing", reason, f"{at}.inputs", severity="warning")
        known.update(numbers(operator, "outputs"))
        yield from _option_findings(reader, operator, at)


def _known_before(reader: ModelReader, graph: Any, number: int) -> set[int]:
    """Tensors that have a value before the first operator."""
    known = set(numbers(graph, "inputs"))
    for i, tensor in enumerate(graph.tensors):
        if tensor.is_variable or reader.maker.place(number, i) is not None:
            known.add(i)
    return known


def _edge_findings(indices: memoryview, count: int, path: str) -> Iterator[Finding]:
    for i, index in enumerate(indices):
        if not ABSENT <= index < count:
            yield Finding("index", f"tensor {index} of {count}", f"{path}[{i}]")


def _option_findings(reader: ModelReader, operator: Any, path: str) -> Iterator[Finding]:
    for field in ("builtin_options", "builtin_options_2"):
        held = getattr(operator, field)
        number = getattr(operator, f"{field}_type")
        if held is not None:
            yield from _subgraph_findings(held, len(reader.root.subgraphs), f"{path}.{field}")
        elif int(number) and not hasattr(number, "name"):
            reason = f"options of type {int(number)} are not known"
            yield Finding("operator", reason, f"{path}.{field}_type", severity="warning")
    try:
        custom_extent(operator, reader.buffers, path)
    except ModelError as error:
        yield Finding.of(error, path)


def _subgraph_findings(held: Any, count: int, path: str) -> Iterator[Finding]:
    """Options that are indices of subgraphs say so by their names; -1 stands for none."""
    if not any("subgraph" in name for name in fields(held)):
        return
    for name, value in options(held).items():
        indices: Any = value if isinstance(value, list) else [value]
        if "subgraph" in name:
            for index in indices:
                if not ABSENT <= index < count:
                    yield Finding("index", f"subgraph {index} of {count}", f"{path}.{name}")
