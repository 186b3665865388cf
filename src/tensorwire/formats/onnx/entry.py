"""One tensor of an open file, for `Tensors`: where it is, and what makes it."""

from __future__ import annotations

from tensorwire.formats.onnx.places_in_model import at

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tensorwire.formats.onnx.walk import Found
    from tensorwire.tensor import Tensor

__all__ = ["Entry"]


class Entry:
    """Called, it makes the tensor anew."""

    __slots__ = ("_found", "_label", "_make", "_root")

    def __init__(self, root: Any, found: Found, make: Callable[..., Tensor]) -> None:
        self._root = root
        self._found = found
        self._make = make
        self._label = found[3].name

    def __call__(self) -> Tensor:
        name, scope, path, message = self._found
        return self._make(message, name, scope, path)

    def is_current(self) -> bool:
        """Whether the message is still where it was, and is called what it was."""
        _, _, path, message = self._found
        try:
            return at(self._root, path) is message and bool(message.name == self._label)
        except IndexError:
            return False
