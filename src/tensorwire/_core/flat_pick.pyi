from typing import Any

from tensorwire._core.flat_fields import FlatAttribute
from tensorwire._core.flat_vector import FlatVector
from tensorwire._core.flat_view import FlatTable

def pick(table: FlatTable, attributes: tuple[FlatAttribute, ...], /) -> tuple[Any, ...]: ...
def pick_all(
    vector: FlatVector, attributes: tuple[FlatAttribute, ...], most: int, /
) -> list[tuple[Any, ...]]: ...
def integers(
    attribute: FlatAttribute, table: FlatTable, most: int, /
) -> tuple[int, ...] | None: ...
