from typing import Any

from tensorwire._core.flat_plan import FlatPlans
from tensorwire._core.flat_projection import FlatProjection
from tensorwire._core.source import Source
from tensorwire.limits import Limits

def rows_type(rows: Any, /) -> tuple[FlatPlans, int]: ...
def project_flat(
    projection: FlatProjection, rows: Any, check_utf8: bool, limits: Limits, /
) -> tuple[list[Any], tuple[int, ...], list[Source]]: ...
