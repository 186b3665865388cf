"""What calls for columns have in common: lists of paths, counts, choices."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["choice", "path_list", "positive"]


def path_list(paths: Iterable[str], call: str) -> tuple[str, ...]:
    """The paths, several of them. ``call`` shows the right order of arguments.

    Raises: ``TypeError`` for a single str, and for what is no list of them.
    """
    if isinstance(paths, str):
        raise TypeError(f"paths is a list of paths: [{paths!r}]")
    found = tuple(paths) if hasattr(paths, "__iter__") else None
    if found is None or isinstance(paths, bytes | bytearray | memoryview):
        raise TypeError(f"call {call}: paths is a list of str, not {type(paths).__name__}")
    for one in found:
        if not isinstance(one, str):
            kind = type(one).__name__
            raise TypeError(f"call {call}: a path is a str such as 'user.name', not {kind}")
    return found


def positive(name: str, value: int, least: int = 1) -> int:
    """The value of an argument that counts. Raises: ``TypeError``, ``ValueError`` below it."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < least:
        raise ValueError(f"{name} must be {least} or more, not {value}")
    return value


def choice(name: str, value: str, known: tuple[str, ...]) -> str:
    """The value of an argument that is one of those known. Raises: ``ValueError``."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, not {value!r}")
    return value
