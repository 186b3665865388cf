"""Random schemas: every kind of field in every place that proto2, proto3 and editions have."""

from __future__ import annotations

from typing import Any, NamedTuple

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    timestamp_pb2,
    wrappers_pb2,
)

from proto.contract_schemas import KINDS, order_oneofs
from tensorwire import proto

Field = descriptor_pb2.FieldDescriptorProto
Features = descriptor_pb2.FeatureSet
SYNTAXES = ("proto2", "proto3", "editions")
KEYS = [kind for kind in KINDS if kind not in ("float", "double", "bytes")]
PACKABLE = [kind for kind in KINDS if kind not in ("string", "bytes")]
ENUMS = ("Open", "Shut")  # in editions; proto3 has no closed ones, proto2 no others
NUMBERS = (0, 1, 2, 70, 1000, -1)
WELL_KNOWN_FILES = (duration_pb2, timestamp_pb2, wrappers_pb2)
WELL_KNOWN = [
    message.full_name
    for module in WELL_KNOWN_FILES
    for message in module.DESCRIPTOR.message_types_by_name.values()
]


class World(NamedTuple):
    """One random schema: a root class of upstream's, and ours."""

    file: Any
    theirs: Any
    ours: Any

    @property
    def descriptor(self) -> Any:
        return self.theirs.DESCRIPTOR


