"""(2) One pass over the structure of 50,000 Conv nodes, beside upb's parse of the same bytes.

Both sides get the same ``bytes``. Ours is the public ``FromString``: verification and one view.
Upb's parse fills an arena of ten times the input, and what that costs depends on where its memory
comes from; so there is a row for each way:
- *warm*: again and again in one process that does nothing else; each message is dropped within its
  time. With the C library as it comes, the arena goes back to the system each time.
- *kept*: the same, nothing is dropped.
- *malloc told to give nothing back*: glibc only, by its environment variables. The arena's pages
  stay with the process: upb's best case, met in processes that hold much free memory anyway.
- *cold*: the first parse of a process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fresh
import memory
import onnx
from clock import in_turns
from graph_model import NODES, QUICK_NODES, count_items, encoded_graph
from rows import Row, paired_row

from tensorwire import proto
from tensorwire.errors import DecodeError

MODEL = proto.message_class(onnx.ModelProto)
SIDES = {"ours": MODEL.FromString, "upb": onnx.ModelProto.FromString}
LEAST, AIM = 10.0, 20.0
# glibc, mallopt(3): M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
HOARDING = {"MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_MMAP_THRESHOLD_": "4000000000"}
# Of each: kept messages of upb take some 60 MB.
ROUNDS, KEPT_ROUNDS, PROCESSES = 31, 9, 7
QUICK_ROUNDS, QUICK_PROCESSES = 9, 2


def check(nodes: int) -> None:
    """Both accept the whole, and both reject it one byte short. Raises ``AssertionError``."""
    data = encoded_graph(nodes)
    message = MODEL.FromString(data)
    assert len(message.graph.node) == nodes
    assert proto.raw(message) is data
    try:
        MODEL.FromString(data[:-1])
    except DecodeError:
        return
    raise AssertionError("accepted one byte short")


def first_parse(path: str, side: str) -> dict[str, Any]:
    """Seconds and memory of the first parse of this process, its message kept."""
    data = Path(path).read_bytes()
    taken: list[float] = []

    def parse() -> object:
        start = time.perf_counter()
        message = SIDES[side](data)
        taken.append(time.perf_counter() - start)
        return message

    if not memory.is_known():
        parse()
        return {"seconds": taken[0], "added": None}
    _, added = memory.added_by(parse)
    return {"seconds": taken[0], "added": added}


def warm(path: str, rounds: int, keep: bool) -> dict[str, list[float]]:
    """Seconds of either side, parsing again and again in this process."""
    data = Path(path).read_bytes()
    calls = {side: lambda parse=parse: parse(data) for side, parse in SIDES.items()}
    return in_turns(calls, rounds, keep=keep)


def rows(quick: bool, folder: str) -> Iterator[Row]:
    nodes = QUICK_NODES if quick else NODES
    check(nodes)
    data = encoded_graph(nodes)
    path = f"{folder}/graph.onnx"
    Path(path).write_bytes(data)
    rounds = QUICK_ROUNDS if quick else ROUNDS
    taken = fresh.call("verify_graph.warm", path, rounds, False)
    items = count_items(nodes)
    size = f"{nodes} nodes, {len(data) / 1e6:.1f} MB, {items / nodes:.0f} items a node"
    ours, upb = taken["ours"], taken["upb"]
    yield paired_row(f"{size}: warm", "upb", ours, upb, least=LEAST, aim=AIM)
    rate = len(data) / statistics.median(ours) / 1e9
    yield paired_row(f"  the same, an item: {rate:.2f} GB/s", "upb", ours, upb, share=1 / items)
    kept = fresh.call("verify_graph.warm", path, 3 if quick else KEPT_ROUNDS, True)
    yield paired_row("warm, every message kept", "upb", kept["ours"], kept["upb"])
    hoard = fresh.call("verify_graph.warm", path, rounds, False, environment=HOARDING)
    yield paired_row("warm, malloc told to give nothing back", "upb", hoard["ours"], hoard["upb"])
    yield from _cold_rows(path, QUICK_PROCESSES if quick else PROCESSES)


def _cold_rows(path: str, processes: int) -> Iterator[Row]:
    runs: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for _ in range(processes):
        for side, found in runs.items():
            found.append(fresh.call("verify_graph.first_parse", path, side))
    cold = {side: [run["seconds"] for run in found] for side, found in runs.items()}
    name = f"cold, {processes} processes each"
    yield paired_row(name, "upb", cold["ours"], cold["upb"], aim=AIM)
    if memory.is_known():
        peaks = (statistics.median(run["added"]["peak"] for run in runs[side]) for side in SIDES)
        yield Row("peak memory of a parse", "upb", *peaks, "B")
