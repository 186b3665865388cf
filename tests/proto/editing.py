"""Random changes made alike to two messages of one type, ours and upstream's."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kind

from . import oracle
from .generate import FLOATS, VALUES, Generator

TEXTS = ("", "a", "name", "hé", "€😀", "nul\0", "x" * 30, "y" * 5000)


class Editing:
    """Makes changes by the same public calls on each message it is given."""

    def __init__(self, rng: Any) -> None:
        self.rng = rng
        self.generator = Generator(rng, 0.1)

    def change(self, messages: list[Any], count: int) -> None:
        """So many changes, each somewhere in the tree."""
        for _ in range(count):
            places, descriptor = self.descend(messages)
            how = self.rng.random()
            if how < 0.02:
                self.each(places, lambda m: m.Clear())
            elif how < 0.05:
                self.each(places, lambda m: m.DiscardUnknownFields())
            elif how < 0.12:
                self.merge(places)
            else:
                self.field(places, self.rng.choice(descriptor.fields))

    def each(self, messages: list[Any], act: Any) -> None:
        for message in messages:
            act(message)

    def descend(self, messages: list[Any]) -> tuple[list[Any], Any]:
        """A message somewhere below, in each tree the same."""
        descriptor = messages[1].DESCRIPTOR
        while self.rng.random() < 0.6:
            fields = [f for f in descriptor.fields if f.message_type is not None]
            field = self.rng.choice(fields)
            below = self.step([getattr(m, field.name) for m in messages], field)
            if below is None:
                continue
            messages = below
            descriptor = messages[1].DESCRIPTOR
        return messages, descriptor

    def step(self, held: list[Any], field: Any) -> list[Any] | None:
        if not field.is_repeated:
            return held
        if len(held[1]) == 0:
            return None
        if not field.message_type.GetOptions().map_entry:
            place = self.rng.randrange(len(held[1]))
            return [elements[place] for elements in held]
        if field.message_type.fields_by_name["value"].message_type is None:
            return None
        key = self.rng.choice(sorted(held[1], key=repr))
        if isinstance(key, bytes):  # no text: upstream gives it, and takes it back only sometimes
            return None
        return [mapping[key] for mapping in held]

    def merge(self, places: list[Any]) -> None:
        data = self.valid(type(places[1]))
        how = self.rng.randrange(3)
        for message in places:
            if how == 0:
                message.MergeFromString(data)
            elif how == 1:
                message.MergeFrom(type(message).FromString(data))
            else:
                message.CopyFrom(type(message).FromString(data))

    def valid(self, cls: Any) -> bytes:
        """As upstream's class writes it, which makes merging of messages and of bytes alike."""
        while True:
            data = self.generator.message(cls.DESCRIPTOR, 6, 2)
            if oracle.verify(data, cls.DESCRIPTOR).reason is None:
                return cls.FromString(data).SerializePartialToString()

    def field(self, places: list[Any], field: Any) -> None:
        if self.rng.random() < 0.15:
            self.each(places, lambda m: m.ClearField(field.name))
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            self.mapping([getattr(m, field.name) for m in places], field.message_type)
        elif field.is_repeated:
            self.elements([getattr(m, field.name) for m in places], field)
        elif field.message_type is not None:
            self.each(places, lambda m: getattr(m, field.name).SetInParent())
        else:
            value = self.value(field)
            self.each(places, lambda m: setattr(m, field.name, value))

    def elements(self, held: list[Any], field: Any) -> None:
        length, how = len(held[1]), self.rng.randrange(5)
        if how == 0 and length:
            place = self.rng.randrange(length)
            self.each(held, lambda r: r.__delitem__(place))
        elif field.message_type is not None:
            self.messages(held, field, how)
        elif how == 1 and length:
            place, value = self.rng.randrange(length), self.value(field)
            self.each(held, lambda r: r.__setitem__(place, value))
        elif how == 2:
            place, value = self.rng.randrange(length + 1), self.value(field)
            self.each(held, lambda r: r.insert(place, value))
        else:
            values = [self.value(field) for _ in range(self.rng.choice((1, 2, 5, 300)))]
            self.each(held, lambda r: r.extend(values))

    def messages(self, held: list[Any], field: Any, how: int) -> None:
        length = len(held[1])
        if how == 1:
            data = self.valid(field.message_type._concrete_class)
            self.each(held, lambda r: r.add().ParseFromString(data))
        elif how == 2 and length:
            place = self.rng.randrange(length)
            self.each(held, lambda r: r.append(r[place]))
        elif how == 3 and length:
            self.each(held, lambda r: r.reverse())
        else:
            self.each(held, lambda r: r.add())

    def mapping(self, held: list[Any], entry: Any) -> None:
        key, value = self.value(entry.fields_by_name["key"]), entry.fields_by_name["value"]
        if self.rng.random() < 0.3:
            known = [k for k in sorted(held[1], key=repr) if type(k) is type(key)]
            if known:
                gone = self.rng.choice(known)
                self.each(held, lambda m: m.__delitem__(gone))
                return
        if value.message_type is not None:
            self.each(held, lambda m: m[key].SetInParent())
            return
        item = self.value(value)
        self.each(held, lambda m: m.__setitem__(key, item))

    def value(self, field: Any) -> Any:
        """A value that the field takes."""
        kind = field.type
        if kind == Kind.TYPE_STRING:
            return self.rng.choice(TEXTS)
        if kind == Kind.TYPE_BYTES:
            return self.rng.choice(TEXTS).encode() + b"\xff" * self.rng.randrange(2)
        if kind == Kind.TYPE_BOOL:
            return self.rng.random() < 0.5
        if kind in (Kind.TYPE_DOUBLE, Kind.TYPE_FLOAT):
            return self.rng.choice(FLOATS)
        if kind == Kind.TYPE_ENUM:
            return self.rng.choice(field.enum_type.values).number
        return self.integer(kind)

    def integer(self, kind: int) -> int:
        wide = kind in (Kind.TYPE_INT64, Kind.TYPE_UINT64, Kind.TYPE_FIXED64, Kind.TYPE_SFIXED64,
                        Kind.TYPE_SINT64)  # fmt: skip
        signed = kind not in (Kind.TYPE_UINT32, Kind.TYPE_UINT64, Kind.TYPE_FIXED32,
                              Kind.TYPE_FIXED64)  # fmt: skip
        size = 8 if wide else 4
        low = (self.rng.choice(VALUES) & 2**64 - 1).to_bytes(8, "little")[:size]
        return int.from_bytes(low, "little", signed=signed)
