"""What messages do that is written in Python: printing and pickling, imported when first needed."""

from __future__ import annotations

from tensorwire._core.message import hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def text(message: Any) -> str:
    """``repr`` and ``str`` of a message."""
    from tensorwire.proto.text import message_text

    return message_text(message)


def reduce(message: Any) -> tuple[Any, ...]:
    """``__reduce__`` of a message."""
    from tensorwire.proto.pickling import reduce

    return reduce(message)


def extension(_: type[Any], descriptor: Any) -> None:
    """Makes an extension known to the class it extends, which was made before it was found."""
    from tensorwire.proto.upstream import learn_extension

    learn_extension(descriptor)


hooks.update(text=text, reduce=reduce, extension=extension)
