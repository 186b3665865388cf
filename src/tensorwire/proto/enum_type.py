"""Enums as attributes of messages and schemas."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class EnumType:
    """An enum, whose values are plain numbers: ``Color.RED``, ``Color.Name(0)``.

    ``DESCRIPTOR`` is its description, ours or upstream's. Source of the names: upstream's wrapper.
    """

    __slots__ = ("DESCRIPTOR",)

    def __init__(self, descriptor: Any) -> None:
        self.DESCRIPTOR = descriptor

    def Name(self, number: int) -> str:
        """The label of a number, of several the first.

        Raises: ``TypeError`` for what is no int, ``ValueError`` for a number without a label.
        """
        if not isinstance(number, int):
            raise TypeError(f"a value of {self.DESCRIPTOR.name} is an int, not {number!r}")
        value = self.DESCRIPTOR.values_by_number.get(number)
        if value is None:
            raise ValueError(f"{self.DESCRIPTOR.name} has no label for {number!r}")
        return str(value.name)

    def Value(self, name: str) -> int:
        """The number of a label. Raises ``ValueError``."""
        value = self.DESCRIPTOR.values_by_name.get(name)
        if value is None:
            raise ValueError(f"{self.DESCRIPTOR.name} has no value {name!r}")
        return int(value.number)

    def keys(self) -> list[str]:
        """The labels, in order of declaration."""
        return [value.name for value in self.DESCRIPTOR.values]

    def values(self) -> list[int]:
        """The numbers, in order of declaration."""
        return [value.number for value in self.DESCRIPTOR.values]

    def items(self) -> list[tuple[str, int]]:
        """Labels with numbers, in order of declaration."""
        return [(value.name, value.number) for value in self.DESCRIPTOR.values]

    def __getattr__(self, name: str) -> int:
        value = self.DESCRIPTOR.values_by_name.get(name)
        if value is None:
            raise AttributeError(f"{self.DESCRIPTOR.name} has no value {name!r}")
        return int(value.number)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.keys()]

    def __repr__(self) -> str:
        return f"<enum {self.DESCRIPTOR.full_name}>"
