"""(5) A Conv node of about 120 bytes: reading it from bytes, and reading each kind of field.

FromString drops the message within its own time, as a loop over records does. Reads are of one
message held all the time. The cost of an empty loop is taken off every figure; a bound name and
one call or attribute access remain, for both sides alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import onnx
from clock import statements_in_turns
from graph_model import conv_node
from onnx import helper
from rows import Row, paired_row

from tensorwire import proto
from tensorwire._core.message import Message

NODE = proto.message_class(onnx.NodeProto)
ATTRIBUTE = proto.message_class(onnx.AttributeProto)
LEAST, AIM = 3.5, 4.0
READ_AIM = 1.0
ROUNDS, QUICK_ROUNDS = 61, 15

READS = {
    "string": ("node", "m.name"),
    "string, last but one field": ("node", "m.op_type"),
    "string, absent": ("node", "m.domain"),
    "int": ("tensor", "m.i"),
    "float": ("tensor", "m.f"),
    "enum": ("tensor", "m.type"),
    "bytes": ("tensor", "m.s"),
    "bytes, absent": ("node_attribute", "m.s"),
    "int, absent": ("node_attribute", "m.i"),
    "submessage": ("tensor", "m.t"),
    "submessage, absent": ("node_attribute", "m.t"),
    "string in a submessage": ("tensor", "m.t.name"),
    "HasField": ("tensor", "m.HasField('t')"),
    "repeated: the sequence": ("node", "m.input"),
    "repeated: its length": ("node", "len(m.input)"),
    "repeated strings: [0]": ("node", "m.input[0]"),
    "repeated strings: list": ("node", "list(m.input)"),
    "repeated messages: [0]": ("node", "m.attribute[0]"),
    "repeated messages: list": ("node", "list(m.attribute)"),
    "repeated ints: list": ("node_attribute", "list(m.ints)"),
}
# Reads of something that the reader still holds from before: upb then finds its wrapper again.
HELD = {
    "submessage, held": ("tensor", "m.t"),
    "repeated: the sequence, held": ("node", "m.input"),
}


@cache
def messages() -> dict[str, tuple[Any, bytes]]:
    """Upstream message and bytes of each subject of a read."""
    node = conv_node(1, "/layer1/conv1/Conv")
    node.attribute.pop()  # strides: about 120 bytes are left
    attribute = helper.make_attribute("value", helper.make_tensor("t", 1, [2], [1.0, 2.0]))
    attribute.i, attribute.f, attribute.s = 300, 0.5, b"sixteen bytes 16"
    subjects = {"node": node, "tensor": attribute, "node_attribute": node.attribute[0]}
    return {name: (made, made.SerializeToString()) for name, made in subjects.items()}


def pair(subject: str) -> tuple[Any, Any]:
    """Our message and upstream's, read from the same bytes."""
    theirs, data = messages()[subject]
    cls = NODE if subject == "node" else ATTRIBUTE
    return cls.FromString(data), type(theirs).FromString(data)


def plain(value: Any) -> Any:
    """A value that compares across both sides: messages as their bytes."""
    if isinstance(value, (str, bytes, int, float)):
        return value
    if isinstance(value, Message):
        return proto.raw(value)
    if hasattr(value, "SerializeToString"):
        return value.SerializeToString()
    return [plain(element) for element in value]


def check() -> None:
    """Every statement gives the same on both sides. Raises ``AssertionError``."""
    for subject, text in READS.values():
        ours, theirs = (plain(eval(text, {"m": m})) for m in pair(subject))
        assert ours == theirs, f"{text}: {ours!r}, not {theirs!r}"


def rows(quick: bool, _: str) -> Iterator[Row]:
    check()
    rounds = QUICK_ROUNDS if quick else ROUNDS
    data = messages()["node"][1]
    yield _compared(
        f"FromString, {len(data)} bytes",
        "f(data)",
        {"f": NODE.FromString, "data": data},
        {"f": onnx.NodeProto.FromString, "data": data},
        rounds,
        LEAST,
        AIM,
    )
    for case, (subject, text) in (READS | HELD).items():
        ours, theirs = ({"m": m} for m in pair(subject))
        if case in HELD:
            ours["held"], theirs["held"] = eval(text, dict(ours)), eval(text, dict(theirs))
        yield _compared(f"{case}: {text}", text, ours, theirs, rounds, None, READ_AIM)


def _compared(
    case: str,
    text: str,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    rounds: int,
    least: float | None,
    aim: float,
) -> Row:
    taken = statements_in_turns({"ours": (text, ours), "theirs": (text, theirs)}, rounds)
    return paired_row(case, "upb", taken["ours"], taken["theirs"], least=least, aim=aim)
