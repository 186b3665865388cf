"""What calls about columns of messages have in common: message classes, counts of threads."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["is_class", "processors"]


def is_class(cls: Any) -> bool:
    """Whether it may be a message class, or a descriptor, which stands for one."""
    return isinstance(cls, type) or hasattr(cls, "fields_by_number")


def processors() -> int:
    """How many threads this process may run at once."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1
