"""Memory of one decode: a process of its own, which has nothing but the records."""

from __future__ import annotations

import memory
from column_sides import Work
from record_sets import SETS

SIDES = {
    "ours": lambda work: work.ours(),
    "ours, Arrow input": lambda work: work.ours("arrow"),
    "upb": lambda work: work.upb(),
    "ptars": lambda work: work.ptars(),
    "ptars, Arrow input": lambda work: work.ptars("arrow"),
}


def peak(name: str, side: str, quick: bool) -> dict[str, int]:
    """What a side adds for the records of a set, after it read a few of them."""
    few, work = Work(SETS[name], quick), Work(SETS[name], quick)
    few.records = few.records[:10]
    SIDES[side](few)()
    call = SIDES[side](work)
    _, added = memory.added_by(call)
    return added
