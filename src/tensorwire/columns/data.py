"""The arrays of a tree of columns, as an engine gives them.

Every node lies in a *table*: the rows, or the items of the list around it. ``valid`` has one
``bool`` per row of the table, or is None where nothing is absent. Arrays are not changed
afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.types import ListType, ScalarType, StructType


@dataclass(frozen=True, slots=True, eq=False)
class ScalarData:
    """``values``: one per row of the table, of the dtype in `NUMPY_NAMES`; 0 where not valid."""

    type: ScalarType
    values: np.ndarray[Any, Any]
    valid: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StructData:
    """``fields`` lie in the same table, which has ``length`` rows. Where the struct is not valid,
    its scalars are not either, or hold 0, and its lists are empty."""

    type: StructType
    length: int
    fields: tuple[ScalarData | StructData | ListData, ...]
    valid: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ListData:
    """``offsets``: int64, one more than the table has rows, from 0 on; ``item`` has a table of
    its own, of ``offsets[-1]`` rows. A list is never absent, only empty."""

    type: ListType
    offsets: np.ndarray[Any, Any]
    item: ScalarData | StructData


AnyData = ScalarData | StructData | ListData
