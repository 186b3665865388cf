"""The tests' own writer and reader agree, and upstream reads what the writer wrote."""

import random

import flat_reader
import flat_values
import flat_writer
from flat_schemas import random_schema
from hypothesis import given

from proto.effort import examples, generators, named


def same(left, right) -> bool:
    """Equal, where NaN is what it looks like."""
    return repr(left) == repr(right)


@given(flat_values.cases(weird=True))
@examples(60)
def test_what_is_written_is_read(case):
    expected = flat_values.complete(case.schema, case.value)
    assert same(flat_reader.read(case.schema, case.data), expected)


def test_every_layout_means_the_same():
    for seed, rng in generators(60):
        with named(seed):
            schema = random_schema(rng)
            value = flat_values.random_value(rng, schema, weird=True)
            expected = flat_values.complete(schema, value)
            for prefix in (0, 4, 8):
                layout = flat_writer.random_layout(rng, prefix, misaligned=0.5)
                data = flat_writer.write(schema, value, layout=layout, rng=rng).data
                assert same(flat_reader.read(schema, data, prefix=prefix), expected), layout


def test_every_spot_is_inside():
    for seed, rng in generators(40):
        with named(seed):
            written = flat_values.random_case(rng).written
            assert all(0 <= s.start <= len(written.data) - s.width for s in written.spots)
            assert written.starts[0] == 0


def test_a_plain_layout_needs_no_luck():
    schema = random_schema(random.Random(3))
    value = flat_values.random_value(random.Random(4), schema)
    assert flat_writer.write(schema, value) == flat_writer.write(schema, value)
