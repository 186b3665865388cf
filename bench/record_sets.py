"""The sets of records that columns are decoded from: made here, drawn with fixed seeds.

Upstream writes them; the schema is ``records.proto``, compiled when first needed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

SCHEMA = Path(__file__).with_name("records.proto")
WORDS = "amber basalt cedar delta ember fjord garnet harbor indigo juniper kelp lagoon".split()


@dataclass(frozen=True)
class RecordSet:
    """``paths`` None asks for every field. ``aim``: times faster than
    the loop over upb's messages."""

    name: str
    message: str
    count: int
    make: Callable[[Random, type[Any]], Any]
    paths: tuple[str, ...] | None = None
    aim: float | None = None


@cache
def classes() -> dict[str, type[Any]]:
    """Upstream's class of each message, by its short name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "set")
        # In a process of its own: in one with TensorFlow it crashes, each with its own protobuf.
        protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{SCHEMA.parent}"]
        subprocess.run([*protoc, f"-o{out}", SCHEMA.name], check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)
    found = message_factory.GetMessageClassesForFiles([SCHEMA.name], pool)
    return {name.removeprefix("bench."): cls for name, cls in found.items()}


def encoded(chosen: RecordSet, quick: bool = False) -> tuple[type[Any], list[bytes]]:
    """Upstream's class and the records, a tenth of them if ``quick``."""
    cls, draw = classes()[chosen.message], Random(chosen.name)
    count = max(1, chosen.count // (10 if quick else 1))
    return cls, [chosen.make(draw, cls).SerializeToString() for _ in range(count)]


def words(draw: Random, least: int, most: int) -> str:
    return " ".join(draw.choices(WORDS, k=draw.randint(least, most)))


def sample(draw: Random, cls: type[Any]) -> Any:
    return cls(
        id=draw.randrange(1 << 14, 1 << 21),
        name=draw.choice(WORDS)[:4] + "-" * draw.randint(0, 6),
        score=draw.random(),
        level=draw.randint(1, 99),
        active=draw.random() < 0.5,
        embedding=[draw.random() for _ in range(8)],
    )


def visit(draw: Random, cls: type[Any]) -> Any:
    made = cls(
        query=words(draw, 3, 7),
        referrer=words(draw, 1, 3),
        cached=draw.random() < 0.5,
        status=draw.choice((200, 304, 404)),
        tries=draw.randint(0, 3),
        session=draw.getrandbits(64),
        client=draw.getrandbits(40),
        language=draw.randint(1, 30),
        offset=draw.randint(-720, 720),
        started=1_700_000_000_000 + draw.getrandbits(30),
        ended=1_700_000_000_000 + draw.getrandbits(31),
        shard=draw.randint(0, 4000),
        version=draw.randint(1, 60),
        host=draw.choice(WORDS) + ".example",
        width=draw.randint(300, 4000),
        height=draw.randint(300, 4000),
        weight=draw.random(),
        key=draw.randbytes(16),
        groups=[draw.randint(1, 500) for _ in range(draw.randint(0, 8))],
    )
    if draw.random() < 0.6:
        made.page = words(draw, 2, 6)
        made.country = draw.randint(1, 250)
    if draw.random() < 0.9:
        screen = made.screen
        screen.width, screen.height, screen.scale = made.width, made.height, 1.5
        screen.name, screen.vendor = words(draw, 1, 2), draw.choice(WORDS)
        screen.color, screen.memory = draw.getrandbits(32), draw.getrandbits(34)
    return made


def feed(draw: Random, cls: type[Any]) -> Any:
    made = cls(
        title=words(draw, 2, 6),
        language="en",
        updated=1_700_000_000 + draw.getrandbits(20),
        total=draw.getrandbits(16),
        complete=True,
        next=draw.randbytes(12).hex(),
        generation=draw.getrandbits(40),
    )
    for place in range(850):
        add_entry(draw, made.entries.add(), place)
    return made


def add_entry(draw: Random, entry: Any, place: int) -> None:
    entry.place, entry.key, entry.kind = place, draw.randbytes(6).hex(), draw.randint(1, 9)
    entry.fingerprint = draw.randbytes(8)
    if draw.random() < 0.4:
        entry.text = words(draw, 6, 20)
    if draw.random() < 0.2:
        entry.snippet, entry.rank = words(draw, 2, 6), draw.random()
    if draw.random() < 0.3:
        entry.length, entry.updated = draw.getrandbits(12), draw.getrandbits(30)
    if draw.random() < 0.3:
        entry.labels.extend(draw.choices(WORDS, k=draw.randint(1, 4)))
        entry.positions.extend(draw.randint(0, 900) for _ in range(draw.randint(1, 8)))
    if draw.random() < 0.5:
        entry.origin.host = draw.choice(WORDS) + ".example"
        entry.origin.address, entry.origin.weight = draw.getrandbits(32), draw.random()


def event(draw: Random, cls: type[Any]) -> Any:
    made = cls(id=draw.getrandbits(34), time=1_700_000_000_000 + draw.getrandbits(30))
    if draw.random() < 0.9:
        made.user.name, made.user.country = words(draw, 1, 2), draw.choice(("de", "jp", "br"))
        made.user.age = draw.randint(16, 90)
    for _ in range(draw.randint(0, 8)):
        made.items.add(sku=draw.randbytes(4).hex(), price=draw.randrange(99, 99999) / 100, count=1)
    for key in draw.sample(("source", "campaign", "device"), draw.randint(0, 3)):
        made.tags[key] = draw.choice(WORDS)
    return made


def mesh(draw: Random, cls: type[Any]) -> Any:
    made, count = cls(id=draw.getrandbits(20)), draw.randint(100, 300)
    for _ in range(count):
        made.vertices.add(x=draw.random(), y=draw.random(), z=draw.random())
    for _ in range(2 * count):
        a, b, c = (draw.randrange(count) for _ in range(3))
        made.faces.add(a=a, b=b, c=c)
    return made


def series(draw: Random, cls: type[Any]) -> Any:
    values = [draw.getrandbits(draw.randint(1, 35)) for _ in range(1000)]
    return cls(start=1_700_000_000, values=values, steps=[int(draw.gauss(0, 40)) for _ in values])


def example(draw: Random, cls: type[Any]) -> Any:
    made = cls()
    feature = made.features.feature
    feature["label"].int64_list.value.append(draw.randrange(1000))
    feature["ids"].int64_list.value.extend(draw.randrange(1 << 20) for _ in range(16))
    feature["dense"].float_list.value.extend(draw.random() for _ in range(32))
    feature["title"].bytes_list.value.append(words(draw, 2, 8).encode())
    feature["tags"].bytes_list.value.extend(
        word.encode() for word in draw.choices(WORDS, k=draw.randint(0, 5))
    )
    return made


FLAT_AIM, NESTED_AIM = 50.0, 30.0
SETS = {
    made.name: made
    for made in (
        RecordSet("sample", "Sample", 200_000, sample, aim=FLAT_AIM),
        RecordSet("visit", "Visit", 50_000, visit, aim=FLAT_AIM),
        RecordSet("feed", "Feed", 100, feed, aim=NESTED_AIM),
        RecordSet("event", "Event", 50_000, event, ("id", "user.name", "items.price"), NESTED_AIM),
        RecordSet("event, all", "Event", 50_000, event, aim=NESTED_AIM),
        RecordSet("mesh", "Mesh", 500, mesh, aim=NESTED_AIM),
        RecordSet("series", "Series", 2_000, series),
        RecordSet("example", "Example", 20_000, example, aim=NESTED_AIM),
    )
}
