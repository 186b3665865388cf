"""One world of messages, upstream's or ours, in which lines of Python run one after the other.

A line that says the same in both worlds has equal outcomes: a plain value, or a family of errors.
"""

import copy
import math
import pickle
import struct
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError, EncodeError

from . import contract_schemas

# The first that fits names the family; ours derives some errors from more than one.
FAMILIES = {
    "DecodeError": DecodeError, "EncodeError": EncodeError, "KeyError": KeyError,
    "IndexError": IndexError, "ValueError": ValueError, "TypeError": TypeError,
    "AttributeError": AttributeError, "NotImplementedError": NotImplementedError,
    "OverflowError": OverflowError, "RuntimeError": RuntimeError, "NameError": NameError,
    "PickleError": pickle.PickleError,
}  # fmt: skip


EXTENSIONS = (*range(1000, 1007), 1100, 5000)  # all numbers of them, but for that of required ones


class World:
    """A namespace with the classes of one file, and variables."""

    def __init__(self, kind: str, syntax: str) -> None:
        classes = vars(contract_schemas.classes(kind, syntax))
        self.names: dict[str, Any] = {**classes, **HELPERS, "np": np, "copy": copy}

    def run(self, line: str) -> tuple[str, Any]:
        """``("value", plain value)`` or ``("error", family)``. An assignment has no value."""
        try:
            name, equals, expression = line.partition(" := ")
            if equals:
                self.names[name] = eval(expression, self.names)
                return "value", None
            if line.startswith("del ") or " = " in line:
                exec(line, self.names)
                return "value", None
            return "value", plain(eval(line, self.names))
        except Exception as error:  # noqa: BLE001 - any error is an outcome
            return "error", family(error)


def family(error: Exception) -> str:
    """The name of what both worlds may raise; of anything else its own name and text."""
    for name, cls in FAMILIES.items():
        if isinstance(error, cls):
            return name
    return f"{type(error).__name__}: {error}"


def plain(value: Any) -> Any:
    """Something comparable that is equal only if types and bits are."""
    if hasattr(value, "ListFields"):
        return "message", value.DESCRIPTOR.full_name, wire(value)
    if isinstance(value, float):
        return "float", "nan" if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, (str, bytes, int, type(None))):
        return type(value).__name__, value
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, [plain(one) for one in value.tolist()]
    if hasattr(value, "GetEntryClass") or isinstance(value, dict):
        return "map", sorted([(plain(key), plain(value[key])) for key in value], key=repr)
    return "list", [plain(one) for one in value]


# -- what the lines may call ---------------------------------------------------------------------


def wire(message: Any) -> Any:
    """Bytes; of what has extensions, that upstream writes in any order, all fields and the size."""
    data = message.SerializePartialToString(deterministic=True)
    if message.DESCRIPTOR.is_extendable and data:
        return len(data), [(number, plain(value)) for number, value in fields(message)]
    return data


def again(message: Any) -> Any:
    """What is left of a message once it is written and read."""
    return type(message).FromString(message.SerializePartialToString())


def size(message: Any) -> int:
    """Upstream refuses to tell the size where required fields are missing."""
    try:
        return message.ByteSize()
    except EncodeError:
        return len(message.SerializePartialToString())


def fields(message: Any) -> Any:
    """Numbers and values; upstream lists extensions that were emptied, too."""
    listed = message.ListFields()
    return [(field.number, value) for field, value in listed
            if not (field.is_extension and field.is_repeated and len(value) == 0)]  # fmt: skip


def text(message: Any) -> list[str]:
    """Sorted: entries of maps and extensions come in any order."""
    return sorted(repr(message).splitlines())


def presence(message: Any) -> Any:
    kind = message.DESCRIPTOR
    present = [f.name for f in kind.fields if f.has_presence and message.HasField(f.name)]
    return present, [message.WhichOneof(oneof.name) for oneof in kind.oneofs]


def extensions(message: Any) -> Any:
    """Numbers of the present ones, and how many; upstream names lists that were emptied, too."""
    if not message.DESCRIPTOR.is_extendable:
        return None
    found = message.Extensions
    numbers = [one.number for one in found if not one.is_repeated or len(found[one])]
    return sorted(numbers), len(found)


def items(mapping: Any) -> Any:
    return dict(mapping.items())


def by_content(message: Any) -> str:
    """A key to sort messages by."""
    return repr(wire(message))


def take(field: Any, at: int = -1) -> Any:
    """`pop`; out of range upstream takes the last element."""
    if not -len(field) <= at < len(field):
        raise IndexError(at)
    return field.pop(at)


def cut(field: Any, part: slice) -> None:
    """Deletes a slice; upstream spoils its memory if an extended one is empty."""
    if part.step in (None, 1) or field[part]:
        del field[part]


def take_key(mapping: Any, key: Any) -> Any:
    """`pop`; a key that is not there is put in and returned by upstream."""
    if key not in mapping:
        raise KeyError(key)
    return mapping.pop(key)


def empty(message: Any) -> None:
    """`Clear`; which of the parts that are held but absent it cuts off, is upstream's whim."""
    for field in message.DESCRIPTOR.fields:
        message.ClearField(field.name)
    if message.DESCRIPTOR.is_extendable:
        found = [message.Extensions._FindExtensionByNumber(number) for number in EXTENSIONS]
        for extension in filter(None, found):
            message.ClearExtension(extension)
    message.Clear()


def clear_field(message: Any, name: str) -> None:
    """`ClearField`; of an absent member that is held, upstream clears the whole oneof."""
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.containing_oneof is None or message.HasField(name):
        message.ClearField(name)


def trying(part: Any, change: Any) -> Any:
    """A change that may fail; upstream then makes absent messages present, ours does not."""
    try:
        return change()
    except Exception:
        if hasattr(part, "SetInParent"):
            part.SetInParent()
        elif hasattr(part, "GetEntryClass"):
            if len(part) == 0:
                part.MergeFrom(part)
        else:
            part.extend([])
        raise


def none(value: Any) -> None:
    """Upstream returns more than a list does."""


HELPERS = {
    function.__name__: function
    for function in (wire, again, size, fields, text, presence, extensions, items, by_content, take,
                     cut, take_key, empty, clear_field, trying, none)
} | {"nan": math.nan, "inf": math.inf}  # fmt: skip
