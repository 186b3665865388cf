"""Paths to fields: dotted names, from the record inwards.

``user.name``                 a field of a submessage
``items.price``               a field of each item of a repeated one: no index, no star
``counts.key, counts.value``  the halves of a map's entries
``user.[pkg.ext].level``      an extension, by its full name in brackets
"""

from __future__ import annotations

from tensorwire.near import near_names

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PathError", "join", "split", "unknown_name"]


class PathError(KeyError, ValueError):
    """A path is malformed, or names what is not there."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would quote it


def split(path: str) -> tuple[str, ...]:
    """The segments of a path; those of extensions keep their brackets: ``("user", "[pkg.ext]")``.

    Raises: ``PathError``, a ``ValueError``, that shows the place; ``TypeError`` for no str.
    """
    if not isinstance(path, str):
        raise TypeError(f"a path is a str such as 'user.name', not {type(path).__name__}")
    if not path:
        raise PathError("a path is empty; it needs a name such as 'user.name'")
    parts = []
    at = 0
    while at <= len(path):  # progress: a segment ends behind its beginning
        end = _bracketed(path, at) if path.startswith("[", at) else _named(path, at)
        parts.append(path[at:end])
        if end < len(path) and path[end] != ".":
            raise _malformed(path, end, "expected '.' before the next name")
        at = end + 1
    return tuple(parts)


def join(parts: Iterable[str]) -> str:
    """The path of these segments."""
    return ".".join(parts)


def unknown_name(path: str, part: str, known: Iterable[str]) -> PathError:
    """The error for a segment of ``path`` that is none of the ``known`` names; lists near ones."""
    names = list(known)
    within = f" in path {path!r}" if path != part else ""
    near = near_names(part, names)
    if near:
        hint = f"; near: {', '.join(map(repr, near))}"
    elif names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        hint = f"; there are {', '.join(map(repr, names[:5]))}{more}"
    else:
        hint = "; there are no fields here"
    return PathError(f"no field {part!r}{within}{hint}")


def _named(path: str, at: int) -> int:
    """The end of the plain name that begins at ``at``."""
    end = path.find(".", at)
    end = len(path) if end < 0 else end
    _check_name(path, at, end)
    return end


def _bracketed(path: str, at: int) -> int:
    """The end, behind its bracket, of the extension's name that begins at ``at``."""
    close = path.find("]", at)
    if close < 0:
        raise _malformed(path, at, "'[' without its ']'")
    start = at + 1
    for name in path[start:close].split("."):
        _check_name(path, start, start + len(name))
        start += len(name) + 1
    return close + 1


def _check_name(path: str, start: int, end: int) -> None:
    if start == end:
        raise _malformed(path, start, "a name is missing")
    for at in range(start, end):
        if path[at] == "[":
            what = "'[' begins an extension, as in a.[pkg.ext]; items have no index in a path"
            raise _malformed(path, at, what)
        if path[at] == "]":
            raise _malformed(path, at, "']' without its '['")
        if path[at].isspace():
            raise _malformed(path, at, "a name has no blanks")


def _malformed(path: str, at: int, why: str) -> PathError:
    """Shows the path with a mark before the place."""
    shown = f"{path[:at]}>>>{path[at:]}"
    return PathError(f"path {path!r} is malformed at character {at + 1}: {why} ({shown!r})")
