"""Random schemas, as text: what is parsed is what was written, and what flatc makes of it."""

from __future__ import annotations

import random

from flat_facts import facts
from flat_flatc import FLATC, compiled, needs_flatc
from flat_schemas import random_schema, schemas
from flat_text import schema_text
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorwire.errors import SchemaError
from tensorwire.flat.bfbs import declarations_of_bfbs
from tensorwire.flat.declarations import UTYPE
from tensorwire.flat.fbs import parse_text
from tensorwire.flat.rows import declarations_of
from tensorwire.formats.tflite import schema as tflite_rows


@given(schemas(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_text_and_back(schema, rng):
    assert facts(parse_text(schema_text(schema, rng))) == facts(schema)


@needs_flatc
def test_as_flatc(tmp_path):
    path = tmp_path / "schema.fbs"
    made = [random_schema(random.Random(seed)) for seed in range(60)]
    alike = [one for one in made if not writes_otherwise(one)]
    assert len(alike) > 20
    for seed, schema in enumerate(alike[:25]):
        text = schema_text(schema, random.Random(seed))
        path.write_text(text, encoding="utf-8")
        data = compiled(path, tmp_path)
        assert isinstance(data, bytes), data
        assert facts(declarations_of_bfbs(data)) == facts(parse_text(text))


def writes_otherwise(schema):
    """What flatc's `.bfbs` says otherwise than its C++ and we do: types of a ``union U: int`` are
    bytes, and defaults of 64 bits without sign 0 beyond the 63rd bit."""
    wide = any(enum.is_union and enum.base != UTYPE for enum in schema.enums)
    fields = [field for one in schema.objects for field in one.fields]
    return wide or any((field.default or 0) >= 1 << 63 for field in fields)


def test_a_large_schema(tmp_path):
    """TFLite's, from its shipped table: 170 tables."""
    schema = declarations_of(tflite_rows)
    text = schema_text(schema, random.Random(1))
    assert facts(parse_text(text)) == facts(schema)
    if FLATC is not None:
        path = tmp_path / "tflite.fbs"
        path.write_text(text, encoding="utf-8")
        assert facts(declarations_of_bfbs(compiled(path, tmp_path))) == facts(schema)


@given(schemas(), st.data())
@settings(max_examples=60)
def test_what_is_broken_is_refused_or_read(schema, data):
    """Any part cut out or repeated: there is no other error."""
    text = schema_text(schema)
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 40)))
    for broken in (text[:start] + text[stop:], text[:stop] + text[start:]):
        error = error_of(broken)
        assert error is None or (error.line is not None and str(error).startswith("line "))


@given(st.text(alphabet='{}()[]<>,:;=."\'/*+-0x1eaT \n\\tableinuostr', max_size=200))
def test_any_characters(text):
    error = error_of("table T {" + text)
    assert error is None or error.line is not None


def error_of(text):
    """What is wrong with the text, or None."""
    try:
        parse_text(text)
    except SchemaError as error:
        return error
    return None
