"""What calls about columns have in common: lists of paths, message classes, counts, threads."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["is_class", "path_list", "positive", "processors"]


def path_list(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths, several of them. Raises: ``TypeError`` for a single str."""
    if isinstance(paths, str):
        raise TypeError(f"paths is a list of paths: [{paths!r}]")
    return tuple(paths)


def is_class(cls: Any) -> bool:
    """Whether it may be a message class, or a descriptor, which stands for one."""
    return isinstance(cls, type) or hasattr(cls, "fields_by_number")


def positive(name: str, value: int) -> int:
    """The value of an argument that counts. Raises: ``TypeError``, ``ValueError`` below 1."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} must be 1 or more, not {value}")
    return value


def processors() -> int:
    """How many threads this process may run at once."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1
