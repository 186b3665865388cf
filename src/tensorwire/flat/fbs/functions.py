"""Functions in the defaults of floats: ``angle:float = rad(180);``, ``sin(deg(x))``.

Source: google/flatbuffers ``docs/source/schema.md``, "JSON Parsing", conversion functions.
"""

from __future__ import annotations

from tensorwire.flat.fbs.cursor import NAME, quoted
from tensorwire.flat.fbs.literals import FLOATS
from tensorwire.flat.fbs.symbols import near

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorwire.flat.fbs.drafts import Kind
    from tensorwire.flat.fbs.unit import Unit

#: How deep calls lie in each other. flatc: FLATBUFFERS_MAX_PARSING_DEPTH.
_MOST_CALLS = 64


def function_value(unit: Unit, name: str, kind: Kind) -> float:
    """The value of a call, whose name is the current token; all of it is read.

    Raises: ``SchemaError`` for unknown functions, for types but floats, and for too many calls.
    """
    from tensorwire.flat.fbs.defaults import scalar

    calls = []
    while True:
        calls.append(_function(unit, name, kind))
        if len(calls) > _MOST_CALLS:
            raise unit.wrong(f"more than {_MOST_CALLS} calls in each other")
        unit.advance()
        unit.expect("(")
        if unit.kind != NAME or unit.touches != "(":
            break
        name = unit.value
    value = scalar(unit, kind)
    if value is None:
        raise unit.wrong("null is no number")
    result = float(value)
    for function in reversed(calls):
        unit.expect(")")
        result = _rounded(function, result)
    return result


def _function(unit: Unit, name: str, kind: Kind) -> Callable[[float], float]:
    import math

    if kind.base not in FLOATS:
        raise unit.wrong("only floats have functions as defaults; attributes need a space before")
    known: dict[str, Callable[[float], float]] = {
        "deg": lambda x: x / math.pi * 180,
        "rad": lambda x: x * math.pi / 180,
        **{one: getattr(math, one) for one in ("sin", "cos", "tan", "asin", "acos", "atan")},
    }
    if name not in known:
        raise unit.wrong(f"no function {quoted(name)}{near(name, known)}")
    return known[name]


def _rounded(function: Callable[[float], float], value: float) -> float:
    """As flatc keeps it: with twelve digits behind the point. Where there is no value, NaN."""
    try:
        return float(f"{function(value):.12f}")
    except ValueError:
        return float("nan")
