"""Timestamps and durations: seconds and nanoseconds as one int64 of some unit."""

from __future__ import annotations

from tensorwire.columns.data import ScalarData
from tensorwire.columns.times import UNITS, counted, misfit
from tensorwire.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.arrow.fields import Field
    from tensorwire.columns.data import StructData

__all__ = ["times", "unit_of"]


def unit_of(format: str) -> str:
    """``"us"`` of ``"tsu:UTC"``; of what is no time, ``"ns"``."""
    return next((unit for unit in UNITS if format.startswith("t") and unit[0] == format[2]), "ns")


def times(field: Field, data: StructData, valid: Any) -> np.ndarray[Any, Any]:
    """The values of a timestamp or duration in the unit of its format; 0 where there is none.

    Raises: ``LimitError`` for a value beyond the unit's range.
    """
    import numpy as np

    parts = {part.type.name: part.values for part in data.fields if isinstance(part, ScalarData)}
    seconds, nanos = parts["seconds"], parts["nanos"]
    if valid is not None:
        seconds, nanos = np.where(valid, seconds, 0), np.where(valid, nanos, 0)
    unit = unit_of(field.format)
    kind = "duration" if field.format.startswith("tD") else "timestamp"
    values, bad = counted(seconds, nanos, unit, is_duration=kind == "duration")
    if bad is None:
        return values
    text = misfit(kind, unit, int(seconds[bad]), int(nanos[bad]))
    raise LimitError(f"value {bad}: {text}", path=field.name)
