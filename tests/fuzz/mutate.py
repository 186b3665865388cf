"""Changes to bytes that tend to reach a reader's rare paths; all chance is one generator's."""

from __future__ import annotations

from random import Random

# Lengths, dimensions, types and tags that have been trouble to readers of binary formats.
ODD_BYTES = (0x00, 0x01, 0x07, 0x0A, 0x0B, 0x0C, 0x12, 0x7F, 0x80, 0xC0, 0xED, 0xFE, 0xFF)
ODD_VARINTS = tuple(
    bytes.fromhex(text)
    for text in (
        "ffffffff07",  # 2**31 - 1
        "8080808008",  # 2**31
        "ffffffff0f",  # 2**32 - 1
        "ffffffffffffffff7f",  # 2**63 - 1
        "ffffffffffffffffff01",  # -1
        "80808080808080808001",  # -2**63
        "ffffffffffffffffff7f",  # more than 64 bits
        "8080808080808080808001",  # eleven bytes
    )
)


def mutated(seeds: list[bytes], random: Random) -> bytes:
    """A seed with a few changes; most often one, so that much of it stays readable."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        random.choice(CHANGES)(data, seeds, random)
    return bytes(data)


def _place(data: bytearray, random: Random) -> int:
    return random.randrange(len(data)) if data else 0


def _run(data: bytes | bytearray, random: Random) -> slice:
    start = random.randrange(len(data) + 1)
    return slice(start, start + random.choice((1, 2, 4, 16, 64)))


def _set_byte(data: bytearray, _: list[bytes], random: Random) -> None:
    if data:
        odd = random.choice(ODD_BYTES)
        data[_place(data, random)] = random.choice((odd, random.randrange(256)))


def _nudge(data: bytearray, _: list[bytes], random: Random) -> None:
    """Lengths and numbers one off, and single bits."""
    if data:
        at = _place(data, random)
        change = random.choice((1, 255, *(1 << bit for bit in range(8))))
        data[at] = (data[at] + change) & 0xFF


def _put_varint(data: bytearray, _: list[bytes], random: Random) -> None:
    at, varint = _place(data, random), random.choice(ODD_VARINTS)
    data[at : at + random.choice((0, 1, len(varint)))] = varint


def _drop(data: bytearray, _: list[bytes], random: Random) -> None:
    del data[_run(data, random)]


def _repeat(data: bytearray, _: list[bytes], random: Random) -> None:
    at = _place(data, random)
    data[at:at] = data[_run(data, random)] * random.choice((1, 1, 2, 8))


def _splice(data: bytearray, seeds: list[bytes], random: Random) -> None:
    other = random.choice(seeds)
    data[_run(data, random)] = other[_run(other, random)]


def _cut(data: bytearray, _: list[bytes], random: Random) -> None:
    del data[_place(data, random) :]


CHANGES = (_set_byte, _set_byte, _nudge, _nudge, _put_varint, _drop, _repeat, _splice, _cut)
