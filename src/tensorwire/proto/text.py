"""Messages as text: what ``str`` and ``repr`` give, as upstream's (upb's) do.

Not the text of upstream's ``text_format`` module, which differs in floats, the names of groups, the
order of maps, and ``Any``. Unknown fields are not shown.
"""

from __future__ import annotations

import struct

from tensorwire._core.message import Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    #: (name as shown, descriptor of the field, value of it or of one element)
    Shown = tuple[str, Any, Any]

__all__ = ["message_text", "scalar_text"]

# Source: descriptor.proto, FieldDescriptorProto.Type.
_DOUBLE, _FLOAT, _BOOL, _STRING, _GROUP, _MESSAGE, _BYTES, _ENUM = 1, 2, 8, 9, 10, 11, 12, 14

# Levels that are indented: with all of them, text would grow by the square of the depth. Twice what
# messages that are read may have.
_INDENTED = 200

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "'": "\\'", "\\": "\\\\"}


def _escapes(first: int, stop: int, shown: int = 0) -> dict[int, str]:
    """Octal escapes of bytes that stand as the characters from ``shown`` on."""
    return {shown + byte: f"\\{byte:03o}" for byte in range(first, stop)}


_CONTROLS = {**_escapes(0, 0x20), **_escapes(0x7F, 0x80), **str.maketrans(_NAMED)}
# Bytes that are not UTF-8 are decoded to surrogates, U+DC80 for 0x80: PEP 383.
_IN_TEXT = {**_CONTROLS, **_escapes(0x80, 0x100, 0xDC00)}
_IN_BYTES = {**_escapes(0x80, 0x100), **_CONTROLS}


def message_text(message: Any) -> str:
    """Every present field on a line of its own, by number, extensions last; "" for none.

    Takes any message with ``ListFields`` and a ``DESCRIPTOR``, upstream's too, however deep.
    """
    lines: list[str] = []
    open_messages = [_shown(message)]
    while open_messages:
        depth = len(open_messages) - 1
        indent, outer = "  " * min(depth, _INDENTED), "  " * min(depth - 1, _INDENTED)
        shown = next(open_messages[-1], None)
        if shown is None:
            open_messages.pop()
            lines.append(f"{outer}}}\n")
            continue
        name, field, value = shown
        if field.type in (_GROUP, _MESSAGE):
            lines.append(f"{indent}{name} {{\n")
            is_entry = isinstance(value, tuple)
            open_messages.append(_shown_entry(field, *value) if is_entry else _shown(value))
        else:
            lines.append(f"{indent}{name}: {scalar_text(field, value)}\n")
    return "".join(lines[:-1])  # the last closes what nothing opened


def _shown(message: Any) -> Iterator[Shown]:
    # A field may be called so, and hides the method.
    fields = Message.ListFields(message) if isinstance(message, Message) else message.ListFields()
    extensions = [item for item in fields if item[0].is_extension]
    if extensions:
        fields = [item for item in fields if not item[0].is_extension] + extensions
    for field, value in fields:
        name = f"[{field.full_name}]" if field.is_extension else field.name
        if not _is_repeated(field):
            yield name, field, value
        elif _is_map(field):
            for entry in sorted(value.items(), key=_order_of(field)):
                yield name, field, entry
        else:
            for element in value:
                yield name, field, element


def _shown_entry(field: Any, key: Any, value: Any) -> Iterator[Shown]:
    """Both fields of a map entry, even if they have their default values."""
    fields = field.message_type.fields_by_number
    yield "key", fields[1], key
    yield "value", fields[2], value


def _is_repeated(field: Any) -> bool:
    """Upstream's descriptors say so by the label alone before 6.31, and later warn about it."""
    try:
        return bool(field.is_repeated)
    except AttributeError:
        return bool(field.label == field.LABEL_REPEATED)


def _is_map(field: Any) -> bool:
    message_type = field.message_type
    return bool(
        message_type is not None
        and message_type.has_options
        and message_type.GetOptions().map_entry
    )


def _order_of(field: Any) -> Callable[[tuple[Any, Any]], Any]:
    """What sorts the entries of a map as upb does.

    Numbers go by their bits, negative ones last. Of texts each byte counts backwards, but what is
    the beginning of another goes before it.
    """
    kind = field.message_type.fields_by_number[1].type
    if kind == _STRING:
        return lambda entry: _utf8(entry[0]).translate(_BACKWARDS)
    return lambda entry: int(entry[0]) & _BITS


_BITS = 2**64 - 1
_BACKWARDS = bytes(range(255, -1, -1))


def _utf8(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def scalar_text(field: Any, value: Any) -> str:
    """One value of a field that is no message."""
    kind = field.type
    if kind == _STRING:
        text = value if isinstance(value, str) else value.decode(errors="surrogateescape")
        return f'"{text.translate(_IN_TEXT)}"'
    if kind == _BYTES:
        return f'"{value.decode("latin-1").translate(_IN_BYTES)}"'
    if kind == _BOOL:
        return "true" if value else "false"
    if kind == _FLOAT:
        return _shortest(value, 6, 9, lambda text: _as_float32(float(text)))
    if kind == _DOUBLE:
        return _shortest(value, 15, 17, float)
    if kind == _ENUM:
        label = field.enum_type.values_by_number.get(value)
        return str(value) if label is None else str(label.name)
    return str(value)


def _shortest(value: float, few: int, enough: int, read: Callable[[str], float]) -> str:
    """In ``few`` digits (FLT_DIG, DBL_DIG of C) if they read back as the same, else ``enough``."""
    text = f"{value:.{few}g}"
    # Only NaN differs from itself; its text needs no digits.
    return text if value != value or read(text) == value else f"{value:.{enough}g}"


def _as_float32(value: float) -> float:
    """``value`` as a float32 holds it; infinite beyond, as C's ``strtof`` has it."""
    try:
        narrowed: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    return narrowed
