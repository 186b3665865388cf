"""Runs a kernel over a buffer and compares every answer with the oracle's."""

import numpy as np

from kernels import oracle
from tensorwire._core import bulk
from tensorwire.errors import DecodeError


def verdict(call) -> "object":
    """What ``call`` gives, or the `oracle.Bad` that it raises."""
    try:
        return call()
    except DecodeError as error:
        return oracle.Bad(error.reason.partition(":")[0], error.offset)


def decoded(data, kind: str, kernel: str, out=None) -> "list[int] | oracle.Bad":
    """The items of ``data``, decoded into ``out`` or a fresh array of the counted size."""
    count = verdict(lambda: bulk.varint_count(data, kernel=kernel))
    if isinstance(count, oracle.Bad):
        return count
    if out is None:
        out = np.full(count * np.dtype(oracle.KINDS[kind]).itemsize, 0x55, np.uint8)
    out = out.view(oracle.KINDS[kind])
    bulk.varint_decode(data, out, kind, kernel=kernel)
    return out.tolist()


def check(data, kernel: str, kinds=tuple(oracle.KINDS)) -> None:
    """Asserts that ``kernel`` agrees with the oracle on ``data`` for every one of ``kinds``."""
    plain = bytes(data)
    for kind in kinds:
        assert decoded(data, kind, kernel) == oracle.decode(plain, kind), kind
        canonical = bulk.varint_canonical(data, kind, kernel=kernel)
        assert canonical == oracle.canonical(plain, kind), kind
