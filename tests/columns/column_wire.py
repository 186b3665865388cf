"""Encoded messages as trees of items, and changes to them that a decoder must take.

What such a change means is not said here: upstream is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import column_oracle

from proto import oracle
from proto.encode import END, LEN, START, VARINT, tag, varint
from proto.generate import Generator


@dataclass
class Item:
    """One item: ``payload`` is the 64 bits of a varint, the bytes of a value, a list of the items
    of a message, or of the numbers (or bytes) of a packed run, which ``packed`` tells."""

    field: Any
    number: int
    wire: int
    payload: Any
    packed: bool = False

    @property
    def is_message(self) -> bool:
        return isinstance(self.payload, list) and not self.packed


Items = list[Item]


class ColumnGenerator(Generator):
    """Messages with extensions too."""

    def message(self, descriptor: Any, items: int = 8, depth: int = 3) -> bytes:
        data = super().message(descriptor, items, depth) if descriptor.fields else b""
        extensions = column_oracle.fields_of(descriptor)[len(descriptor.fields) :]
        while extensions and self.chance(0.5):
            data += self.field(self.rng.choice(extensions), depth)
        return data


def parse(data: bytes, descriptor: Any) -> Items:
    """The items of a message that is well-formed. Raises ``oracle.Bad``."""
    items, at = _parse(data, 0, len(data), descriptor, None)
    if at != len(data):
        raise oracle.Bad("lone-end", at)
    return items


def _parse(data: bytes, at: int, stop: int, descriptor: Any, group: int | None) -> Any:
    by_number = {}
    if descriptor is not None:
        by_number = {field.number: field for field in column_oracle.fields_of(descriptor)}
    items: Items = []
    while at < stop:
        item = oracle.read_item(data, at, stop, True)
        if item.wire == END:
            if item.number != group:
                raise oracle.Bad("lone-end", at)
            return items, item.stop
        made, at = _item(data, stop, item, by_number.get(item.number))
        items.append(made)
    if group is not None:
        raise oracle.Bad("open-group", at)
    return items, at


def _item(data: bytes, stop: int, item: Any, field: Any) -> tuple[Item, int]:
    made = Item(field, item.number, item.wire, data[item.start : item.stop])
    packed = field is not None and item.wire == LEN and field.is_repeated and oracle.packable(field)
    if field is not None and not packed and item.wire != oracle.wire_of(field):
        made.field = field = None
    if item.wire == START:
        kind = field.message_type if field else None
        made.payload, after = _parse(data, item.start, stop, kind, item.number)
        return made, after
    if item.wire == VARINT:
        made.payload = item.value
    elif packed:
        made.packed, made.payload = True, _run(data, item, oracle.wire_of(field))
    elif field is not None and field.message_type is not None:
        made.payload = _parse(data, item.start, item.stop, field.message_type, None)[0]
    return made, item.stop


def _run(data: bytes, item: Any, wire: int) -> list[Any]:
    values, at = [], item.start
    width = 0 if wire == VARINT else 4 if wire == oracle.FIXED32 else 8
    while at < item.stop:
        if wire == VARINT:
            value, at = oracle.read_varint(data, at, item.stop, at)
            values.append(value)
        else:
            values.append(data[at : at + width])
            at += width
    return values


class Writer:
    """Writes items. ``odd``: how often a varint, tag or length is longer than it need be."""

    def __init__(self, rng: Any, odd: float = 0.0) -> None:
        self.rng = rng
        self.odd = odd

    def items(self, items: Items) -> bytes:
        return b"".join([self.item(item) for item in items])

    def item(self, item: Item) -> bytes:
        head = tag(item.number, item.wire, self._padding(6))
        if item.wire == START:
            end = tag(item.number, END, self._padding(6))
            return head + self.items(item.payload) + end
        if item.packed:
            content = b"".join([self.number(one) for one in item.payload])
        elif item.wire == VARINT:
            return head + self.number(item.payload)
        elif item.is_message:
            content = self.items(item.payload)
        else:
            content = item.payload
        if item.wire != LEN:
            return head + content
        return head + varint(len(content), self._padding(6)) + content

    def number(self, value: Any) -> bytes:
        return value if isinstance(value, bytes) else varint(value, self._padding(11))

    def _padding(self, below: int) -> int:
        return self.rng.randrange(below) if self.odd and self.rng.random() < self.odd else 0


# -- changes -------------------------------------------------------------------------------------


class Changer:
    """Changes trees of items in ways that stay well-formed."""

    def __init__(self, rng: Any) -> None:
        self.rng = rng
        self.generator = ColumnGenerator(rng, 0.05)
        self.changes = (self.split, self.split, self.repeat, self.shuffle, self.repack, self.repack,
                        self.switch, self.unknown, self.entry, self.entry, self.renew)  # fmt: skip

    def change(self, items: Items, descriptor: Any, count: int) -> None:
        """Makes so many random changes at random depths."""
        for _ in range(count):
            messages = list(nodes(items, descriptor))
            self.rng.choice(self.changes)(*self.rng.choice(messages))

    def _any(self, items: Items, wanted: Any) -> Item | None:
        found = [item for item in items if item.field is not None and wanted(item)]
        return self.rng.choice(found) if found else None

    def _insert(self, items: Items, item: Item) -> None:
        items.insert(self.rng.randrange(len(items) + 1), item)

    def _made(self, field: Any, descriptor: Any, depth: int = 1) -> Items:
        return parse(self.generator.field(field, depth), descriptor)

    def split(self, items: Items, descriptor: Any) -> None:
        """A submessage in two pieces."""
        item = self._any(items, lambda one: one.is_message)
        if item is not None:
            at = self.rng.randrange(len(item.payload) + 1)
            second = Item(item.field, item.number, item.wire, item.payload[at:])
            del item.payload[at:]
            place = next(i for i, one in enumerate(items) if one is item)
            items.insert(self.rng.randrange(place, len(items)) + 1, second)

    def repeat(self, items: Items, descriptor: Any) -> None:
        if items:
            self._insert(items, copy_of(self.rng.choice(items)))

    def shuffle(self, items: Items, descriptor: Any) -> None:
        self.rng.shuffle(items)

    def repack(self, items: Items, descriptor: Any) -> None:
        """Numbers of a run one by one, or single ones as a run."""
        item = self._any(items, lambda one: one.field.is_repeated and oracle.packable(one.field))
        if item is None:
            return
        place = next(i for i, one in enumerate(items) if one is item)
        wire = oracle.wire_of(item.field)
        if item.packed and self.rng.random() < 0.5:
            items[place : place + 1] = [
                Item(item.field, item.number, wire, one) for one in item.payload
            ]
        elif item.packed:
            at = self.rng.randrange(len(item.payload) + 1)
            rest = Item(item.field, item.number, LEN, item.payload[at:], packed=True)
            del item.payload[at:]
            items.insert(self.rng.randrange(place, len(items)) + 1, rest)
        else:
            items[place] = Item(item.field, item.number, LEN, [item.payload], packed=True)

    def switch(self, items: Items, descriptor: Any) -> None:
        """Another member of a oneof, or the same once more."""
        members = [field for field in descriptor.fields if field.containing_oneof]
        if members:
            for _ in range(self.rng.choice((1, 1, 3))):
                for item in self._made(self.rng.choice(members), descriptor):
                    self._insert(items, item)

    def unknown(self, items: Items, descriptor: Any) -> None:
        for item in parse(self.generator.unknown(descriptor, 2), descriptor):
            self._insert(items, item)

    def renew(self, items: Items, descriptor: Any) -> None:
        """Another item of any field."""
        fields = column_oracle.fields_of(descriptor)
        if fields:
            for item in self._made(self.rng.choice(fields), descriptor, 2):
                self._insert(items, item)

    def entry(self, items: Items, descriptor: Any) -> None:
        """An entry of a map: turned round, a part missing or twice, the key once more."""
        item = self._any(items, lambda one: column_oracle.is_map(one.field))
        if item is None:
            return
        kind, how = item.field.message_type, self.rng.randrange(5)
        value = kind.fields_by_name["value"]
        if how == 0:
            item.payload.reverse()
        elif how == 1 and item.payload:
            del item.payload[self.rng.randrange(len(item.payload))]
        elif how == 2:
            again = copy_of(item)
            again.payload = [one for one in again.payload if one.number == 1]
            again.payload += self._made(value, kind)
            self._insert(items, again)
        elif how == 3:
            item.payload += self._made(self.rng.choice(list(kind.fields)), kind)
        elif self.rng.random() < 0.3:
            self.unknown(item.payload, kind)


def nodes(items: Items, descriptor: Any) -> Any:
    """Every list of items of a known message, with its type."""
    yield items, descriptor
    for item in items:
        if item.field is not None and item.is_message:
            yield from nodes(item.payload, item.field.message_type)


def copy_of(item: Item) -> Item:
    payload = item.payload
    if item.is_message:
        payload = [copy_of(one) for one in payload]
    elif item.packed:
        payload = list(payload)
    return Item(item.field, item.number, item.wire, payload, item.packed)


def changed(data: bytes, descriptor: Any, rng: Any) -> bytes:
    """``data`` after a few changes; as it is where it is not well-formed."""
    try:
        items = parse(data, descriptor)
        Changer(rng).change(items, descriptor, rng.choice((0, 1, 2, 4, 10)))
    except oracle.Bad:
        return data
    return Writer(rng, rng.choice((0, 0, 0.02, 0.3))).items(items)
