"""The native verifier, and views of what it accepts, against plain Python on random schemas."""

import flat_oracle
import flat_values
import flat_writer
import pytest
from flat_differential import World, check, check_verdict, sample
from flat_native import Native
from flat_oracle import Rules
from flat_schemas import EVERYTHING
from hypothesis import given
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from proto.effort import examples, generators, named
from tensorwire import flat
from tensorwire.errors import DecodeError

CAPACITY = 1 << 17


@given(st.randoms(use_true_random=False))
@examples(60)
def test_verdicts_and_values(rng):
    check(rng, World(rng), mutants=4)


def test_verdicts_and_values_of_many_mutants():
    for seed, rng in generators(25):
        with named(seed):
            world = World(rng)
            for _ in range(3):
                check(rng, world, mutants=25)


@given(flat_values.cases(weird=False))
@examples(40)
def test_honest_buffers_are_strictly_right(case):
    found = Native(case.schema).verify(case.data, rules=Rules(strict=True))
    assert found.ok, found


@needs_guard_pages
def test_nothing_outside_is_read():
    memory = Guarded(CAPACITY)
    for seed, rng in generators(25):
        with named(seed):
            world = World(rng)
            check(rng, world, 15, lambda data: memory.at_end(data[:CAPACITY]))
            check(rng, world, 15, lambda data: memory.at_start(data[:CAPACITY]))


@needs_guard_pages
def test_every_truncation():
    memory = Guarded(CAPACITY)
    for seed, rng in generators(8):
        with named(seed):
            world = World(rng)
            made = sample(rng, world)
            data = made.written.data[:600]
            for length in range(len(data)):
                for strict in (False, True):
                    rules = Rules(strict=strict, prefix=made.prefix, max_tables=None)
                    check_verdict(world, memory.at_end(data[:length]), made.root, rules)


def test_counts_are_those_of_the_oracle_where_nothing_is_shared():
    for seed, rng in generators(40):
        with named(seed):
            case = flat_values.random_case(rng)
            data = flat_writer.write(case.schema, case.value, layout=flat_writer.PLAIN).data
            wanted = flat_oracle.verify(case.schema, data)
            found = flat.Schema(case.schema).verify(data)
            assert (found.tables, found.depth, found.size) == (
                wanted.tables, wanted.depth, len(data)
            )  # fmt: skip


def test_limits_of_tables_and_depth_are_exact():
    for seed, rng in generators(40):
        with named(seed):
            case = flat_values.random_case(rng, EVERYTHING._replace(nested=0))
            data = flat_writer.write(case.schema, case.value, layout=flat_writer.PLAIN).data
            native, plain = Native(case.schema), flat_oracle.verify(case.schema, data)
            for change, wanted in ((0, None), (-1, "depth")):
                rules = Rules(max_depth=plain.depth + change)
                assert native.verify(data, rules=rules).reason == wanted
            for change, wanted in ((0, None), (-1, "tables")):
                if plain.tables + change > 0:
                    rules = Rules(max_tables=plain.tables + change)
                    assert native.verify(data, rules=rules).reason == wanted


def test_an_identifier_is_of_the_root_type_alone():
    for seed, rng in generators(30):
        with named(seed):
            world = World(rng)
            if not world.schema.identifier:
                continue
            value = flat_values.random_value(rng, world.schema)
            data = bytearray(flat_writer.write(world.schema, value).data)
            world.views.verify(data)
            data[4] ^= 1
            world.views.verify(data, identifier=False)
            with pytest.raises(DecodeError, match="identifier") as caught:
                world.views.verify(data)
            assert caught.value.offset == 4
