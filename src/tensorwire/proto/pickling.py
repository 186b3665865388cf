"""How messages are pickled: by a reference to their class, which whoever loads them imports."""

from __future__ import annotations

import sys

from tensorwire.proto import seams
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def reduce(message: Any) -> tuple[Any, ...]:
    """What ``__reduce__`` of a message returns.

    A class that its module has (made under `install`) is pickled as upstream's is, and so loads
    where nothing is installed, as upstream's then. Another one is named by upstream's class.
    """
    cls = type(message)
    encoded = message.SerializePartialToString()
    if _imported(cls.__module__, cls.__qualname__) is cls:
        return cls, (), {"serialized": encoded}
    return restore, (seams.original("GetMessageClass")(cls.DESCRIPTOR), encoded)


def restore(source: Any, encoded: bytes) -> Any:
    """The message of our class for upstream's class ``source``."""
    return message_class(source).FromString(encoded)


def _imported(module: str, qualname: str) -> Any:
    """What a module has under a name now, without importing it; else None."""
    found: Any = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found
