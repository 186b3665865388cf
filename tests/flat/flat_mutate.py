"""Damage to written buffers: bytes, places that matter, offsets aimed elsewhere, cuts."""

from __future__ import annotations

from typing import Any

from flat_writer import Written

EDGES = (0, 1, 2, 3, 4, 5, 6, 8, 12, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000,
         0xFFFFFFFC, 0xFFFFFFFF, 1 << 62, 1 << 63, (1 << 64) - 1, (1 << 64) - 8)  # fmt: skip


def mutant(rng: Any, written: Written, most: int = 3) -> bytes:
    """The bytes with one to ``most`` changes."""
    data = bytearray(written.data)
    for _ in range(rng.choice((1, 1, 1, *range(1, most + 1)))):
        rng.choice(CHANGES)(rng, data, written)
    return bytes(data)


def put(data: bytearray, start: int, width: int, value: int) -> None:
    """Writes what still fits."""
    raw = (value % (1 << 8 * width)).to_bytes(width, "little")
    data[start : start + width] = raw[: max(0, len(data) - start)]


def get(data: bytearray, start: int, width: int) -> int:
    return int.from_bytes(data[start : start + width], "little")


def change_byte(rng: Any, data: bytearray, written: Written) -> None:
    if data:
        at = rng.randrange(len(data))
        old = data[at]
        data[at] = rng.choice((0, 0xFF, 0x7F, 0x80, (old + 1) % 256, (old - 1) % 256,
                               old ^ (1 << rng.randrange(8)), rng.randrange(256)))  # fmt: skip


def change_spot(rng: Any, data: bytearray, written: Written) -> None:
    """A number that decides something becomes another one, near or at an edge."""
    start, width, _ = rng.choice(written.spots)
    width = min(width, 8)
    old = get(data, start, width)
    near = old + rng.choice((-8, -4, -3, -2, -1, 1, 2, 3, 4, 8))
    rest = len(data) - start + rng.choice((-5, -4, -1, 0, 1))
    put(data, start, width, rng.choice((near, near, near, rest, rng.choice(EDGES))))


def aim(rng: Any, data: bytearray, written: Written) -> None:
    """An offset leads to another piece, or near one."""
    spots = [spot for spot in written.spots if spot.kind in AIMED]
    start, width, kind = rng.choice(spots)
    target = rng.choice(written.starts) + rng.choice((0, 0, 0, 0, -4, 4, 2, -1, 1))
    put(data, start, width, start - target if kind == "soffset" else target - start)


AIMED = ("root", "soffset", "offset", "offset64")


def swap(rng: Any, data: bytearray, written: Written) -> None:
    """A number becomes a copy of another one."""
    to, source = rng.choice(written.spots), rng.choice(written.spots)
    width = min(to.width, source.width)
    put(data, to.start, width, get(data, source.start, width))


def cut(rng: Any, data: bytearray, written: Written) -> None:
    if data:
        keep = rng.choice((rng.randrange(len(data)), len(data) - rng.choice((1, 1, 2, 4))))
        del data[max(keep, 0) :]


def extend(rng: Any, data: bytearray, written: Written) -> None:
    data += bytes(rng.randrange(256) for _ in range(rng.randint(1, 9)))


CHANGES = (change_byte, change_spot, change_spot, change_spot, aim, aim, swap, cut, extend)
