"""A model of many Conv nodes with the five attributes that exporters write for each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import onnx
from google.protobuf.message import Message as UpstreamMessage
from onnx import helper

NODES = 50_000
QUICK_NODES = 10_000


def conv_node(place: int, name: str) -> onnx.NodeProto:
    """One node as an exporter of a convolutional network writes it."""
    return helper.make_node(
        "Conv",
        [f"x{place}", f"w{place}", f"b{place}"],
        [f"x{place + 1}"],
        name=name,
        dilations=[1, 1],
        group=1,
        kernel_shape=[3, 3],
        pads=[1, 1, 1, 1],
        strides=[1, 1],
    )


@cache
def encoded_graph(nodes: int) -> bytes:
    """The model's bytes, written by upstream: about 150 a node."""
    made = (conv_node(i, f"/conv{i}/Conv") for i in range(nodes))
    graph = helper.make_graph(list(made), "main_graph", [], [])
    return helper.make_model(graph).SerializeToString()


@cache
def count_items(nodes: int) -> int:
    """Tagged items in the model of that many nodes: what a verifier has to look at."""
    return sum(_items(onnx.ModelProto.FromString(encoded_graph(nodes))))


def _items(message: UpstreamMessage) -> Iterator[int]:
    """Ones and counts, of every item at every depth. No field of a graph of nodes is packed."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        yield len(values)
        if field.message_type is not None:
            for child in values:
                yield from _items(child)
