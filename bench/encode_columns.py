"""(11) Columns to encoded messages, beside a loop that builds upb's messages from the same values.

The loop is given what suits it: Python's lists, made before. Ours is given arrays: once decoded
columns, whose strings are spans of one buffer, once a dict in which strings are a list. What one
thread does is timed by what it used of a processor, what two do by the wall. Every message was
compared before.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from clock import WALL, in_turns
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from rows import Row, paired_row

from tensorwire import proto

COUNT, QUICK_COUNT = 100_000, 10_000
ROUNDS, QUICK_ROUNDS = 9, 3
FAST_ROUNDS = 31
SCALING_AIM = 1.8
WIDTH = 8
FIELDS = {"id": 3, "name": 9, "score": 1, "level": 5, "active": 8, "embedding": 2}

Arrays = dict[str, Any]


def record_class() -> type[Any]:
    """Upstream's class of the record: its fields are FIELDS, with FieldDescriptorProto.Type."""
    file = descriptor_pb2.FileDescriptorProto(name="encode_columns.proto", syntax="proto3")
    record = file.message_type.add(name="Record")
    for number, (name, kind) in enumerate(FIELDS.items(), 1):
        label = 3 if name == "embedding" else 1
        record.field.add(name=name, number=number, type=kind, label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Record"))


def arrays(count: int) -> Arrays:
    rng = np.random.default_rng(11)
    return {
        "id": rng.integers(1 << 14, 1 << 21, count),
        "name": [f"name-{i % 1000}" for i in range(count)],
        "score": rng.random(count),
        "level": rng.integers(1, 100, count, dtype=np.int32),
        "active": rng.random(count) < 0.5,
        "embedding": rng.random((count, WIDTH)).astype(np.float32),
    }


def upb_loop(cls: type[Any], columns: Arrays) -> Callable[[], list[bytes]]:
    """A message for each row, all fields at once: the fastest way to set them that upb has."""
    listed = [one if isinstance(one, list) else one.tolist() for one in columns.values()]

    def run() -> list[bytes]:
        return [
            cls(
                id=id_, name=name, score=score, level=level, active=active, embedding=embedding
            ).SerializeToString()
            for id_, name, score, level, active, embedding in zip(*listed, strict=True)
        ]

    return run


def rows(quick: bool, _: str) -> Iterator[Row]:
    count, rounds = (QUICK_COUNT, QUICK_ROUNDS) if quick else (COUNT, ROUNDS)
    cls = record_class()
    given = arrays(count)
    loop = upb_loop(cls, given)
    want = loop()
    columns = proto.decode_batch(proto.encode_batch(given, cls), cls)
    calls = {
        "columns": lambda: proto.encode_batch(columns, cls, threads=1),
        "dict": lambda: proto.encode_batch(given, cls, threads=1),
    }
    for call in calls.values():
        assert call().to_pylist() == want
    taken = in_turns({**calls, "upb": loop}, rounds)
    nbytes = sum(map(len, want))
    for name, what in (("columns", "decoded columns"), ("dict", "a dict of arrays and a list")):
        middle = statistics.median(taken[name])
        rate = f"{count / middle / 1e6:.3g} M records/s, {nbytes / middle / 1e6:.0f} MB/s"
        case = f"{count} records of {nbytes / count:.0f} bytes from {what}: {rate}"
        yield paired_row(case, "upb", taken[name], taken["upb"])
    yield _thread_row(columns, cls, QUICK_ROUNDS if quick else FAST_ROUNDS)


def _thread_row(columns: Any, cls: type[Any], rounds: int) -> Row:
    def run(threads: int) -> Callable[[], object]:
        return lambda: proto.encode_batch(columns, cls, threads=threads)

    taken = in_turns({"two": run(2), "one": run(1)}, rounds, clock=WALL)
    return paired_row("two threads, by the wall", "one", taken["two"], taken["one"],
                      aim=SCALING_AIM)  # fmt: skip


if __name__ == "__main__":
    import machine
    from rows import table

    print("\n".join([*machine.lines(machine.facts()), "", *table(list(rows(False, "")))]))
