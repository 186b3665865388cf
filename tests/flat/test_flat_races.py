"""Bytes that change while they are verified or read: errors or other values, nothing outside."""

import contextlib
import random
import threading

import flat_values
import flat_verdicts
import flat_writer
import numpy as np
from flat_differential import World
from flat_oracle import Rules

from guard import Guarded, needs_guard_pages
from proto.effort import generators, named
from proto.memory import Changing
from tensorwire import flat
from tensorwire._core.flat_vector import FlatVector
from tensorwire._core.flat_view import FlatView
from tensorwire._core.source import Source
from tensorwire.errors import DecodeError, LimitError

pytestmark = needs_guard_pages
CAPACITY = 1 << 15
MOST_READS = 3000
ODD = flat_writer.Layout(shuffle=True, vtables=False)


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


class Reading:
    """Reads all there is, up to a number of values: what changed may have no end."""

    def __init__(self, between=None) -> None:
        self.left = MOST_READS
        self.between = between

    def look(self, value) -> None:
        self.left -= 1
        if self.left < 0:
            return
        if self.between is not None:
            self.between()
        if isinstance(value, FlatView):
            self.fields(value)
        elif isinstance(value, FlatVector):
            for i in range(min(len(value), 50)):
                with contextlib.suppress(DecodeError):
                    self.look(value[i])
        elif isinstance(value, np.ndarray):
            value.tobytes()
            value[:3].tolist()

    def fields(self, view) -> None:
        for name in flat.fields(view):
            with contextlib.suppress(DecodeError):
                flat.has(view, name)
                self.look(getattr(view, name))
            with contextlib.suppress(DecodeError, LimitError, TypeError):
                flat.nested(view, name)


def placed(memory, rng, world):
    """A written value in guarded memory."""
    value = flat_values.random_value(rng, world.schema, weird=True)
    data = flat_writer.write(world.schema, value, rng=rng).data[:CAPACITY]
    return memory.at_end(data)


def test_views_of_bytes_that_change_between_reads():
    memory = Guarded(CAPACITY)
    for seed, rng in generators(60):
        with named(seed):
            world = World(rng)
            data = placed(memory, rng, world)
            try:
                view = world.views.root(data, identifier=False, borrow=True)
            except DecodeError:  # it was cut
                continue
            Reading(Changing(data, rng, often=0.1)).look(view)
            with contextlib.suppress(DecodeError, LimitError):
                flat.to_dict(view)


def test_views_of_bytes_that_change_meanwhile():
    memory = Guarded(CAPACITY)
    for seed, rng in generators(25):
        with named(seed):
            world = World(rng)
            data = placed(memory, rng, world)
            try:
                view = world.views.root(data, identifier=False, borrow=True)
            except DecodeError:
                continue
            with Changes(data, seed):
                for _ in range(3):
                    Reading().look(view)


def test_verification_of_bytes_that_change_meanwhile():
    memory = Guarded(CAPACITY)
    for seed, rng in generators(25):
        with named(seed):
            world = World(rng)
            data = placed(memory, rng, world)
            with Changes(data, seed):
                for strict in (False, True) * 30:
                    world.native.verify(data, rules=Rules(strict=strict, max_tables=None))


def test_large_buffers_that_change_while_the_lock_is_free():
    """Above 32 KiB the verifier runs beside other threads."""
    schema = flat.Schema.from_fbs(flat_verdicts.FOLDER / "everything.fbs")
    rng = random.Random(3)
    inner = flat_writer.write(schema.declarations, flat_verdicts.INNER, "every.Inner").data
    children = [{**flat_verdicts.FULL, "nested": inner, "many": None, "many_type": None}] * 60
    value = {**flat_verdicts.FULL, "children": children}
    written = flat_writer.write(schema.declarations, value, rng=rng, layout=ODD).data
    data = Guarded(len(written)).at_end(written)
    assert len(data) > 40_000
    schema.verify(Source(data, borrow=True))
    with Changes(data, 1):
        for strict in (False, True) * 100:
            with contextlib.suppress(DecodeError, LimitError):
                schema.verify(Source(data, borrow=True), strict=strict)
