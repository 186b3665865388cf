from tensorwire._core.flat_plan import FlatPlans
from tensorwire._core.source import Source
from tensorwire.limits import Limits

def verify_flat(
    plans: FlatPlans,
    place: int,
    source: Source,
    start: int,
    stop: int,
    *,
    limits: Limits,
    strict: bool = False,
    prefix: int = 0,
    identifier: bytes | None = None,
) -> tuple[int, int, int, int]: ...
