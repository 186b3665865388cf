from typing import final

from typing_extensions import Never

@final
class Range:
    def __init__(self, /, *args: Never, **kwargs: Never) -> None: ...

@final
class Rope:
    def __new__(cls) -> Rope: ...
