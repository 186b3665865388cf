"""(8) A model of weights: one name changed and all of it written; serialised unchanged; its size.

Ours lies on the mapped file, or on its ``bytes``; upstream's has to read it all. Writing is timed
by the wall, into a file of the same folder that was there before, so that both sides overwrite
pages of the cache; beside it stands the file written out of a mapping as it is. Memory is of fresh
processes.
"""

from __future__ import annotations

import mmap
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fresh
import memory
import onnx
from clock import WALL, in_turns
from rows import Row, paired_row
from weights import Weights, require_space, write_inline

from tensorwire import proto
from tensorwire._core.encode import ranges
from tensorwire._core.source import Source

MIB = 1 << 20
SIZES, QUICK_SIZES = (64 * MIB, 512 * MIB), (64 * MIB,)
ROUNDS, QUICK_ROUNDS = 5, 3
MODEL = proto.message_class(onnx.ModelProto)
EDIT_MOST = 0.002
MEMORY_SHARE = 0.01
NAME = "changed"


def mapped(path: str) -> mmap.mmap:
    with Path(path).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def ours(path: str) -> Any:
    return proto.parse(MODEL, Source(mapped(path), borrow=True))


def upb(path: str) -> Any:
    return onnx.ModelProto.FromString(Path(path).read_bytes())


def write_ours(path: str, target: str) -> int:
    """Parses the mapped file, changes a name, writes all of it."""
    model = ours(path)
    model.graph.name = NAME
    with Path(target).open("r+b") as file:
        return proto.write(model, file)


def write_upb(path: str, target: str) -> int:
    model = upb(path)
    model.graph.name = NAME
    with Path(target).open("r+b") as file:
        return file.write(model.SerializeToString())


def write_mapped(path: str, target: str) -> int:
    """The file as it is, written out of a new mapping: no less can be done."""
    with Path(target).open("r+b") as file:
        return file.write(mapped(path))


def peak(side: str, path: str, target: str) -> dict[str, int]:
    """Bytes that a change and write added at their peak, in this process, which did it before."""
    write = {"ours": write_ours, "upb": write_upb}[side]
    write(path, target)
    allocated = memory.allocated_peak(lambda: write(path, target))
    _, added = memory.added_by(lambda: write(path, target))
    return {"allocated": allocated, "resident": added["peak"]}


def edit(path: str) -> Callable[[], int]:
    """From the mapped message to the ranges of its encoding, one name changed anew each time."""
    model = ours(path)
    names = [NAME, "another"]

    def change() -> int:
        names.reverse()
        model.graph.name = names[0]
        return len(ranges(model))

    return change


def rows(quick: bool, folder: str) -> Iterator[Row]:
    sizes = QUICK_SIZES if quick else SIZES
    require_space(Path(folder), 3 * sum(sizes))
    for size in sizes:
        path, target = f"{folder}/{size}.onnx", f"{folder}/{size}.out"
        write_inline(Path(path), Weights(size))
        yield from _rows(f"{size // MIB} MiB", path, target, ROUNDS if not quick else QUICK_ROUNDS)
        Path(path).unlink()
        Path(target).unlink()


def _rows(title: str, path: str, target: str, rounds: int) -> Iterator[Row]:
    data = Path(path).read_bytes()
    Path(target).write_bytes(data)
    _check(path, target)
    held, theirs, map_ = MODEL.FromString(data), onnx.ModelProto.FromString(data), mapped(path)
    viewed = ours(path)
    assert held.SerializeToString() == theirs.SerializeToString() == viewed.SerializeToString()
    taken = in_turns({"ours": held.SerializeToString, "upb": theirs.SerializeToString}, rounds)
    yield paired_row(f"{title}: serialise, unchanged bytes", "upb", taken["ours"], taken["upb"])
    taken = in_turns({"ours": viewed.SerializeToString, "memcpy": lambda: bytes(map_)}, rounds)
    yield paired_row(
        f"{title}: serialise, unchanged mapped file",
        "memcpy",
        taken["ours"],
        taken["memcpy"],
        least=0.5,
    )
    change = edit(path)
    theirs.graph.name = NAME
    taken = in_turns({"ours": change, "upb": theirs.SerializeToString}, rounds)
    yield Row(
        f"{title}: change a name, produce ranges",
        "upb: bytes",
        *(statistics.median(times) for times in taken.values()),
        most=EDIT_MOST,
    )
    viewed.graph.name = NAME
    assert viewed.ByteSize() == theirs.ByteSize()
    taken = in_turns({"ours": viewed.ByteSize, "upb": theirs.ByteSize}, rounds)
    yield paired_row(f"{title}: ByteSize", "upb", taken["ours"], taken["upb"], least=100.0)
    yield from _write_rows(title, path, target, data, rounds)


def _check(path: str, target: str) -> None:
    """Both sides write the same bytes. Raises ``AssertionError``."""
    written = []
    for write in (write_ours, write_upb):
        count = write(path, target)
        with Path(target).open("r+b") as file:
            file.truncate(count)
            written.append(hash(file.read()))
    assert written[0] == written[1], "other bytes than upstream's"


def _write_rows(title: str, path: str, target: str, data: bytes, rounds: int) -> Iterator[Row]:
    calls = {
        "ours": lambda: write_ours(path, target),
        "write": lambda: write_mapped(path, target),
        "upb": lambda: write_upb(path, target),
    }
    taken = in_turns(calls, rounds, clock=WALL)
    name = f"{title}: parse, change a name, write"
    yield paired_row(name, "upb", taken["ours"], taken["upb"])
    yield paired_row(name, "mapping as it is", taken["ours"], taken["write"])
    if memory.is_known():
        found = {s: fresh.call("change_weights.peak", s, path, target) for s in ("ours", "upb")}
        kinds = (
            ("allocated", "peak of what is allocated", MEMORY_SHARE * len(data)),
            ("resident", "peak with pages of the mapped file", None),
        )
        for kind, words, most in kinds:
            mine, other = found["ours"][kind], found["upb"][kind]
            yield Row(f"{name}: {words}", "upb", mine, other, "B", most=most)
