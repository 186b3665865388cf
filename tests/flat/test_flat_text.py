"""Random schemas, written as text and parsed, are what they were."""

import random

from flat_schemas import EVERYTHING, random_schema, schemas
from flat_text import schema_text
from hypothesis import given
from hypothesis import strategies as st

from proto.effort import examples
from tensorwire import flat
from tensorwire.flat import declarations as d


def field_values(field, is_struct):
    scalar = d.WIDTHS[field.type.base] and not is_struct
    return (
        field.name, field.type, field.id, field.offset, repr(field.default) if scalar else None,
        field.flags, field.force_align, field.nested,
    )  # fmt: skip


def values(schema):
    """Everything in it, by name, comparable."""
    objects = {
        obj.name: (obj.is_struct, obj.align, obj.size,
                   [field_values(field, obj.is_struct) for field in obj.fields])
        for obj in schema.objects
    }  # fmt: skip
    enums = {
        enum.name: (enum.base, enum.is_union, enum.bit_flags,
                    [(value.name, value.value, value.type) for value in enum.values])
        for enum in schema.enums
    }  # fmt: skip
    return objects, enums, schema.root, schema.identifier, schema.extension


@given(schemas(EVERYTHING), st.integers(0, 2**32))
@examples(80)
def test_text_and_back(schema, seed):
    parsed = flat.Schema.from_fbs_text(schema_text(schema, random.Random(seed))).declarations
    assert values(parsed) == values(schema)


def test_text_is_the_same_each_time():
    schema = random_schema(random.Random(7))
    assert schema_text(schema) == schema_text(schema)
