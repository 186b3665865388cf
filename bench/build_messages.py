"""(6) Building messages, and setting and reading fields of messages that were built.

Builds keep nothing between rounds; the keywords were made before. Statements are as in (5); those
that change a message leave it as they found it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import onnx
from clock import in_turns, statements_in_turns
from rows import Row, paired_row

from tensorwire import proto

COUNT, QUICK_COUNT = 100_000, 10_000
NUMBERS = 100_000
ROUNDS, QUICK_ROUNDS = 7, 3
STATEMENT_ROUNDS, QUICK_STATEMENT_ROUNDS = 31, 9
LEAST = 1.0
TYPES = ("NodeProto", "AttributeProto", "TensorProto", "GraphProto", "ModelProto")

STATEMENTS = {
    "set a string": "node.name = 'abc'",
    "set an int": "attribute.i = 5",
    "set a float": "attribute.f = 0.5",
    "read a string that was set": "node.name",
    "read an int that was set": "attribute.i",
    "append a string, delete it": "node.input.append('q'); del node.input[-1]",
    "add a message, delete it": "graph.node.add(); del graph.node[-1]",
    "the same, with a keyword": "graph.node.add(name='x'); del graph.node[-1]",
    "construct, no field": "NodeProto()",
    "construct, one string": "NodeProto(name='x')",
    "construct, three ints": "AttributeProto(ints=[1, 2, 3])",
    "construct, a message": "AttributeProto(t=tensor)",
    "serialize a built node": "node.SerializeToString()",
    "ByteSize of a built node": "node.ByteSize()",
    "extend ints, a list": "TensorProto().int64_data.extend(listed)",
    "extend ints, an array": "TensorProto().int64_data.extend(array)",
    "extend floats, an array": "TensorProto().float_data.extend(reals)",
}


def classes() -> dict[str, dict[str, Any]]:
    """The message classes of either side by name."""
    upb = {name: getattr(onnx, name) for name in TYPES}
    return {"ours": {name: proto.message_class(cls) for name, cls in upb.items()}, "upb": upb}


@cache
def keywords(count: int) -> list[dict[str, Any]]:
    return [
        {
            "op_type": "Conv",
            "name": f"/conv{i}/Conv",
            "input": [f"x{i}", f"w{i}", f"b{i}"],
            "output": [f"x{i + 1}"],
        }
        for i in range(count)
    ]


def build_each(side: dict[str, Any], count: int) -> int:
    """Every message built and serialised alone; the sum of the lengths."""
    node = side["NodeProto"]
    return sum([len(node(**fields).SerializeToString()) for fields in keywords(count)])


def build_attributes(side: dict[str, Any], count: int) -> int:
    """The same with two attributes each."""
    node, attribute = side["NodeProto"], side["AttributeProto"]
    total = 0
    for fields in keywords(count):
        pads = attribute(name="pads", type=7, ints=[1, 1, 1, 1])
        group = attribute(name="group", type=2, i=1)
        total += len(node(**fields, attribute=[pads, group]).SerializeToString())
    return total


def build_graph(side: dict[str, Any], count: int) -> bytes:
    """One model of all the messages, serialised."""
    model = side["ModelProto"]()
    nodes = model.graph.node
    for fields in keywords(count):
        nodes.add(**fields)
    return model.SerializeToString()


BUILDS = {
    "nodes from keywords, each serialised": build_each,
    "the same, two attributes each": build_attributes,
    "nodes added to one model, it serialised": build_graph,
}


def subjects(side: dict[str, Any]) -> dict[str, Any]:
    """The names that the statements use."""
    numbers = np.arange(NUMBERS)
    return side | {
        "node": side["NodeProto"](**keywords(QUICK_COUNT)[0]),
        "attribute": side["AttributeProto"](name="a", i=1, f=2.0),
        "tensor": side["TensorProto"](name="t", dims=[2], data_type=1, raw_data=b"12345678"),
        "graph": side["GraphProto"](),
        "listed": numbers.tolist(),
        "array": numbers,
        "reals": numbers.astype(np.float32),
    }


def plain(value: Any) -> Any:
    return value.SerializeToString() if hasattr(value, "SerializeToString") else value


def check() -> None:
    """Every build and statement gives the same on both sides. Raises ``AssertionError``."""
    sides = classes()
    for name, build in BUILDS.items():
        assert build(sides["ours"], 100) == build(sides["upb"], 100), name
    found = {side: subjects(made) for side, made in sides.items()}
    for text in STATEMENTS.values():
        for names in found.values():
            exec(text, names)
    for name in ("node", "attribute", "graph"):
        assert plain(found["ours"][name]) == plain(found["upb"][name]), name
    for name in ("listed", "array"):
        sent = []
        for names in found.values():
            tensor = names["TensorProto"]()
            tensor.int64_data.extend(names[name])
            sent.append(tensor.SerializeToString())
        assert sent[0] == sent[1], name


def rows(quick: bool, _: str) -> Iterator[Row]:
    check()
    sides = classes()
    count = QUICK_COUNT if quick else COUNT
    rounds = QUICK_ROUNDS if quick else ROUNDS
    for name, build in BUILDS.items():
        calls = {
            side: lambda made=made, build=build: build(made, count) for side, made in sides.items()
        }
        taken = in_turns(calls, rounds)
        yield paired_row(f"{count} {name}", "upb", taken["ours"], taken["upb"], least=LEAST)
    found = {side: subjects(made) for side, made in sides.items()}
    rounds = QUICK_STATEMENT_ROUNDS if quick else STATEMENT_ROUNDS
    for name, text in STATEMENTS.items():
        taken = statements_in_turns({side: (text, names) for side, names in found.items()}, rounds)
        yield paired_row(f"{name}: {text}", "upb", taken["ours"], taken["upb"], aim=1.0)
