"""Numbers as wide as their field, checked; enums by name; times and wrappers as messages."""

from __future__ import annotations

from tensorwire._core.plan import KINDS
from tensorwire.proto.batch.nodes import Node, Struct, Values

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np

    from tensorwire.proto.batch.places import Place

    Array = np.ndarray[Any, Any]

NAMES = {number: name for name, number in KINDS.items()}
#: The C type that the encoder takes for the fields of each kind.
EXACT = {
    KINDS[name]: dtype
    for dtype, names in {
        "<i4": ("int32", "sint32", "sfixed32", "enum"),
        "<u4": ("uint32", "fixed32"),
        "<i8": ("int64", "sint64", "sfixed64"),
        "<u8": ("uint64", "fixed64"),
        "<f4": ("float",),
        "<f8": ("double",),
        "?": ("bool",),
    }.items()
    for name in names
}
SPAN = [("start", "<i8"), ("length", "<i8")]
TEXTS = {KINDS["string"], KINDS["bytes"]}

TIMES = {"google.protobuf.Timestamp": "M", "google.protobuf.Duration": "m"}
WRAPPERS = {
    f"google.protobuf.{name}Value"
    for name in "Double Float Int64 UInt64 Int32 UInt32 Bool String Bytes".split()
}
# Units of NumPy's times that are fractions of a second, in a second.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
COARSE = set("YMWDhm")


def is_spans(values: Array) -> bool:
    return bool(values.dtype.names == ("start", "length"))


def bounds(kind: int) -> tuple[int, int]:
    """The least and the greatest number of an integer or bool field."""
    import numpy as np

    dtype = np.dtype(EXACT[kind])
    if dtype.kind == "b":
        return 0, 1
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


def exact(node: Values, kind: int, place: Place) -> Array:
    """The numbers as the encoder takes them.

    Copies: nothing if they have the field's own type. Raises: ``EncodeError`` for a number that
    the field cannot hold, ``TypeError`` for what is no number, or no integer where one is needed.
    """
    import numpy as np

    values = node.values
    dtype = np.dtype(EXACT[kind])
    if values.dtype == dtype:
        return np.ascontiguousarray(values)
    if values.dtype.kind not in "biuf" or (dtype.kind in "biu" and values.dtype.kind == "f"):
        what = "strings" if is_spans(values) else f"{values.dtype} values"
        raise TypeError(f"{place.path}: a {NAMES[kind]} field cannot hold {what}")
    if dtype.kind in "biu" and not np.can_cast(values.dtype, dtype, "safe"):
        _check_range(node, kind, place)
    with np.errstate(over="ignore"):  # beyond the range of float: inf, as upstream has it
        return values.astype(dtype)


def _check_range(node: Values, kind: int, place: Place) -> None:
    import numpy as np

    values = node.values
    if values.dtype.kind == "b" or not len(values):
        return
    low, high = bounds(kind)
    limits = np.iinfo(values.dtype)  # a bound outside of them is none, nor can it be compared
    bad = np.zeros(len(values), dtype=bool)
    if low > limits.min:
        bad |= values < low
    if high < limits.max:
        bad |= values > high
    if node.valid is not None:
        bad &= node.valid
    if bad.any():
        at = int(bad.argmax())
        raise out_of_range(place, at, int(values[at]), kind)


def out_of_range(place: Place, at: int, value: int, kind: int) -> Exception:
    low, high = bounds(kind)
    text = f"{value} in row {{row}} does not fit {NAMES[kind]}, which goes from {low} to {high}"
    return place.failed(at, text)


def numbers_of_labels(node: Values, labels: Mapping[str, int], place: Place) -> Values:
    """An enum's numbers for its names, which are spans; digits stand for a number without one, as
    columns have it in Arrow."""
    import numpy as np

    if node.sources is None:
        raise TypeError(f"{place.path}: strings without their sources")
    starts, buffers = node.sources.starts, [memoryview(one) for one in node.sources.buffers]
    where = np.searchsorted(starts, node.values["start"], side="right") - 1
    known = {name.encode(): number for name, number in labels.items()}
    numbers = np.zeros(node.rows, dtype=np.int32)
    valid = np.ones(node.rows, dtype=bool) if node.valid is None else node.valid
    for at in valid.nonzero()[0].tolist():
        start, length = (int(one) for one in node.values[at])
        first = start - int(starts[where[at]])
        label = bytes(buffers[where[at]][first : first + length]) if length else b""
        number = known.get(label)
        if number is None:
            number = _digits(label)
        if number is None:
            name = label.decode("utf-8", "replace").replace("{", "{{").replace("}", "}}")
            text = f"{name!r} in row {{row}} is no name of enum {place.about}"
            raise place.failed(at, text)
        numbers[at] = number
    return Values(numbers, node.valid)


def _digits(label: bytes) -> int | None:
    """The number of an enum, of 32 bits, that is written as it is exported; None: it is none."""
    number = int(label) if label.removeprefix(b"-").isdigit() and len(label) < 12 else 2**31
    return number if -(2**31) <= number < 2**31 and str(number).encode() == label else None


def special(node: Values, type_name: str, place: Place) -> Node:
    """A message for a value in its place: a timestamp, a duration or a wrapper."""
    if type_name in WRAPPERS:
        return Struct((("value", node),), node.rows, node.valid)
    if type_name not in TIMES:
        raise TypeError(
            f"{place.path} is a message of type {type_name}: it needs columns of its fields, "
            f"with paths such as '{place.path}.name'"
        )
    wanted = TIMES[type_name]
    if node.values.dtype.kind != wanted:
        needed = "datetime64" if wanted == "M" else "timedelta64"
        raise TypeError(f"{place.path}: {type_name} needs {needed} values, not {node.values.dtype}")
    return _time(node, wanted == "m", place)


def _time(node: Values, is_duration: bool, place: Place) -> Struct:
    """Seconds and nanoseconds: of a timestamp the latter are not negative, of a duration both have
    one sign. Source: google/protobuf/timestamp.proto and duration.proto."""
    import numpy as np

    times, per_second = _counts(node.values, place)
    valid = ~np.isnat(node.values)
    if node.valid is not None:
        valid &= node.valid
    times = np.where(valid, times, 0)
    seconds = times // per_second
    rest = times - seconds * per_second
    if is_duration:
        up = (seconds < 0) & (rest > 0)
        seconds, rest = seconds + up, rest - up * per_second
    nanos = (rest * (10**9 // per_second)).astype(np.int32)
    fields = (("seconds", Values(seconds, valid)), ("nanos", Values(nanos, valid)))
    return Struct(fields, node.rows, None if valid.all() else valid)


def _counts(values: Array, place: Place) -> tuple[Array, int]:
    """The times as int64, and how many make a second."""
    import numpy as np

    unit, step = np.datetime_data(values.dtype)
    if unit in PER_SECOND and step == 1:
        return np.ascontiguousarray(values).view(np.int64), PER_SECOND[unit]
    finest = "s" if unit in COARSE else unit
    if finest not in PER_SECOND:
        raise TypeError(f"{place.path}: times in {values.dtype} cannot be kept; convert them to ns")
    times = values.astype(f"{values.dtype.kind}8[{finest}]")
    if not np.array_equal(times.astype(values.dtype), values, equal_nan=True):
        raise ValueError(f"{place.path}: times in {values.dtype} overflow in {finest}")
    return times.view(np.int64), PER_SECOND[finest]
