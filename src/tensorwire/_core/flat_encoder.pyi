from typing import final

from tensorwire._core.flat_names import FlatNames
from tensorwire.limits import Limits

@final
class FlatEncoder:
    def __new__(
        cls, names: FlatNames, limits: Limits, forced: bool, sorts: bool, shares: bool
    ) -> FlatEncoder: ...
