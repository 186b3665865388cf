"""Lists of Python objects as flat arrays: None is what is absent."""

from __future__ import annotations

from tensorwire._core.batch_texts import texts_join
from tensorwire._core.plan import KINDS
from tensorwire.columns.sources import Sources
from tensorwire.errors import EncodeError
from tensorwire.proto.batch.nodes import Values
from tensorwire.proto.batch.values import EXACT, NAMES, SPAN, TIMES, bounds

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, Any]


def texts(given: list[Any], is_bytes: bool, path: str) -> Values:
    """Strings and bytes as spans. Copies: their bytes, into one block."""
    import numpy as np

    spans = np.zeros(len(given), dtype=SPAN)
    valid = np.zeros(len(given), dtype=bool)
    try:
        block = texts_join(given, is_bytes, spans, valid)
    except UnicodeEncodeError:
        block = None
    if block is None:  # other types are among them, or what no string of Protobuf may hold
        encoded = [one if one is None else _encoded(one, is_bytes, path) for one in given]
        block = texts_join(encoded, True, spans, valid)
    return Values(spans, None if valid.all() else valid, Sources.of([block]))


def _encoded(one: Any, is_bytes: bool, path: str) -> bytes:
    if isinstance(one, bytes):
        return one
    if isinstance(one, str) and not is_bytes:
        return one.encode("utf-8", "surrogatepass")  # what is no UTF-8 is found with its row
    if isinstance(one, bytearray | memoryview):
        return bytes(one)
    raise TypeError(f"{path}: a {'bytes' if is_bytes else 'string'} field cannot hold {one!r}")


def values_of(given: list[Any], kind: int, type_name: str, path: str) -> Values:
    """Numbers, or times; names of an enum as spans.

    Raises: ``EncodeError`` for a number that the field cannot hold, ``TypeError`` for no number.
    """
    if type_name in TIMES:
        return _times(given, TIMES[type_name], path)
    if kind == KINDS["enum"] and any(isinstance(one, str) for one in given):
        named = [str(one) if type(one) is int else one for one in given]  # by name and by number
        return texts(named, False, path)
    return _numbers(given, kind, path)


def _numbers(given: list[Any], kind: int, path: str) -> Values:
    import numpy as np

    valid = _valid(given)
    filled = given if valid is None else [0 if one is None else one for one in given]
    dtype = np.dtype(EXACT[kind])
    types = set(map(type, filled))
    if not types <= {int, bool, float}:
        array = np.array(filled)
        if array.dtype.kind not in "biuf" or array.ndim != 1:
            odd = next(one for one in filled if not isinstance(one, int | float | np.number))
            raise TypeError(f"{path}: a {NAMES[kind]} field cannot hold {odd!r}")
        return Values(array, valid)
    if dtype.kind == "f":
        return Values(np.array(filled, dtype=np.float64), valid)
    if float in types:
        odd = next(one for one in filled if isinstance(one, float))
        raise TypeError(f"{path}: a {NAMES[kind]} field cannot hold {odd!r}")
    low, high = bounds(kind)
    if filled and not (low <= min(filled) and max(filled) <= high):
        at, odd = next((at, one) for at, one in enumerate(filled) if not low <= one <= high)
        raise EncodeError(
            f"value {at}, {odd}, does not fit {NAMES[kind]}, which goes from {low} to {high}",
            path=path,
        )
    return Values(np.array(filled, dtype=dtype), valid)


def _times(given: list[Any], letter: str, path: str) -> Values:
    """Times of Python or NumPy; those with a time zone count from the epoch in UTC."""
    from datetime import timezone

    import numpy as np

    utc = timezone.utc
    plain = [
        one.astimezone(utc).replace(tzinfo=None) if getattr(one, "tzinfo", None) else one
        for one in given
    ]
    try:
        array = np.array(plain, dtype=f"{letter}8")
    except (TypeError, ValueError) as error:
        raise TypeError(f"{path}: no list of times: {error}") from None
    if np.datetime_data(array.dtype)[0] == "generic":  # None only
        array = array.astype(f"{letter}8[s]")
    return Values(array, None)


def _valid(given: list[Any]) -> Array | None:
    import numpy as np

    if None not in given:
        return None
    return np.fromiter([one is not None for one in given], bool, len(given))
