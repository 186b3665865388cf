from typing import Any, final

from tensorwire._core.flat_plan import FlatPlans

@final
class FlatProjection:
    def __new__(
        cls, plans: FlatPlans, place: int, nodes: tuple[tuple[int, int, Any], ...]
    ) -> FlatProjection: ...
    @property
    def plans(self) -> FlatPlans: ...
    @property
    def nodes(self) -> tuple[tuple[int, int, int, int], ...]: ...
    @property
    def names(self) -> tuple[str, ...]: ...
