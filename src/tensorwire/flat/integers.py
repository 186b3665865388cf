"""What the integer types hold."""

from __future__ import annotations

from tensorwire.flat.declarations import (
    BOOL,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    UTYPE,
    WIDTHS,
)

#: A bool is a number from 0 to 255 in flatc's eyes.
UNSIGNED = frozenset({UTYPE, BOOL, UINT8, UINT16, UINT32, UINT64})

#: What an enum or union may be made of.
INTEGERS = frozenset({UTYPE, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64})


def range_of(base: int) -> tuple[int, int]:
    """The least and the greatest number of an integer type."""
    bits = 8 * WIDTHS[base]
    return (0, (1 << bits) - 1) if base in UNSIGNED else (-(1 << bits - 1), (1 << bits - 1) - 1)
