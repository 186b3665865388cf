"""(3) Reading every field of every node in Python, beside the same code on upb's messages.

One function walks both: names, op types, domains, inputs, outputs, and each attribute's name, type
and value. Its result, a sum over everything read, is compared. Memory is of one parse and walk in a
fresh process, its message kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fresh
import memory
import onnx
from clock import in_turns
from graph_model import NODES, QUICK_NODES, encoded_graph
from rows import Row, paired_row
from verify_graph import SIDES

AIM = 4.0
ROUNDS, QUICK_ROUNDS = 7, 3
FLOAT, INT, STRING, INTS, FLOATS = (
    onnx.AttributeProto.AttributeType.Value(name)
    for name in ("FLOAT", "INT", "STRING", "INTS", "FLOATS")
)


def walk(model: Any) -> int:
    """Reads every field that is set and some that are not."""
    total = 0
    for node in model.graph.node:
        total += len(node.name) + len(node.op_type) + len(node.domain)
        for name in node.input:
            total += len(name)
        for name in node.output:
            total += len(name)
        for attribute in node.attribute:
            total += len(attribute.name) + value_of(attribute)
    return total


def value_of(attribute: Any) -> int:
    """An attribute's value, as the number that goes into the sum."""
    kind = attribute.type
    if kind == INTS:
        total = 0
        for value in attribute.ints:
            total += value
        return total
    if kind == INT:
        return attribute.i
    if kind == FLOAT:
        return int(attribute.f)
    if kind == FLOATS:
        return int(sum(attribute.floats))
    if kind == STRING:
        return len(attribute.s)
    raise ValueError(f"attribute type {kind} is not in this graph")


def parse_and_walk(path: str, side: str) -> dict[str, Any]:
    """The sum, and the memory of one parse and walk in this process."""
    data = Path(path).read_bytes()
    sums: list[int] = []

    def both() -> object:
        message = SIDES[side](data)
        sums.append(walk(message))
        return message

    _, added = memory.added_by(both)
    return {"sum": sums[0], "added": added}


def both(path: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of parse and walk together, in a process that does nothing else."""
    data = Path(path).read_bytes()
    return in_turns({s: lambda parse=p: walk(parse(data)) for s, p in SIDES.items()}, rounds)


def rows(quick: bool, folder: str) -> Iterator[Row]:
    nodes = QUICK_NODES if quick else NODES
    data = encoded_graph(nodes)
    path = f"{folder}/graph.onnx"
    Path(path).write_bytes(data)
    held = {side: parse(data) for side, parse in SIDES.items()}
    sums = {side: walk(message) for side, message in held.items()}
    assert sums["ours"] == sums["upb"], sums
    rounds = QUICK_ROUNDS if quick else ROUNDS
    taken = fresh.call("walk_graph.both", path, rounds)
    name = f"parse and walk {nodes} nodes"
    yield paired_row(name, "upb", taken["ours"], taken["upb"], aim=AIM)
    alone = in_turns({s: lambda message=m: walk(message) for s, m in held.items()}, rounds)
    yield paired_row("walk alone", "upb", alone["ours"], alone["upb"], aim=AIM)
    yield paired_row("  the same, a node", "upb", alone["ours"], alone["upb"], share=1 / nodes)
    if memory.is_known():
        found = {side: fresh.call("walk_graph.parse_and_walk", path, side) for side in SIDES}
        assert all(run["sum"] == sums["ours"] for run in found.values()), found
        peaks = (found[side]["added"]["peak"] for side in SIDES)
        yield Row("peak memory of parse and walk", "upb", *peaks, "B")