class Builder:
    """Makes one file. ``rng``: anything like `random.Random`."""

    def __init__(self, rng: Any) -> None:
        self.rng = rng
        self.syntax = rng.choice(SYNTAXES)
        self.file = descriptor_pb2.FileDescriptorProto(name="world.proto", package="w")
        self.file.syntax = self.syntax
        if self.syntax == "editions":
            self.file.edition = descriptor_pb2.EDITION_2023
        for module in WELL_KNOWN_FILES:
            self.file.dependency.append(module.DESCRIPTOR.name)
        self.messages = [f"M{i}" for i in range(rng.choice((1, 2, 3, 4)))]

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def build(self) -> Any:
        for name in ENUMS:
            enum = self.file.enum_type.add(name=name)
            for number in NUMBERS:
                enum.value.add(name=f"{name}_{number}".replace("-", "MINUS"), number=number)
            if self.syntax == "editions" and name == "Shut":
                enum.options.features.enum_type = Features.CLOSED
        for name in self.messages:
            self._message(self.file.message_type.add(name=name), name)
        if self.syntax != "proto3":
            self._extensions()
        for message in self.file.message_type:
            order_oneofs(message)
        return self.file

    def _message(self, message: Any, full_name: str, inner: bool = False) -> None:
        count = self.rng.choice((1, 2, 3)) if inner else self.rng.choice((1, 3, 6, 10, 14))
        numbers = self._numbers(count)
        for number in numbers:
            self._field(message, full_name, number, inner)
        if self.syntax != "proto3":
            message.extension_range.add(start=1000, end=1100)

    def _numbers(self, count: int) -> list[int]:
        near = self.rng.sample(range(1, 40), count)
        far = {self.rng.choice((127, 500, 2047, 2048, 5000, 2**28, 2**29 - 1)) for _ in near}
        numbers = [far.pop() if far and self.chance(0.1) else number for number in near]
        return sorted(numbers) if self.chance(0.5) else numbers

    def _field(self, message: Any, full_name: str, number: int, inner: bool) -> None:
        name = f"f{number}"
        shape = self.rng.random()
        if shape < 0.12 and not inner:
            self._map(message, full_name, name, number)
        elif shape < 0.2 and not inner and self.syntax != "proto3":
            self._group(message, full_name, name, number)
        else:
            field = message.field.add(name=name, number=number, label=1)
            self._type(field)
            self._label(message, field)

    def _type(self, field: Any, keys: bool = False) -> None:
        """A random type. ``keys``: that a map's keys may have."""
        rng = self.rng
        which = 0.9 if keys else rng.random()
        if which < 0.22:
            field.type, field.type_name = Field.TYPE_MESSAGE, f".w.{rng.choice(self.messages)}"
        elif which < 0.32:
            field.type = Field.TYPE_MESSAGE
            field.type_name = f".{rng.choice(WELL_KNOWN)}"
        elif which < 0.45:
            field.type, field.type_name = Field.TYPE_ENUM, f".w.{rng.choice(ENUMS)}"
        else:
            kind = rng.choice(KEYS if keys else KINDS)
            field.type = Field.Type.Value(f"TYPE_{kind.upper()}")

    def _label(self, message: Any, field: Any) -> None:
        which = self.rng.random()
        if which < 0.35:
            field.label = 3
            self._packed(field)
        elif which < 0.5:
            field.oneof_index = _oneof(message, self.rng.choice(("one", "two")))
        elif which < 0.55 and self.syntax == "proto2":
            field.label = 2
        elif self.syntax == "proto3" and which < 0.75 and field.type != Field.TYPE_MESSAGE:
            field.proto3_optional = True
            field.oneof_index = _oneof(message, f"_{field.name}")
        elif self.syntax == "editions" and which < 0.75 and self._may_be_implicit(field):
            field.options.features.field_presence = Features.IMPLICIT
        elif self.syntax != "proto3" and self.chance(0.5):
            self._default(field)

    def _may_be_implicit(self, field: Any) -> bool:
        return field.type != Field.TYPE_MESSAGE and not field.type_name.endswith("Shut")

    def _packed(self, field: Any) -> None:
        if field.type in (Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_MESSAGE):
            return
        if self.syntax == "editions":
            encodings = Features.RepeatedFieldEncoding
            choice = self.rng.choice((encodings.PACKED, encodings.EXPANDED))
            field.options.features.repeated_field_encoding = choice
        else:
            field.options.packed = self.chance(0.5)

    def _default(self, field: Any) -> None:
        name = Field.Type.Name(field.type).removeprefix("TYPE_").lower()
        texts = {"string": "hé", "bytes": "\\000\\377x", "bool": "true", "double": "inf",
                 "float": "-1.5", "enum": f"{field.type_name.rpartition('.')[2]}_70"}  # fmt: skip
        if name != "message":
            field.default_value = texts.get(name, "42")

    def _map(self, message: Any, full_name: str, name: str, number: int) -> None:
        entry = message.nested_type.add(name=f"{name.capitalize()}Entry")
        entry.options.map_entry = True
        self._type(entry.field.add(name="key", number=1, label=1), keys=True)
        self._type(entry.field.add(name="value", number=2, label=1))
        message.field.add(name=name, number=number, label=3, type=Field.TYPE_MESSAGE,
                          type_name=f".w.{full_name}.{entry.name}")  # fmt: skip

    def _group(self, message: Any, full_name: str, name: str, number: int) -> None:
        kind = message.nested_type.add(name=name.capitalize())
        self._message(kind, f"{full_name}.{kind.name}", inner=True)
        order_oneofs(kind)
        field = message.field.add(name=name, number=number, label=self.rng.choice((1, 3)),
                                  type_name=f".w.{full_name}.{kind.name}")  # fmt: skip
        if self.syntax == "editions":
            field.type = Field.TYPE_MESSAGE
            field.options.features.message_encoding = Features.DELIMITED
        else:
            field.type = Field.TYPE_GROUP

    def _extensions(self) -> None:
        for number in range(1000, 1000 + self.rng.choice((0, 2, 6))):
            scope = self.rng.choice([self.file, *self.file.message_type])
            field = scope.extension.add(name=f"x{number}", number=number)
            field.label = self.rng.choice((1, 1, 3))
            self._type(field)
            if field.label == 3:
                self._packed(field)
            field.extendee = f".w.{self.rng.choice(self.messages)}"


def _oneof(message: Any, name: str) -> int:
    names = [oneof.name for oneof in message.oneof_decl]
    if name not in names:
        message.oneof_decl.add(name=name)
        names.append(name)
    return names.index(name)


def load(file: Any) -> World:
    """The classes of a file, from a pool of its own; the root is the first message."""
    pool = descriptor_pool.DescriptorPool()
    for module in WELL_KNOWN_FILES:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    theirs = message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f"{file.package}.{file.message_type[0].name}")
    )
    return World(file, theirs, proto.message_class(theirs))


def world(rng: Any) -> World:
    """A random schema."""
    return load(Builder(rng).build())
