"""What calls for columns have in common: lists of paths, counts, choices."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["choice", "path_list", "positive"]


def path_list(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths, several of them. Raises: ``TypeError`` for a single str."""
    if isinstance(paths, str):
        raise TypeError(f"paths is a list of paths: [{paths!r}]")
    return tuple(paths)


def positive(name: str, value: int) -> int:
    """The value of an argument that counts. Raises: ``TypeError``, ``ValueError`` below 1."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} must be 1 or more, not {value}")
    return value


def choice(name: str, value: str, known: tuple[str, ...]) -> str:
    """The value of an argument that is one of those known. Raises: ``ValueError``."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, not {value!r}")
    return value
