from typing import Any, final

from tensorwire._core.flat_callable import FlatCallable
from tensorwire._core.flat_targets import Target

@final
class Creator(FlatCallable):
    def __new__(
        cls, original: Any, enum: Target, members: tuple[tuple[str, int, Target], ...]
    ) -> Creator: ...
