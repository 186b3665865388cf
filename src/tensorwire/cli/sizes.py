"""Sizes as people write them."""

from __future__ import annotations

import re

__all__ = ["size"]

WRITTEN = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def size(text: str) -> int:
    """Bytes of ``512MB``, ``1.5 GiB``, ``4096``: decimal units, and binary ones with an i.

    Raises: ``ValueError`` for anything else, and for no bytes at all.
    """
    found = WRITTEN.fullmatch(text.strip())
    if found is None or (found[3] and not found[2]):
        raise ValueError(f"{text!r} is no size; write 512MB, 3GB or 1GiB")
    nbytes = int(float(found[1]) * (1024 if found[3] else 1000) ** POWERS[found[2].lower()])
    if nbytes < 1:
        raise ValueError(f"{text!r} is no size: at least one byte")
    return nbytes
