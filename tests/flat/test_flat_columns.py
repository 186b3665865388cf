"""Columns of random buffers, path by path, against plain Python."""

from __future__ import annotations

import pickle
from itertools import islice

import flat_values
import flat_writer
import numpy as np
import pyarrow as pa
import pytest
from flat_columns_oracle import Oracle, Place
from flat_schemas import EVERYTHING, random_schema
from hypothesis import given
from hypothesis import strategies as st

from proto.effort import examples, generators, named
from tensorwire import flat
from tensorwire.columns.columns import Columns
from tensorwire.errors import DecodeError
from tensorwire.flat import declarations as d
from tensorwire.flat.schema import Schema


def made(rng, count=1, weird=False):
    """A schema, values of its root and their views."""
    declared = random_schema(rng, EVERYTHING)
    schema = Schema(declared)
    values, views = [], []
    for _ in range(count):
        value = flat_values.random_value(rng, declared, weird=weird)
        data = flat_writer.write(declared, value, rng=rng).data
        views.append(schema.root(data, identifier=False))
        values.append(flat_values.complete(declared, value))
    return declared, values, views


def same(found, wanted):
    """Equal, where NaN is what it looks like; NumPy's floats of 32 bits are Python's."""
    assert repr(found) == repr(wanted)


def compare(columns, oracle, rows, place):
    assert len(columns) == len(rows)
    for path in columns:
        wanted = oracle.expected(rows, place, path)
        same(columns[path].to_pylist(), wanted)


def seeded(count):
    """Runs a test with so many generators."""

    def decorate(test):
        def run():
            for seed, rng in generators(count):
                with named(seed):
                    test(rng)

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


@given(st.randoms(use_true_random=False))
@examples(40)
def test_every_field(rng):
    declared, values, views = made(rng)
    root = Place(d.OBJECT, declared.root)
    absent = rng.choice(("null", "default"))
    oracle = Oracle(declared, absent)
    columns = flat.columns(views[0], absent=absent)
    assert isinstance(columns, Columns)
    assert list(columns) == list(oracle.leaves(root, 1))
    compare(columns, oracle, values, root)


@seeded(100)
def test_some_fields(rng):
    declared, values, views = made(rng)
    root = Place(d.OBJECT, declared.root)
    oracle = Oracle(declared)
    leaves = list(islice(oracle.leaves(root, 2), 5000))
    if not leaves:
        return
    paths = [rng.choice(leaves) for _ in range(rng.randint(1, 6))]
    columns = flat.columns(views[0], paths)
    assert list(columns) == list(dict.fromkeys(paths))
    compare(columns, oracle, values, root)


@seeded(100)
def test_a_row_for_each_element(rng):
    declared, values, views = made(rng)
    root = Place(d.OBJECT, declared.root)
    oracle = Oracle(declared)
    for each, below in oracle.lists(root):
        columns = flat.columns(views[0], each=each)
        assert list(columns) == list(oracle.leaves(below, 1))
        rows = oracle.elements(values, root, each)
        assert len(columns) == len(rows)
        for path in columns:
            same(columns[path].to_pylist(), oracle.expected(rows, below, path))


@seeded(60)
def test_many_rows(rng):
    declared, values, views = made(rng, count=4)
    root = Place(d.OBJECT, declared.root)
    order = [rng.choice((None, 0, 1, 2, 3)) for _ in range(6)]
    order[rng.randrange(6)] = 0
    rows = [None if i is None else values[i] for i in order]
    listed = [None if i is None else views[i] for i in order]
    for absent in ("null", "default"):
        oracle = Oracle(declared, absent)
        compare(flat.columns(listed, absent=absent), oracle, rows, root)
        compare(flat.columns(tuple(listed), absent=absent), oracle, rows, root)


@seeded(60)
def test_vectors_as_rows(rng):
    declared, values, views = made(rng)
    root = Place(d.OBJECT, declared.root)
    oracle = Oracle(declared)
    for name, field in oracle.fields(root).items():
        below = oracle.place(field.type)
        if field.type.base not in (d.VECTOR, d.VECTOR64) or below is None:
            continue
        vector = getattr(views[0], name)
        if below.base == d.UNION:
            with pytest.raises(TypeError, match="not one of strings or unions"):
                flat.columns(vector)
        elif isinstance(vector, np.ndarray):
            with pytest.raises(TypeError, match="a view, a vector of tables"):
                flat.columns(vector)
        else:
            compare(flat.columns(vector), oracle, values[0][name], below)
            if len(vector):
                compare(flat.columns(list(vector)), oracle, values[0][name], below)


@seeded(60)
def test_strings_that_are_not_utf8(rng):
    declared, values, views = made(rng, weird=True)
    root = Place(d.OBJECT, declared.root)
    oracle = Oracle(declared)
    columns = flat.columns(views[0], utf8="skip")
    for path in columns:
        wanted = oracle.expected(values, root, path)
        same(columns[path].to_pylist(), wanted)
        if columns[path].kind == "string" and "b'" in repr(wanted):
            with pytest.raises(DecodeError, match="string is not UTF-8") as caught:
                flat.columns(views[0], [path])
            assert unnumbered(caught.value.path) == path
        else:
            same(flat.columns(views[0], [path])[path].to_pylist(), wanted)


def unnumbered(path):
    """Without the numbers of items."""
    return "".join(part.partition("]")[2] if i else part for i, part in enumerate(path.split("[")))


@seeded(60)
def test_every_field_twice_inside_itself(rng):
    declared, values, views = made(rng)
    root = Place(d.OBJECT, declared.root)
    if len(list(islice(Oracle(declared).leaves(root, 2), 5001))) > 5000:
        return  # too many to look at, or to be allowed
    compare(flat.columns(views[0], depth=2), Oracle(declared), values, root)


@seeded(60)
def test_arrow_has_the_same(rng):
    _, _, views = made(rng)
    for options in ({}, {"strings": "string", "lists": "list"}):
        columns = flat.columns(views[0], **options)
        same(pa.table(columns).to_pylist(), columns.to_pylist())
    names = flat.columns(views[0], enums="name", unsigned="signed", layout="nested")
    table = pa.table(names)
    assert table.num_rows == 1 and table.column_names == [f.name for f in names.data.type.fields]
    table.validate(full=True)


@seeded(40)
def test_columns_without_the_buffer(rng):
    _, _, views = made(rng)
    columns = flat.columns(views[0])
    same(columns.compact().to_pylist(), columns.to_pylist())
    same(pickle.loads(pickle.dumps(columns)).to_pylist(), columns.to_pylist())
