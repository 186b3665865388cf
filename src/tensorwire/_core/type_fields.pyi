from typing import Any

from tensorwire._core.plan import PlanSet

def fields_of(plans: PlanSet, index: int) -> list[tuple[Any, ...]]: ...
