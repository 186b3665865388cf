"""``.bfbs`` files: what they declare, and what they may not."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import flat_writer
import pytest
from flat_bfbs_value import schema_value
from flat_facts import facts
from flat_flatc import compiled, needs_flatc
from flat_mutate import mutant
from flat_schemas import schemas
from hypothesis import given, settings

from tensorwire import flat
from tensorwire.errors import DecodeError, LimitError, SchemaError
from tensorwire.flat import reflection_rows
from tensorwire.flat.bfbs import declarations_of_bfbs
from tensorwire.flat.fbs import parse_file, parse_text
from tensorwire.flat.rows import declarations_of

REFLECTION = declarations_of(reflection_rows)

TEXT = """
    namespace zoo;
    enum Diet : short { Plants = -1, Meat = 1 }
    enum Flags : ulong (bit_flags) { A, Z = 62, Far = 63 }
    struct Point { x:byte; y:double; }
    struct Spot (force_align: 16) { at:Point; rgb:[ushort:3]; }
    table Cave { depth:ulong = 5; next:Cave; }
    table Alone {}
    union Home { Cave, word:string, Spot }
    table Animal (private) {
        name:string (key); diet:Diet = Meat; flags:Flags = Z; tame:bool = true; legs:int = null;
        weight:float = nan; home:Home; homes:[Home]; spots:[Spot]; spot:Spot;
        nested:[ubyte] (nested_flatbuffer: "Cave", force_align: 16); flex:[ubyte] (flexbuffer);
        far:[double] (vector64); old:string (deprecated); need:[string] (required);
    }
    root_type Animal; file_identifier "ZOO1"; file_extension "zoo";
