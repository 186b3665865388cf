"""The corpus: one input per file, in a folder named for its verdict.

A file is text: a ``#`` line that says what it is, ``key: value`` lines, then the bytes in
hexadecimal, where ``#`` starts a comment. Keys: ``schemas`` (default both); ``offset``, of the
item that is refused; ``canonical``, whether an encoder would write the bytes.
"""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("corpus")


class Case(NamedTuple):
    """``reason`` is None for what is accepted."""

    name: str
    schemas: tuple[str, ...]
    reason: str | None
    offset: int
    canonical: bool
    data: bytes


def read(path: Path) -> Case:
    keys, digits = {}, []
    for line in path.read_text().splitlines():
        text = line.partition("#")[0].strip()
        key, colon, value = text.partition(":")
        if colon:
            keys[key] = value.strip()
        else:
            digits.append(text)
    return Case(
        name=path.relative_to(FOLDER).with_suffix("").as_posix(),
        schemas=tuple(keys.get("schemas", "proto2 proto3").split()),
        reason=path.parent.name if path.parent.parent.name == "reject" else None,
        offset=int(keys.get("offset", 0)),
        canonical=keys.get("canonical") == "yes",
        data=bytes.fromhex(" ".join(digits)),
    )


def cases() -> list[Case]:
    return [read(path) for path in sorted(FOLDER.rglob("*.txt"))]
