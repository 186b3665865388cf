"""Random calls of a FlatBuffers builder, made on ours and upstream's alike, and what to compare."""

from __future__ import annotations

from typing import Any

import flatbuffers
import flatbuffers.number_types as kinds
import numpy as np
from hypothesis import strategies as st

from tensorwire._core import flat_builder

WIDTHS = (8, 16, 32, 64)
NUMBERS = [f"{sign}{width}" for width in WIDTHS for sign in ("Int", "Uint")]
NUMBERS += ["Bool", "Byte", "Float32", "Float64"]
OFFSETS = ["SOffsetT", "UOffsetT", "VOffsetT"]
FLAGS = [f"{name}Flags" for name in NUMBERS + OFFSETS if name != "Byte"]


class Indexed:
    """An object that is an int to those who ask."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        return f"Indexed({self.value})"


class Ordered(Indexed):
    """One that compares like its int, too."""

    def __le__(self, other: Any) -> bool:
        return self.value <= other

    def __ge__(self, other: Any) -> bool:
        return self.value >= other

    def __eq__(self, other: object) -> bool:
        return self.value == other

    def __hash__(self) -> int:
        return hash(self.value)


class Offset:
    """Stands for what an earlier call gave, counted from the last; 0 where none gave a number."""

    def __init__(self, back: int, more: int) -> None:
        self.back, self.more = back, more

    def __repr__(self) -> str:
        return f"Offset({self.back}, {self.more})"

    def of(self, given: list[int]) -> int:
        return (given[-1 - self.back % len(given)] if given else 0) + self.more


edges = st.sampled_from(
    [0, 1, -1, *(n for w in WIDTHS for n in (1 << w - 1, 1 << w, -(1 << w - 1)))]
)
near_edges = st.builds(int.__add__, edges, st.integers(-1, 1))
ints = st.one_of(st.integers(-3, 3), st.integers(-(2**64), 2**64), near_edges)
special = st.sampled_from([0.0, -0.0, 1.5, 3.5e38, 1e-46])
reals = st.one_of(st.floats(), st.floats(width=32), special)
# NumPy's integers are no sizes: upstream's own sums of them overflow.
strange = st.one_of(
    st.none(), st.text(max_size=2), st.booleans(), st.just(1.0), st.just(b"1"), st.just([1]),
    st.just(1j), st.builds(Indexed, st.integers(-3, 99)), st.builds(Ordered, st.integers(-3, 99)),
)  # fmt: skip
odd = st.one_of(
    strange, st.builds(Indexed, ints), st.builds(Ordered, ints), st.just(10**400),
    st.builds(np.int8, st.integers(-128, 127)), st.builds(np.uint64, st.integers(0, 2**64 - 1)),
    st.builds(np.int32, st.integers(-(2**31), 2**31 - 1)), st.builds(np.float32, st.just(0.1)),
    st.builds(np.float64, st.floats()),
)  # fmt: skip
values = st.one_of(ints, reals, ints, odd)
defaults = st.one_of(st.just(0), st.just(0.0), st.none(), values)
small = st.one_of(st.integers(0, 9), st.integers(0, 9), st.integers(-3, 40), strange)
sizes = st.one_of(st.integers(0, 40), st.integers(-40, 5000), strange)
widths = st.one_of(st.sampled_from([1, 2, 4, 8, 16]), st.integers(-2, 33))
offsets = st.one_of(
    *[st.builds(Offset, st.integers(0, 6), st.just(0))] * 4,
    st.builds(Offset, st.integers(0, 3), st.integers(-5, 5)), values,
)  # fmt: skip
strings = st.one_of(
    st.text(max_size=30), st.binary(max_size=30), st.binary(max_size=9).map(bytearray),
    st.just("\ud800"), st.just(memoryview(b"abc")), st.sampled_from(["a", "b"]), odd,
)  # fmt: skip
arrays = st.one_of(
    st.builds(
        lambda form, count, step: np.arange(count * step).astype(form)[::step],
        st.sampled_from("? i1 u1 <i2 >i2 <u2 <i4 >i4 <i8 >u8 <f2 <f4 >f4 <f8 g".split()),
        st.integers(0, 20), st.sampled_from([1, 1, 2]),
    ),
    st.builds(np.zeros, st.sampled_from([(2, 3), (), (0,), (1, 1)])),
    st.just(np.array(["a"])), st.just(np.zeros(2, complex)), st.just(np.zeros(2, "M8[s]")),
    st.just(np.ma.MaskedArray([1, 2, 3], mask=[0, 1, 0])), st.just([1, 2]), odd,
)  # fmt: skip
identifiers = st.one_of(
    st.none(), st.binary(min_size=4, max_size=4), st.binary(max_size=6), st.just(b"MONS"),
    st.just(bytearray(b"abcd")), st.just("abcd"),
)  # fmt: skip
flags = st.sampled_from([getattr(kinds, name) for name in FLAGS])


def call(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *arguments)


def numbers_of(name: str) -> st.SearchStrategy[Any]:
    """Mostly values that fit."""
    if name.startswith("Float"):
        return st.one_of(reals, st.integers(-9, 9), values)
    if name == "Bool":
        return st.one_of(st.booleans(), st.integers(0, 1), values)
    width = int(name.lstrip("UintIB").replace("yte", "8"))
    low = -(1 << width - 1) if name.startswith("I") else 0
    return st.one_of(st.integers(low, low + (1 << width) - 1), st.integers(0, 9), values)


prepends = [call(f"Prepend{name}", numbers_of(name)) for name in NUMBERS]
slots = [
    call(f"Prepend{name}Slot", small, numbers_of(name), st.one_of(st.just(0), defaults))
    for name in NUMBERS
]
objects = st.one_of(
    call("StartObject", small), call("EndObject"), call("EndObject"),
    call("StartObject", st.just(5)),
    call("PrependUOffsetTRelativeSlot", small, offsets, st.one_of(st.just(0), values)),
    call("PrependStructSlot", small, offsets, st.one_of(st.just(0), values)),
    call("Slot", small), *slots,
)  # fmt: skip
vectors = st.one_of(
    call("StartVector", widths, st.one_of(st.integers(0, 9), sizes), widths),
    call("StartVector", st.just(4), st.integers(0, 3), st.just(4)), call("EndVector"),
    call("EndVector"), call("EndVector", small), call("CreateString", strings),
    call("CreateString", strings, st.just("utf-16"), st.just("strict")),
    call("CreateString", st.just("\ud800"), st.just("utf-8"), st.just("replace")),
    call("CreateSharedString", strings), call("CreateByteVector", strings),
    call("CreateNumpyVector", arrays), call("PrependUOffsetTRelative", offsets), *prepends,
)  # fmt: skip
internals = st.one_of(
    call("Prep", widths, sizes), call("Pad", sizes), call("Place", values, flags),
    call("Prepend", flags, values), call("PrependSlot", flags, small, values, defaults),
    call("PlaceUOffsetT", values), call("PlaceSOffsetT", values), call("PlaceVOffsetT", values),
    call("PrependVOffsetT", values), call("PrependSOffsetTRelative", offsets),
    call("assertStructIsInline", offsets), call("assertNested"), call("assertNotNested"),
    call("GrowByteBuffer"), call("WriteVtable"), call("Head"), call("Offset"), call("Output"),
    call("ForceDefaults", st.booleans()), call("Clear"),
)  # fmt: skip
finishes = st.one_of(
    call("Finish", offsets), call("Finish", offsets, identifiers),
    call("FinishSizePrefixed", offsets, identifiers), call("Output"),
)  # fmt: skip
slot, bit = st.integers(0, 5), st.integers(0, 1)
earlier = st.builds(Offset, st.integers(0, 9), st.just(0))
field = st.one_of(
    call("PrependUOffsetTRelativeSlot", slot, earlier, st.just(0)),
    *[call(f"Prepend{name}Slot", slot, bit, bit) for name in NUMBERS],
)
# Whole things, as programs write them.
whole = st.one_of(
    st.builds(
        lambda slots, fields: [("StartObject", slots), *fields, ("EndObject",)],
        st.integers(6, 9), st.lists(field, max_size=5),
    ),
    st.builds(
        lambda width, items: [
            ("StartVector", width, len(items), width),
            *((f"PrependInt{8 * width}", item) for item in items), ("EndVector",),
        ],
        st.sampled_from([1, 2, 4, 8]), st.lists(st.integers(-128, 127), max_size=5),
    ),
    st.builds(lambda text: [("CreateString", text)], st.text(max_size=9)),
    st.builds(lambda item: [item], st.one_of(objects, vectors)),
)  # fmt: skip
programs = st.lists(whole, max_size=12).map(lambda parts: [step for part in parts for step in part])
usual_calls = st.one_of(objects, objects, vectors, finishes)
all_calls = st.one_of(objects, vectors, internals, finishes)

# What may be set from outside, with values that make sense to upstream.
pokes = st.one_of(
    st.tuples(st.just("head"), st.integers(0, 40)),
    st.tuples(st.just("minalign"), st.sampled_from([1, 2, 4, 8, 16, 3])),
    st.tuples(st.sampled_from(["nested", "finished", "forceDefaults"]), st.booleans()),
    st.tuples(st.just("objectEnd"), st.one_of(st.none(), st.integers(0, 40))),
    st.tuples(st.just("vectorNumElems"), st.one_of(st.none(), st.integers(0, 9))),
    st.tuples(st.just("current_vtable"), st.one_of(st.none(), st.lists(st.integers(0, 40)))),
    st.tuples(st.just("vtables"), st.just(dict)),
    st.tuples(st.just("sharedStrings"), st.sampled_from([None, dict])),
    st.tuples(st.just("Bytes"), st.binary(max_size=64).map(bytearray)),
)

CHEAP = ("Bytes", "head", "minalign", "nested", "finished", "forceDefaults", "objectEnd")
ALL = (*CHEAP, "vectorNumElems", "sharedStrings", "current_vtable", "vtables")


def state(builder: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The attributes of a builder. Asking ours for its vtables makes it keep them as objects."""
    found = {name: getattr(builder, name, AttributeError) for name in names}
    found["Bytes"] = bytes(found["Bytes"])
    return found


def outcome(builder: Any, step: tuple[Any, ...], given: list[int]) -> Any:
    """What a call gives, or the class of what it raises; offsets are kept in ``given``."""
    name, *arguments = step
    arguments = [item.of(given) if isinstance(item, Offset) else item for item in arguments]
    try:
        result = getattr(builder, name)(*arguments)
    except Exception as error:  # noqa: BLE001
        return type(error)
    if isinstance(result, int) and name not in ("Head", "Finish", "FinishSizePrefixed"):
        given.append(result)
    return result


def poke(builder: Any, step: tuple[str, Any]) -> None:
    name, value = step
    if isinstance(value, bytearray):
        value = bytearray(value)
    setattr(builder, name, value() if isinstance(value, type) else value)


# Ours and upstream's, where no installation of another test finds them to put the other there.
SIDES = (flat_builder.Builder, flatbuffers.builder.Builder)