"""


def encoded(value):
    return flat_writer.write(REFLECTION, value).data


def example():
    """A fresh value to change."""
    return schema_value(parse_text(TEXT))


def named(many, name):
    return next(one for one in many if one["name"] == name)


def animal(value, field):
    return named(named(value["objects"], "zoo.Animal")["fields"], field)


class TestRead:
    def test_everything(self):
        assert facts(declarations_of_bfbs(encoded(example()))) == facts(parse_text(TEXT))

    def test_a_file(self, tmp_path):
        path = tmp_path / "zoo.bfbs"
        path.write_bytes(encoded(example()))
        schema = flat.Schema.from_bfbs(path)
        assert schema.root_type == "zoo.Animal" and schema["zoo.Diet"].Plants == -1

    def test_itself(self):
        data = encoded(schema_value(REFLECTION))
        assert facts(declarations_of_bfbs(data)) == facts(REFLECTION)

    def test_without_root_identifier_and_attributes(self):
        value = example()
        for name in ("root_table", "file_ident", "file_ext"):
            value.pop(name)
        for one in (*value["objects"], *value["enums"]):
            one.pop("attributes")
        found = declarations_of_bfbs(encoded(value))
        assert (found.root, found.identifier, found.extension) == (None, "", "")
        assert not next(one for one in found.enums if one.name == "zoo.Flags").bit_flags

    @given(schemas())
    @settings(max_examples=40)
    def test_any_schema(self, schema):
        assert facts(declarations_of_bfbs(encoded(schema_value(schema)))) == facts(schema)

    def test_names_of_nested_roots(self):
        """Innermost namespace first; then any table of that name, if it is the only one."""
        text = """namespace b; table Far {} namespace a; table Near {} namespace a.x;
                  table T { f:[ubyte] (nested_flatbuffer: "%s"); }"""
        for name, found in (("a.Near", "a.Near"), ("Near", "a.Near"), ("Far", "b.Far")):
            value = schema_value(parse_text(text % "a.Near"))
            attributes = named(value["objects"], "a.x.T")["fields"][0]["attributes"]
            attributes[0]["value"] = name
            declared = declarations_of_bfbs(encoded(value))
            table = next(one for one in declared.objects if one.name == "a.x.T")
            assert table.fields[0].nested == found


@needs_flatc
class TestFlatc:
    def test_what_it_writes(self, tmp_path):
        path = tmp_path / "zoo.fbs"
        path.write_text(TEXT)
        assert facts(declarations_of_bfbs(compiled(path, tmp_path))) == facts(parse_text(TEXT))

    def test_its_own_schema(self, tmp_path):
        """The shipped table of ``reflection.fbs``, where there is such a file."""
        package = importlib.util.find_spec("zlmdb")
        folders = package.submodule_search_locations or () if package is not None else ()
        paths = [Path(folder) / "flatbuffers" / "reflection.fbs" for folder in folders]
        if not paths or not paths[0].is_file():
            pytest.skip("zlmdb is not installed")
        assert facts(parse_file(paths[0])) == facts(REFLECTION)
        assert facts(declarations_of_bfbs(compiled(paths[0], tmp_path))) == facts(REFLECTION)


def change(path, to):
    """Sets what is at the dotted ``path``, from the root or from a field of ``zoo.Animal``."""

    def apply(value):
        first, *rest, last = path.split(".")
        at = value if first == "root" else animal(value, first)
        for name in rest:
            at = named(at, name.replace("/", ".")) if isinstance(at, list) else at[name]
        at[last] = to

    return apply


WRONG = [
    (change("root.objects.zoo/Alone.name", "zoo.Diet"), "two types have the same name"),
    (change("root.objects.zoo/Alone.name", "zoo.Point"), "two types have the same name"),
    (change("root.objects.zoo/Alone.name", "zoo."), "'zoo.' is no name of a type"),
    (change("root.objects.zoo/Alone.name", "zoo.Caf\u00e9"), "is no name of a type"),
    (change("root.objects.zoo/Alone.name", "a." * 70 + "b"), "is no name of a type"),
    (change("root.file_ident", "ZOO"), "identifier 'ZOO' has not four bytes"),
    (change("legs.type.index", 99), "its type has number 99 of 3"),
    (change("spot.type.index", -1), "its type has number -1 of 5"),
    (change("spot.type.index", 5), "its type has number 5 of 5"),
    (change("home.type.index", 0), "zoo.Diet is no union"),
    (change("diet.type.index", 2), "a union and the field of its member are apart"),
    (change("diet.type.index", 1), "of type 5, and its enum of type 10"),
    (change("legs.type.base_type", 19), "unknown base type 19"),
    (change("legs.type.base_type", -1), "unknown base type -1"),
    (change("legs.type.base_type", 0), "type 0 of 0 is none"),
    (change("spots.type.element", 14), "type 14 of 14 is none"),
    (change("spots.type.element", 0), "type 14 of 0 is none"),
    (change("legs.type", {"base_type": 17, "element": 7, "fixed_length": 2}), "a fixed array in"),
    (change("name.name", "diet"), "two fields have the same name"),
    (change("name.name", "a b"), "'a b' is no name"),
    (change("legs.id", 3), "offset 12 with id 3"),
    (change("name.id", 1), "id 1 where 0 follows"),
    (change("legs.offset", 6), "offset 6 with id 4"),
    (change("legs.key", True), "has two keys"),
    (change("legs.required", True), "a scalar is never required"),
    (change("legs.offset64", True), "no type that offsets of 64 bits lead to"),
    (change("flags.default_integer", -1), None),
    (change("diet.default_integer", 40000), "default 40000 does not fit"),
    (change("homes.name", "houses"), "homes_type is not of its member"),
    (change("home_type.type", {"base_type": 4}), "a union and the field of its member are apart"),
    (change("tame.type", {"base_type": 1, "index": 2}), "are apart"),
    (change("nested.type.element", 3), "a buffer in what is no vector of ubyte"),
    (change("nested.attributes", [{"key": "nested_flatbuffer", "value": "Gone"}]), "no table"),
    (change("nested.attributes", [{"key": "nested_flatbuffer", "value": "Spot"}]), "is a struct"),
    (change("nested.attributes", [{"key": "force_align", "value": "7"}]), "force_align is '7'"),
    (change("nested.attributes", [{"key": "a"}, {"key": "a"}]), "attribute 'a' is there twice"),
    (change("root.objects.zoo/Point.bytesize", 24), "struct zoo.Point: wrong size"),
    (change("root.objects.zoo/Point.minalign", 4), "force_align is 4, must be 8 or more"),
    (change("root.objects.zoo/Point.minalign", -8), "alignment"),
    (change("root.objects.zoo/Point.minalign", 24), "alignment"),
    (change("root.objects.zoo/Point.fields.y.offset", 1), "wrong places of its fields"),
    (change("root.objects.zoo/Point.fields.y.optional", True), "never optional"),
    (change("root.objects.zoo/Point.fields.y.type.base_type", 13), "structs hold scalars"),
    (change("root.objects.zoo/Point.fields", []), "struct zoo.Point has no fields"),
    (change("root.objects.zoo/Point.is_struct", False), "offset 0 with id 0"),
    (change("root.objects.zoo/Alone.is_struct", True), "has no fields"),
    (change("root.enums.zoo/Diet.underlying_type.base_type", 11), "an enum of type 11"),
    (change("root.enums.zoo/Diet.underlying_type.base_type", 2), "an enum of type 2"),
    (change("root.enums.zoo/Diet.underlying_type.base_type", 1), "an enum of type 1"),
    (change("root.enums.zoo/Diet.values.Meat.value", 40000), "does not fit its type"),
    (change("root.enums.zoo/Diet.values.Meat.value", -1), "a name or number is there twice"),
    (change("root.enums.zoo/Diet.values.Meat.name", "Plants"), "a name or number is there twice"),
    (change("root.enums.zoo/Diet.values.Meat.name", "1x"), "'1x' is no name"),
    (change("root.enums.zoo/Home.values.Cave.union_type.base_type", 7), "members of unions are"),
    (change("root.enums.zoo/Home.values.Cave.union_type.index", 7), "its type has number 7 of 5"),
    (change("root.enums.zoo/Home.values.Cave.value", 0), "0 is for no member"),
    (change("root.enums.zoo/Home.values.NONE.value", 9), "0 is for no member"),
]  # fmt: skip


@pytest.mark.parametrize(("apply", "reason"), WRONG)
def test_contradictions(apply, reason):
    value = example()
    apply(value)
    if reason is None:
        assert declarations_of_bfbs(encoded(value))
        return
    with pytest.raises(SchemaError) as caught:
        declarations_of_bfbs(encoded(value))
    assert reason in str(caught.value)


def test_the_root_is_a_table_that_is_there():
    value = example()
    value["root_table"] = named(value["objects"], "zoo.Point")
    with pytest.raises(SchemaError, match=r"the root, 'zoo.Point', is no table"):
        declarations_of_bfbs(encoded(value))
    value["root_table"] = value["root_table"] | {"name": "Gone"}
    with pytest.raises(SchemaError, match="the root, 'Gone', is no table"):
        declarations_of_bfbs(encoded(value))


def test_structs_in_circles():
    value = schema_value(parse_text("struct A { x:int; } struct B { a:A; }"))
    named(value["objects"], "A")["fields"][0]["type"] = {"base_type": 15, "index": 1}
    with pytest.raises(SchemaError, match="contains itself"):
        declarations_of_bfbs(encoded(value))


@pytest.mark.parametrize("data", [b"", b"x" * 11, b"\x08\0\0\0BFBS", bytes(100)])
def test_no_such_file(data):
    with pytest.raises(DecodeError):
        declarations_of_bfbs(data)


def test_shared_parts_do_not_multiply():
    """300 tables that share one vector of 3000 fields: a million fields in 120 kB."""
    fields = [
        {"name": f"f{i}", "type": {"base_type": 7}, "id": i, "offset": 4 + 2 * i}
        for i in range(3000)
    ]
    objects = [{"name": f"T{i:04}", "fields": fields} for i in range(300)]
    written = flat_writer.write(
        REFLECTION, {"objects": objects, "enums": []}, layout=flat_writer.Layout(share=1.0)
    )
    assert len(written.data) < 300_000
    with pytest.raises(SchemaError, match="parts of it are shared"):
        declarations_of_bfbs(written.data)


def test_mutants_are_read_or_refused():
    written = flat_writer.write(REFLECTION, example())
    rng = random.Random(5)
    read = 0
    for _ in range(1500):
        data = mutant(rng, written)
        try:
            declarations_of_bfbs(data)
            read += 1
        except (DecodeError, SchemaError, LimitError):
            pass
    assert read


def test_truncations():
    data = encoded(example())
    for stop in range(0, len(data), 7):
        with pytest.raises((DecodeError, SchemaError, LimitError)):
            declarations_of_bfbs(data[:stop])
