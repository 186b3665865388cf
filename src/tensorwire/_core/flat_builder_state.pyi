from typing import Any

from typing_extensions import disjoint_base

@disjoint_base
class BuilderState:
    Bytes: bytearray
    head: int
    minalign: int
    nested: bool
    finished: bool
    forceDefaults: bool
    sharedStrings: dict[str | bytes, int] | None
    objectEnd: int | None
    vectorNumElems: Any
    current_vtable: list[int] | None
    vtables: dict[tuple[int, ...], int]
