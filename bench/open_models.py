"""(1) From a path to every tensor as a NumPy array: time, and what it adds to memory.

Every figure is of a process of its own, with all imports done and one small model of the same form
opened before. Files were just written, so they are in the page cache; nobody reads from the disk.
Upstream's way is ``onnx.load`` and ``numpy_helper.to_array`` of every initializer; safetensors'
is ``load_file`` on the same tensors in its own format; the bare mmap makes an array at each known
offset and reads no format at all. As ours leaves weights where they are until they are read, there
is a row that reads every byte too. Holes show that weights cost nothing until they are read: 8 GiB
of them are opened as fast, in a form that upstream cannot read at all (2 GiB is its limit).
"""

from __future__ import annotations

import hashlib
import mmap
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fresh
import memory
import numpy as np
import onnx
import safetensors.numpy
from clock import once
from onnx import numpy_helper
from rows import Row
from weights import TENSORS, Weights, require_space, write_external, write_inline, write_safetensors

import tensorwire as tw

Arrays = dict[str, np.ndarray]
MIB = 1 << 20
AIM = 1000.0
MEMORY_SHARE = 0.01
TIME_KINDS = {"first": "first time", "again": "again", "read": "and every byte"}
MEMORY_KINDS = {
    "anonymous": "allocated and held",
    "mapped": "pages of files mapped",
    "peak": "peak of both",
}
PROCESSES = 5
HOLE = 8 << 30
REPEATS = 5
FORMS = ("inline", "external")
SMALL = Weights(TENSORS * 4096)


def ours(path: str, *_: list[int]) -> Arrays:
    with tw.open(path) as model:
        return dict(model.items())


def upstream(path: str, *_: list[int]) -> Arrays:
    model = onnx.load(path)
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def safetensors_file(path: str, *_: list[int]) -> Arrays:
    return safetensors.numpy.load_file(path)


def bare_mmap(path: str, offsets: list[int], shape: list[int]) -> Arrays:
    with Path(path).open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    count = shape[0] * shape[1]
    return {
        str(offset): np.frombuffer(mapped, np.float32, count, offset).reshape(shape)
        for offset in offsets
    }


SIDES: dict[str, Callable[..., Arrays]] = {
    "ours": ours,
    "onnx": upstream,
    "safetensors": safetensors_file,
    "mmap": bare_mmap,
}


def measured(side: str, small: list[Any], large: list[Any], read: bool) -> dict[str, Any]:
    """First and later times of opening ``large`` in this process, and the memory the first added.

    ``read``: also the time of opening it and reading every byte.
    """
    open_all = SIDES[side]
    open_all(*small)
    first: list[float] = []

    def timed() -> Arrays:
        start = time.perf_counter()
        arrays = open_all(*large)
        first.append(time.perf_counter() - start)
        return arrays

    arrays, added = memory.added_by(timed) if memory.is_known() else (timed(), {})
    assert len(arrays) == TENSORS
    assert all(list(array.shape) == large[2] for array in arrays.values())
    del arrays
    again = [once(lambda: open_all(*large)) for _ in range(REPEATS)]
    times = {"first": first[0], "again": statistics.median(again)}
    if read:
        all_read = [once(lambda: read_every_byte(open_all(*large))) for _ in range(REPEATS)]
        times["read"] = statistics.median(all_read)
    return times | added


def read_every_byte(arrays: Arrays) -> int:
    return sum(int(array.view(np.uint32).max()) for array in arrays.values())


def digests(side: str, large: list[Any]) -> list[str]:
    """One digest of the bytes of each tensor, in file order."""
    arrays = SIDES[side](*large)
    in_order = arrays.values()
    if side == "safetensors":  # in the order of their names
        in_order = [arrays[Weights(0).name(i)] for i in range(TENSORS)]
    return [hashlib.blake2b(array).hexdigest() for array in in_order]


class Files:
    """One set of weights in every form, in a folder of its own."""

    def __init__(self, folder: Path, weights: Weights) -> None:
        self.weights = weights
        self.folder = folder
        folder.mkdir()
        self.offsets = write_inline(folder / "inline.onnx", weights)
        write_external(folder / "external.onnx", weights)
        if not weights.sparse:
            write_safetensors(folder / "model.safetensors", weights)

    def arguments(self, form: str, side: str) -> list[Any]:
        names = {"safetensors": "model.safetensors", "mmap": "inline.onnx"}
        path = self.folder / names.get(side, f"{form}.onnx")
        return [str(path), self.offsets, list(self.weights.shape)]


def rows(quick: bool, folder: str) -> Iterator[Row]:
    sizes = (64 * MIB,) if quick else (64 * MIB, 512 * MIB)
    require_space(Path(folder), 4 * sum(sizes))
    small = Files(Path(folder, "small"), SMALL)
    processes = 1 if quick else PROCESSES
    for size in sizes:
        files = Files(Path(folder, str(size)), Weights(size))
        _check(files)
        fixed = {s: _medians(small, files, "inline", s, processes) for s in ("safetensors", "mmap")}
        for form in FORMS:
            found = {s: _medians(small, files, form, s, processes) for s in ("ours", "onnx")}
            yield from _form_rows(f"{size // MIB} MiB {form}", size, found | fixed)
    hole = Files(Path(folder, "hole"), Weights(HOLE, sparse=True))
    plain = _medians(small, hole, "inline", "mmap", processes)
    for form in FORMS:
        found = {"ours": _medians(small, hole, form, "ours", processes), "mmap": plain}
        yield from _time_rows(f"{HOLE >> 30} GiB of holes, {form}", found)


def _check(files: Files) -> None:
    """Every byte of every tensor is the same whoever reads it. Raises ``AssertionError``."""
    wanted = fresh.call("open_models.digests", "onnx", files.arguments("inline", "onnx"))
    for side in SIDES:
        for form in FORMS if side in ("ours", "onnx") else FORMS[:1]:
            found = fresh.call("open_models.digests", side, files.arguments(form, side))
            assert found == wanted, f"{side}, {form}: other bytes"


def _medians(small: Files, files: Files, form: str, side: str, processes: int) -> dict[str, float]:
    """Over processes."""
    read = not files.weights.sparse
    arguments = (side, small.arguments(form, side), files.arguments(form, side), read)
    found = [fresh.call("open_models.measured", *arguments) for _ in range(processes)]
    return {key: statistics.median(run[key] for run in found) for key in found[0]}


def _form_rows(title: str, nbytes: int, found: dict[str, dict[str, float]]) -> Iterator[Row]:
    yield from _time_rows(title, found)
    mine, most = found["ours"], MEMORY_SHARE * nbytes
    for side in [side for side in found if side != "ours" and "peak" in mine]:
        for kind, words in MEMORY_KINDS.items():
            if side == "onnx" or kind == "peak":
                wanted = most if side == "onnx" else None
                values = mine[kind], found[side][kind]
                yield Row(f"{title}: {words}", side, *values, "B", most=wanted)


def _time_rows(title: str, found: dict[str, dict[str, float]]) -> Iterator[Row]:
    mine = found["ours"]
    for side in [side for side in found if side != "ours"]:
        for kind, words in TIME_KINDS.items():
            aim = AIM if side == "onnx" and kind == "again" else None
            if kind in mine and (side == "onnx" or kind != "first"):
                yield Row(f"{title}: {words}", side, mine[kind], found[side][kind], aim=aim)
