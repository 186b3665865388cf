"""Reads one message in every way there is, in a random order, and compares with upstream's.

The order matters: the engine remembers where it last looked, and makes indexes on first use.
"""

import contextlib
import struct
from typing import Any

import numpy as np
from google.protobuf.descriptor import FieldDescriptor as Kind

from tensorwire import LayoutError, proto

DTYPES = {
    Kind.TYPE_DOUBLE: "<f8", Kind.TYPE_FLOAT: "<f4", Kind.TYPE_INT64: "<i8",
    Kind.TYPE_UINT64: "<u8", Kind.TYPE_INT32: "<i4", Kind.TYPE_FIXED64: "<u8",
    Kind.TYPE_FIXED32: "<u4", Kind.TYPE_BOOL: "?", Kind.TYPE_UINT32: "<u4",
    Kind.TYPE_ENUM: "<i4", Kind.TYPE_SFIXED32: "<i4", Kind.TYPE_SFIXED64: "<i8",
    Kind.TYPE_SINT32: "<i4", Kind.TYPE_SINT64: "<i8", Kind.TYPE_STRING: "O", Kind.TYPE_BYTES: "O",
}  # fmt: skip


def plain(value: Any) -> Any:
    """Something that is equal only if type and bits are: NaN is NaN, 0.0 is not -0.0."""
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    return (type(value).__name__, value)


def plains(values: Any) -> list[Any]:
    return [plain(value) for value in values]


class Comparison:
    """All reads of a pair of messages that are not yet done."""

    def __init__(self, rng: Any) -> None:
        self.rng = rng
        self.pending: list[Any] = []

    def run(self, ours: Any, theirs: Any, most: int = 100_000) -> None:
        """Reads both until nothing is left, or so many reads were made."""
        self.add(ours, theirs)
        while self.pending and most:
            at = self.rng.randrange(len(self.pending))
            self.pending[at], self.pending[-1] = self.pending[-1], self.pending[at]
            read, *arguments = self.pending.pop()
            read(*arguments)
            most -= 1

    def add(self, ours: Any, theirs: Any) -> None:
        for field in theirs.DESCRIPTOR.fields:
            for read in self._reads(field):
                self.pending.append((read, ours, theirs, field))
        for oneof in theirs.DESCRIPTOR.oneofs:
            self.pending.append((self.oneof, ours, theirs, oneof.name))

    def _reads(self, field: Any) -> tuple[Any, ...]:
        message = field.message_type
        if message is not None and message.GetOptions().map_entry:
            return (self.mapping,)
        if not field.is_repeated:
            return (self.presence, self.child if message is not None else self.scalar)
        common = (self.length, self.elements, self.index, self.index, self.index, self.slice)
        return (*common, self.equal, self.array) if message is None else common

    # -- singular fields ---------------------------------------------------------------------

    def presence(self, ours: Any, theirs: Any, field: Any) -> None:
        if field.has_presence:
            assert ours.HasField(field.name) is theirs.HasField(field.name), field.name

    def scalar(self, ours: Any, theirs: Any, field: Any) -> None:
        name = field.name
        assert plain(getattr(ours, name)) == plain(getattr(theirs, name)), name

    def child(self, ours: Any, theirs: Any, field: Any) -> None:
        child, expected = getattr(ours, field.name), getattr(theirs, field.name)
        if theirs.HasField(field.name):
            self.add(child, expected)
        else:
            assert not any(child.HasField(f.name) for f in expected.DESCRIPTOR.fields[:3]
                           if f.has_presence)

    def oneof(self, ours: Any, theirs: Any, name: str) -> None:
        assert ours.WhichOneof(name) == theirs.WhichOneof(name), name
        assert ours.HasField(name) is (theirs.WhichOneof(name) is not None)

    # -- repeated fields ---------------------------------------------------------------------

    def length(self, ours: Any, theirs: Any, field: Any) -> None:
        length = len(getattr(theirs, field.name))
        assert len(getattr(ours, field.name)) == length, field.name
        assert bool(getattr(ours, field.name)) == (length != 0), field.name

    def elements(self, ours: Any, theirs: Any, field: Any) -> None:
        self.both(list(getattr(ours, field.name)), list(getattr(theirs, field.name)), field)

    def both(self, got: list[Any], expected: list[Any], field: Any) -> None:
        """Elements of ours and theirs."""
        if field.message_type is None:
            assert plains(got) == plains(expected), field.name
            return
        assert len(got) == len(expected), field.name
        for pair in zip(got, expected, strict=True):
            if len(self.pending) < 3000:
                self.add(*pair)

    def index(self, ours: Any, theirs: Any, field: Any) -> None:
        repeated, expected = getattr(ours, field.name), getattr(theirs, field.name)
        length = len(expected)
        at = self.rng.randrange(-length - 2, length + 2)
        if -length <= at < length:
            self.both([repeated[at]], [expected[at]], field)
            return
        try:
            repeated[at]
        except IndexError:
            return
        raise AssertionError(f"{field.name}[{at}] of {length}")

    def slice(self, ours: Any, theirs: Any, field: Any) -> None:
        repeated, expected = getattr(ours, field.name), getattr(theirs, field.name)
        bounds = [None, *range(-len(expected) - 2, len(expected) + 3)]
        part = slice(self.rng.choice(bounds), self.rng.choice(bounds),
                     self.rng.choice((None, 1, 2, 3, -1, -2)))
        self.both(repeated[part], expected[part], field)

    def equal(self, ours: Any, theirs: Any, field: Any) -> None:
        expected = list(getattr(theirs, field.name))
        if not any(value != value for value in expected):
            assert getattr(ours, field.name) == expected, field.name
        assert getattr(ours, field.name) != [*expected, 1]

    def array(self, ours: Any, theirs: Any, field: Any) -> None:
        # NumPy's own types of text, which are what is given unasked, lose trailing NULs.
        asked = object if DTYPES[field.type] == "O" else None
        array = np.asarray(getattr(ours, field.name), dtype=asked)
        assert array.dtype == np.dtype(DTYPES[field.type]), field.name
        assert plains(array.tolist()) == plains(getattr(theirs, field.name)), field.name

    # -- maps --------------------------------------------------------------------------------

    def mapping(self, ours: Any, theirs: Any, field: Any) -> None:
        got, expected = getattr(ours, field.name), getattr(theirs, field.name)
        assert len(got) == len(expected), field.name
        try:
            pairs = dict(expected.items())
        except UnicodeDecodeError:  # upstream cannot read a proto2 map's strings that are not UTF-8
            return
        assert set(got) == set(pairs), field.name
        value = field.message_type.fields_by_name["value"]
        for key, wanted in pairs.items():
            self.both([got[key]], [wanted], value)


