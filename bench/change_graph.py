"""(7) A graph of 50,000 nodes: one node changed and all of it serialised, copies, comparisons,
merges and JSON; and the same of one node.

JSON is upstream's ``json_format`` over the messages of either side.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from build_messages import classes
from clock import in_turns, statements_in_turns
from google.protobuf import json_format
from graph_model import NODES, QUICK_NODES, conv_node, encoded_graph
from rows import Row, paired_row

ROUNDS, QUICK_ROUNDS = 15, 5
JSON_NODES = 500
STATEMENT_ROUNDS, QUICK_STATEMENT_ROUNDS = 31, 9

STATEMENTS = {
    "ListFields": "m.ListFields()",
    "equality of two nodes": "m == other",
    "equality of two built nodes": "built == built_other",
    "deepcopy": "deepcopy(m)",
    "deepcopy of a built node": "deepcopy(built)",
    "MergeFrom into an empty one": "NodeProto().MergeFrom(m)",
    "CopyFrom": "NodeProto().CopyFrom(m)",
    "parse, set a name": "FromString(data).name = 'abc'",
    "iterate over built strings": "list(built.input)",
    "iterate over built messages": "list(built.attribute)",
}


class Side:
    """A graph of one side that is changed again and again."""

    def __init__(self, made: dict[str, Any], nodes: int) -> None:
        self.made = made
        self.nodes = nodes
        self.model = made["ModelProto"].FromString(encoded_graph(nodes))
        self.twin = made["ModelProto"].FromString(bytes(bytearray(encoded_graph(nodes))))
        self.edits = 0
        small = made["ModelProto"].FromString(encoded_graph(JSON_NODES))
        self.small, self.json = small, json_format.MessageToJson(small)

    def change(self) -> bytes:
        """Another node each time, from the first message again: one edit, then all of it."""
        self.edits += 1
        place = self.edits * 7919 % self.nodes
        node = self.model.graph.node[place]
        name, node.name = node.name, "changed"
        data = self.model.SerializeToString()
        node.name = name
        return data

    def fresh_change(self) -> bytes:
        model = self.made["ModelProto"].FromString(encoded_graph(self.nodes))
        model.graph.node[self.nodes // 2].name = "changed"
        return model.SerializeToString()

    def size(self) -> int:
        return self.model.ByteSize()

    def is_equal(self) -> bool:
        return self.model == self.twin

    def deepcopy(self) -> Any:
        return copy.deepcopy(self.twin)

    def merge(self) -> Any:
        target = self.made["ModelProto"]()
        target.MergeFrom(self.twin)
        return target

    def to_json(self) -> str:
        return json_format.MessageToJson(self.small)

    def from_json(self) -> Any:
        return json_format.Parse(self.json, self.made["ModelProto"]())


CASES: dict[str, tuple[str, Callable[[Side], object]]] = {
    "parse, change one node, serialise": ("", Side.fresh_change),
    "ByteSize": ("", Side.size),
    "equality": ("", Side.is_equal),
    "deepcopy": ("", Side.deepcopy),
    "MergeFrom into an empty one": ("", Side.merge),
    "to JSON": (f"{JSON_NODES} nodes", Side.to_json),
    "from JSON": (f"{JSON_NODES} nodes", Side.from_json),
    "change one more node, serialise": ("", Side.change),
}


def plain(value: Any) -> Any:
    return value.SerializeToString() if hasattr(value, "SerializeToString") else value


def rows(quick: bool, _: str) -> Iterator[Row]:
    nodes = QUICK_NODES if quick else NODES
    sides = {side: Side(made, nodes) for side, made in classes().items()}
    rounds = QUICK_ROUNDS if quick else ROUNDS
    for name, (size, case) in CASES.items():
        answers = [plain(case(side)) for side in sides.values()]
        assert answers[0] == answers[1], name
        calls = {key: lambda side=side, case=case: case(side) for key, side in sides.items()}
        taken = in_turns(calls, rounds)
        words = f"{size or f'{nodes} nodes'}: {name}"
        yield paired_row(words, "upb", taken["ours"], taken["upb"], aim=1.0)
    yield from _node_rows(QUICK_STATEMENT_ROUNDS if quick else STATEMENT_ROUNDS)


def _node_rows(rounds: int) -> Iterator[Row]:
    found = {side: _subjects(made) for side, made in classes().items()}
    for name, text in STATEMENTS.items():
        if " = " not in text:
            ours, theirs = (_told(eval(text, dict(names))) for names in found.values())
            assert ours == theirs, f"{text}: {ours!r}, not {theirs!r}"
        taken = statements_in_turns({side: (text, names) for side, names in found.items()}, rounds)
        yield paired_row(f"{name}: {text}", "upb", taken["ours"], taken["upb"], aim=1.0)


def _subjects(made: dict[str, Any]) -> dict[str, Any]:
    data = conv_node(1, "/layer1/conv1/Conv").SerializeToString()
    read = made["NodeProto"].FromString
    built, built_other = (
        made["NodeProto"](
            op_type="Conv",
            name="node",
            input=["a", "b", "c"],
            output=["y"],
            attribute=[made["AttributeProto"](name="pads", type=7, ints=[1, 1, 1, 1])],
        )
        for _ in range(2)
    )
    names = {"m": read(data), "other": read(bytes(bytearray(data))), "data": data}
    names |= {"built": built, "built_other": built_other, "deepcopy": copy.deepcopy}
    return names | {"NodeProto": made["NodeProto"], "FromString": read}


def _told(value: Any) -> Any:
    """An answer that compares across both sides."""
    if isinstance(value, list):
        return [_told(element) for element in value]
    if isinstance(value, tuple):  # a field and its value
        return value[0].name, _told(value[1])
    if hasattr(value, "SerializeToString"):
        return value.SerializeToString()
    return value if isinstance(value, (str, bytes, int, float, type(None))) else _told(list(value))
