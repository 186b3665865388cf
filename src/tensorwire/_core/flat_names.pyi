from typing import final

from tensorwire._core.flat_plan import FlatPlans

@final
class FlatNames:
    def __init__(self, plans: FlatPlans) -> None: ...
    @property
    def plans(self) -> FlatPlans: ...
    @property
    def wide(self) -> bool: ...
