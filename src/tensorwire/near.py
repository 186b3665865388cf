"""Names like one that is not there: what an error tells of what may have been meant."""

from __future__ import annotations

__all__ = ["NAMES_COMPARED", "AbsentName", "near_names"]

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable

# Names compared for "did you mean": each comparison costs 10 to 60 µs.
NAMES_COMPARED = 10_000


def near_names(name: object, names: Iterable[str], most: int = 3) -> list[str]:
    """Up to ``most`` of the first 10,000 ``names``, those most like ``name`` first."""
    from difflib import get_close_matches
    from itertools import islice

    return get_close_matches(str(name), list(islice(names, NAMES_COMPARED)), n=most)


class AbsentName(KeyError):
    """No ``kind`` has this name. Those near it are looked for when the text is asked for only.

    So that ``get`` and ``except KeyError`` cost no search. Pickles as a `KeyError` of its text.
    """

    def __init__(self, kind: str, name: object, names: tuple[str, ...]) -> None:
        super().__init__(name)
        self._kind = kind
        self._names = names

    def __str__(self) -> str:
        name = self.args[0]
        near = near_names(name, self._names)
        hint = f"; near: {', '.join(map(repr, near))}" if near else ""
        return f"no {self._kind} {name!r}{hint}"

    def __reduce__(self) -> tuple[type[KeyError], tuple[str]]:
        return KeyError, (str(self),)
