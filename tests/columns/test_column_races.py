"""Memory that changes while it is decoded: any values, but nothing outside is touched."""

import contextlib
import random
import threading

import column_cases
import numpy as np
from column_oracle import leaf_paths
from test_column_differential import known

from guard import Guarded, needs_guard_pages
from proto.effort import FACTOR
from proto.memory import Changing
from tensorwire import ModelError, proto

pytestmark = needs_guard_pages


class Changes(threading.Thread):
    """Changes memory until it is told to stop."""

    def __init__(self, memory: np.ndarray, seed: int) -> None:
        super().__init__(daemon=True)
        self.change = Changing(memory, random.Random(seed), often=0.7)
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.change()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.join()


def rows_of(rng: random.Random) -> list[bytes]:
    rows = [row for row in column_cases.rows_of(rng, known("proto2"), 60) if row]
    return rows + [row for row in rows if len(row) < 300] * 4


def look(columns) -> None:
    """Reads everything, where it still can be."""
    for path in columns:
        with contextlib.suppress(ModelError):
            columns[path].to_pylist()
    list(columns.errors)


def test_records_that_change_meanwhile():
    paths = list(leaf_paths(known("proto2").descriptor, 0))
    decoders = [
        proto.Decoder(known("proto2").theirs, paths, on_error="null", verify=verify, utf8=utf8)
        for verify in ("visited", "all")
        for utf8 in ("schema", "check")
    ]
    for seed in range(3 * FACTOR):
        rng = random.Random(seed)
        rows = rows_of(rng)
        offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
        memory = Guarded(int(offsets[-1])).at_end(b"".join(rows))
        with Changes(memory, seed):
            for decoder in decoders:
                for threads in (1, 2):
                    look(decoder((memory, offsets), threads=threads))


def test_offsets_that_change_meanwhile():
    rng = random.Random(5)
    rows = rows_of(rng)
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    memory = Guarded(int(offsets[-1])).at_end(b"".join(rows))
    decoder = proto.Decoder(known("proto2").theirs, ["s_int32", "subs.s_string", "p_int64"],
                            on_error="null")  # fmt: skip
    with Changes(offsets.view(np.uint8), 1):
        for _ in range(200):
            with contextlib.suppress(ValueError):
                look(decoder((memory, offsets)))