def compare(ours: Any, theirs: Any, rng: Any) -> None:
    """Every read of one equals that of the other."""
    Comparison(rng).run(ours, theirs)


def read_all(
    message: Any, descriptor: Any, rng: Any, refused: Any = (), before: Any = None, most: int = 400
) -> int:
    """Reads everything in a random order, for the reads' own sake; how many were ``refused``.

    ``before`` is called before each read.
    """
    pending, failures = list(_thunks(message, descriptor, rng)), 0
    while pending and most:
        at = rng.randrange(len(pending))
        pending[at], pending[-1] = pending[-1], pending[at]
        most -= 1
        if before is not None:
            before()
        try:
            found = pending.pop()()
        except refused:
            failures += 1
            continue
        for child, kind in found or ():
            if len(pending) < most:
                pending.extend(_thunks(child, kind, rng))
    return failures


def _thunks(message: Any, descriptor: Any, rng: Any) -> Any:
    """Functions that read something and return the ``(message, descriptor)`` they came upon."""
    yield lambda: repr(message) and None
    yield lambda: proto.raw(message) and None
    for oneof in descriptor.oneofs:
        yield lambda name=oneof.name: message.WhichOneof(name) and None
    for field in descriptor.fields:
        name, kind = field.name, field.message_type
        yield lambda name=name: _bytes_of(message, name)
        if kind is not None and kind.GetOptions().map_entry:
            value = kind.fields_by_name["value"].message_type
            yield lambda name=name, kind=value: _children(getattr(message, name).values(), kind)
        elif field.is_repeated:
            yield from _repeated_thunks(message, field, rng)
        else:
            yield lambda name=name, kind=kind: _children([getattr(message, name)], kind)
            if field.has_presence:
                yield lambda name=name: message.HasField(name) and None


def _bytes_of(message: Any, name: str) -> None:
    proto.run(message, name)
    proto.gather(message, name)
    with contextlib.suppress(LayoutError):
        proto.view(message, name).tobytes()


def _children(values: Any, kind: Any) -> list[Any]:
    return [(value, kind) for value in values] if kind is not None else []


def _repeated_thunks(message: Any, field: Any, rng: Any) -> Any:
    name, kind = field.name, field.message_type
    repeated = getattr(message, name)

    def at_random():
        length = len(repeated)
        return _children([repeated[rng.randrange(length)] for _ in range(min(length, 5))], kind)

    def part():
        return _children(repeated[rng.randrange(-9, 9) :: rng.choice((1, 2, -1))][:5], kind)

    yield lambda: _children(list(repeated)[:5], kind)
    yield at_random
    yield at_random
    yield part
    yield lambda: bool(repeated) and None
    if kind is None:
        yield lambda: np.asarray(repeated).tolist() and None
