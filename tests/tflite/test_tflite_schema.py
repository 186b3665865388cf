"""The shipped rows say what LiteRT's generated classes say: every slot, default, enum and union."""

import inspect
import os
import re

import pytest

from tensorwire.flat import declarations as kinds
from tensorwire.flat.rows import declarations_of
from tensorwire.formats.tflite import schema

generated = pytest.importorskip("ai_edge_litert.schema_py_generated")

DECLARED = declarations_of(schema)
TABLES = {table.name.partition(".")[2]: table for table in DECLARED.objects}
ENUMS = {enum.name.partition(".")[2]: enum for enum in DECLARED.enums}

# Written by the generator for each field: the slot's type, number and default.
ADD = re.compile(
    r"^def (\w+Add\w+)\(builder, \w+\):\n"
    r"    builder\.Prepend(\w+?)Slot\((\d+), .*, ([-\w.]+)\)$",
    re.MULTILINE,
)
START = re.compile(r"^def (\w+)Start\(builder\):\n    builder\.StartObject\((\d+)\)$", re.MULTILINE)
VECTOR = re.compile(
    r"^def (\w+Start\w+)Vector\(builder, \w+\):\n"
    r"    return builder\.StartVector\((\d+), \w+, \d+\)$",
    re.MULTILINE,
)
CODE = inspect.getsource(generated)

BASES = {
    "Bool": kinds.BOOL, "Int8": kinds.INT8, "Uint8": kinds.UINT8, "Int32": kinds.INT32,
    "Uint32": kinds.UINT32, "Int64": kinds.INT64, "Uint64": kinds.UINT64,
    "Float32": kinds.FLOAT32,
}  # fmt: skip
OFFSETS = {kinds.STRING, kinds.VECTOR, kinds.OBJECT, kinds.UNION}


def fields():
    """Those the generator writes: deprecated ones only keep their place."""
    every = [field for table in TABLES.values() for field in table.fields]
    return [field for field in every if not field.flags & kinds.DEPRECATED]


def camel(name):
    """The generator's name of a field, made unlike any other by case alone."""
    return name.replace("_", "").lower()


def field_of(name, between):
    """The field that ``<table><between><field>`` names: names of tables contain ``Add``, too."""
    for table in TABLES.values():
        start = f"{table.name.partition('.')[2]}{between}"
        if name.startswith(start):
            wanted = camel(name[len(start) :])
            return next((each for each in table.fields if camel(each.name) == wanted), None)
    return None


def test_every_table_has_its_slots():
    found = {name: int(slots) for name, slots in START.findall(CODE)}
    listed = {
        name: max((field.id + 1 for field in table.fields), default=0)
        for name, table in TABLES.items()
    }
    assert found == listed


def test_every_field_has_its_slot_type_and_default():
    seen = set()
    for name, kind, slot, default in ADD.findall(CODE):
        mine = field_of(name, "Add")
        assert mine.id == int(slot) and mine.offset == 4 + 2 * int(slot), name
        if kind == "UOffsetTRelative":
            assert mine.type.base in OFFSETS, name
        else:
            base = kinds.UINT8 if mine.type.base == kinds.UTYPE else mine.type.base
            assert base == BASES[kind], name
            assert float(mine.default) == float({"True": 1, "False": 0}.get(default, default)), name
        seen.add(mine)
    assert seen == set(fields()) and len(seen) > 300


def test_every_vector_has_its_width():
    widths = {kinds.STRING: 4, kinds.OBJECT: 4}
    seen = set()
    for name, width in VECTOR.findall(CODE):
        mine = field_of(name, "Start")
        element = mine.type.element
        assert mine.type.base == kinds.VECTOR, name
        assert (widths.get(element) or kinds.WIDTHS[element]) == int(width), name
        seen.add(mine)
    assert seen == {field for field in fields() if field.type.base == kinds.VECTOR}


@pytest.mark.parametrize("name", ENUMS)
def test_every_enum_has_its_values(name):
    theirs = getattr(generated, name)
    listed = {key: value for key, value in vars(theirs).items() if not key.startswith("_")}
    assert {value.name: value.value for value in ENUMS[name].values} == listed


#: Fields of the generated classes that the published schema does not have yet.
NEWER = {("BlockwiseQuantization", "block_shape"), ("FullyConnectedOptions", "quant_spec")}


@pytest.mark.skipif("TENSORWIRE_TFLITE_FBS" not in os.environ, reason="names LiteRT's schema.fbs")
def test_the_published_schema():
    from tensorwire import flat

    theirs = flat.Schema.from_fbs(os.environ["TENSORWIRE_TFLITE_FBS"]).declarations
    assert (theirs.root, theirs.identifier, theirs.extension) == (
        DECLARED.root, DECLARED.identifier, DECLARED.extension,
    )  # fmt: skip
    assert {table.name for table in theirs.objects} == {table.name for table in DECLARED.objects}

    def listed(declarations):
        return {
            (table.name.partition(".")[2], field.name): (
                field.id, field.offset, field.type, float(field.default or 0), field.force_align,
                field.flags & kinds.DEPRECATED,
            )
            for table in declarations.objects
            for field in table.fields
        }  # fmt: skip

    mine = listed(DECLARED)
    assert {field for field in mine if field in NEWER} == NEWER
    assert {key: value for key, value in mine.items() if key not in NEWER} == listed(theirs)
    for enum in theirs.enums:
        found = ENUMS[enum.name.partition(".")[2]]
        assert (found.base, found.is_union) == (enum.base, enum.is_union)
        assert [(v.name, v.value, v.type) for v in found.values] == [
            (v.name, v.value, v.type) for v in enum.values
        ]


def test_what_the_generator_does_not_write():
    assert (DECLARED.root, DECLARED.identifier, DECLARED.extension) == (
        "tflite.Model", "TFL3", "tflite",
    )  # fmt: skip
    assert TABLES["Buffer"].fields[0].force_align == 16
    assert TABLES["Uint8Vector"].fields[0].force_align == 4
