"""Messages on memory that ends at an unreadable page, or changes after it was verified."""

import functools

import numpy as np

from guard import Guarded
from tensorwire import proto
from tensorwire._core.source import Source

from . import schemas
from .generate import Generator

CAPACITY = 1 << 16


@functools.cache
def guarded() -> Guarded:
    return Guarded(CAPACITY)


def parse(memory, name: str):
    """The message on ``memory`` itself. Raises ``DecodeError``."""
    return proto.parse(schemas.BY_NAME[name].ours["All"], Source(memory, borrow=True))


def valid(rng, name: str) -> bytes:
    """A message that was not corrupted, of at most `CAPACITY` bytes; nearly all are accepted."""
    generator = Generator(rng, rng.choice((0, 0.02, 0.1, 0.3)))
    descriptor = schemas.BY_NAME[name].theirs["All"].DESCRIPTOR
    return generator.message(descriptor, rng.choice((3, 8, 40, 120)), rng.choice((1, 2)))[:CAPACITY]


class Changing:
    """Changes a few bytes of ``memory`` now and then, or puts them back."""

    def __init__(self, memory: np.ndarray, rng, often: float = 0.3) -> None:
        self.memory, self.rng, self.often = memory, rng, often
        self.original = memory.copy()

    def __call__(self) -> None:
        if self.rng.random() < self.often:
            for _ in range(self.rng.choice((1, 1, 3, 20))):
                self.memory[self.rng.randrange(len(self.memory))] = self._byte()
        elif self.rng.random() < 0.02:
            self.memory[:] = self.original

    def _byte(self) -> int:
        """Any byte, one that says much, or one from elsewhere in the message."""
        at = self.rng.randrange(len(self.memory))
        telling = self.rng.choice((0, 2, 3, 4, 0x7F, 0x80, 0xFF))
        return self.rng.choice((self.rng.getrandbits(8), telling, int(self.original[at])))
