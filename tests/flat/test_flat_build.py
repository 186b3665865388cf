"""Schema.build(): what is built is verified, and read as what was given."""

from __future__ import annotations

import random

import flat_reader
import flat_values
import pytest
from flat_oracle import Rules
from flat_oracle import verify as oracle_verify
from flat_schemas import EVERYTHING, SIGNED, random_schema
from hypothesis import assume, given

from proto.effort import examples, generators, named
from tensorwire import flat
from tensorwire.errors import EncodeError
from tensorwire.flat import declarations as d


def same(left, right) -> bool:
    """Equal, where NaN is what it looks like."""
    return repr(left) == repr(right)


def plain(value):
    """With lists for arrays."""
    if isinstance(value, dict):
        return {name: plain(held) for name, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    return value.tolist() if hasattr(value, "tolist") else value


def signed_flags(schema: d.Declarations) -> bool:
    """Bits of signed numbers: Python's IntFlag has no negative ones."""
    return any(enum.bit_flags and enum.base in SIGNED for enum in schema.enums)


def built(schema: flat.Schema, value) -> bytes | EncodeError:
    try:
        return schema.build(value)
    except EncodeError as error:
        return error


def complete(root):
    """What a view holds, defaults included."""
    return plain(flat.to_dict(root, defaults=True))


def check(schema: flat.Schema, value, **options) -> bytes:
    """Builds, verifies by both verifiers, and reads by the tests' reader."""
    data = schema.build(value, **options)
    prefix = 4 if options.get("size_prefixed") is True else options.get("size_prefixed", 0)
    given = options.get("identifier")
    found = schema.verify(
        data, strict=True, size_prefixed=options.get("size_prefixed", False),
        identifier=True if given is None else given,
    )  # fmt: skip
    assert found.size == len(data)
    verdict = oracle_verify(
        schema.declarations, data, rules=Rules(strict=True, prefix=prefix, identifier=None)
    )
    assert not verdict.reason, verdict
    expected = flat_values.complete(schema.declarations, value)
    assert same(flat_reader.read(schema.declarations, data, prefix=prefix), expected)
    return data


# Builders write no deprecated fields, and `build` refuses them.
WRITABLE = EVERYTHING._replace(deprecated=0)


@given(flat_values.cases(WRITABLE))
@examples(150)
def test_what_is_built_is_what_was_given(case):
    check(flat.Schema(case.schema), case.value)


@given(flat_values.cases())
@examples(60)
def test_to_dict_round_trips(case):
    """From any layout, as a dict, with lists or arrays, and as a view."""
    assume(not signed_flags(case.schema))
    schema = flat.Schema(case.schema)
    root = schema.root(case.data)
    expected = flat_values.complete(case.schema, case.value)
    for value in (root, flat.to_dict(root), flat.to_dict(root, arrays=False)):
        data = schema.build(value)
        assert same(flat_reader.read(case.schema, data), expected)
        again = schema.root(data, strict=True)
        assert same(complete(again), complete(root))
        assert schema.build(flat.to_dict(again)) == schema.build(flat.to_dict(root))


@given(flat_values.cases(weird=True))
@examples(60)
def test_odd_buffers_round_trip(case):
    """Strings that are no UTF-8, types without values; what has an unknown type is refused."""
    assume(not signed_flags(case.schema))
    schema = flat.Schema(case.schema)
    root = schema.root(case.data)
    data = built(schema, flat.to_dict(root))
    if isinstance(data, EncodeError):
        assert "no type" in data.reason or "required" in data.reason
        return
    assert same(complete(schema.root(data)), complete(root))


def test_every_option():
    for seed, rng in generators(60):
        with named(seed):
            schema = flat.Schema(random_schema(rng, WRITABLE))
            value = flat_values.random_value(rng, schema.declarations)
            options = {
                "size_prefixed": rng.choice([False, True, 8]),
                "identifier": rng.choice([None, "ABCD", b"abcd", False]),
                "share_strings": rng.random() < 0.5,
                "sort_keys": rng.random() < 0.5,
            }
            data = check(schema, value, **options)
            if options["identifier"] in ("ABCD", b"abcd"):
                prefix = {False: 0, True: 4, 8: 8}[options["size_prefixed"]]
                assert data[prefix + 4 : prefix + 8].upper() == b"ABCD"


def test_force_defaults_changes_no_value():
    for seed, rng in generators(60):
        with named(seed):
            schema = flat.Schema(random_schema(rng, WRITABLE))
            value = flat_values.random_value(rng, schema.declarations)
            data = schema.build(value, force_defaults=True)
            schema.verify(data, strict=True)
            root = schema.root(data)
            for field in schema.declarations.objects[schema._place(None)].fields:
                if d.WIDTHS[field.type.base] and field.type.base != d.UTYPE:
                    assert flat.has(root, field.name) or field.flags & d.OPTIONAL
            expected = flat_values.complete(schema.declarations, value)
            assert same(flat_reader.read(schema.declarations, data), expected)


class Thing:
    """An object with attributes."""

    def __init__(self, values):
        self.__dict__.update(values)


def test_objects_with_attributes():
    for seed, rng in generators(60):
        with named(seed):
            schema = flat.Schema(random_schema(rng, WRITABLE))
            value = flat_values.random_value(rng, schema.declarations)
            if value:
                assert schema.build(things(value)) == schema.build(value)


def things(value):
    """The same with objects for tables and structs."""
    if isinstance(value, dict) and value:
        return Thing({name: things(held) for name, held in value.items()})
    return [things(held) for held in value] if isinstance(value, list) else value


def test_vtables_are_shared():
    text = "table I { a: int; b: int; } table T { i: [I]; } root_type T;"
    schema = flat.Schema.from_fbs_text(text)
    one = schema.build({"i": [{"a": 1}]})
    many = schema.build({"i": [{"a": 1 + i} for i in range(100)]})
    assert len(many) == len(one) + 99 * 12  # table of 8 bytes, offset of 4


@pytest.mark.parametrize("seed", range(3))
def test_nothing_depends_on_luck(seed):
    schema = flat.Schema(random_schema(random.Random(seed), WRITABLE))
    value = flat_values.random_value(random.Random(seed), schema.declarations)
    assert schema.build(value) == schema.build(value)


def test_defaults_of_every_width():
    numbers = {"byte": -7, "ubyte": 200, "short": -700, "ushort": 60_000, "int": -7, "long": -7}
    numbers |= {"uint": 2**32 - 9, "ulong": 2**64 - 1, "float": 1.5, "double": -0.1, "bool": True}
    fields = "".join(f"f_{kind}: {kind} = {str(one).lower()};" for kind, one in numbers.items())
    schema = flat.Schema.from_fbs_text(f"table T {{ {fields} }} root_type T;")
    root = schema.root(schema.build({}))
    assert {kind: getattr(root, f"f_{kind}") for kind in numbers} == numbers
    written = {f"f_{kind}": 0 for kind in numbers}
    assert flat.to_dict(schema.root(schema.build(written))) == written
    assert schema.build({f"f_{kind}": one for kind, one in numbers.items()}) == schema.build({})
