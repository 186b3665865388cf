"""Random trees of columns of random schemas become what upstream makes of the same rows."""

import column_schemas
import encode_trees
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proto import schemas
from proto.effort import examples, generators, named
from tensorwire import proto
from tensorwire.columns.columns import Columns
from tensorwire.proto import encode_batch


def check(rng, world, rows=None):
    """The bytes of all rows."""
    trees = encode_trees.Trees(rng)
    rows = rng.choice((0, 1, 2, 5)) if rows is None else rows
    here = np.array([rng.random() < 0.9 for _ in range(rows)], dtype=bool)
    data = trees.struct(world.descriptor, rows, 3, here)
    want = encode_trees.Messages(trees.sources).rows(world.theirs, data)
    cls = rng.choice((world.theirs, world.ours))
    columns, threads = Columns(data, (), trees.sources), rng.choice((1, 2))
    found = encode_batch(columns, cls, threads=threads, partial=True)
    assert len(found) == rows
    maps, extensions = encode_trees.has_maps(data), encode_trees.has_extensions(data)
    for ours, theirs in zip(found, want, strict=True):
        if ours is None or theirs is None or not (maps or extensions):
            assert ours == theirs
            continue
        again = encode_trees.canonical(cls, ours)
        assert again == encode_trees.canonical(cls, theirs)
        assert len(ours) == len(theirs)
        assert maps or ours == again
    check_round_trip(found, data, cls)
    return found.nbytes


def check_round_trip(found, data, cls):
    """Decoding the fields that the tree has, and encoding that."""
    paths = encode_trees.paths_of(data)
    if paths:
        decoded = proto.decode_batch(found, cls, paths)
        assert encode_batch(decoded, cls, partial=True).to_pylist() == found.to_pylist()


def test_random_schemas():
    total = 0
    for seed, rng in generators(80):
        with named(seed):
            total += check(rng, column_schemas.world(rng))
    assert total > 10_000


@examples(40)
@given(st.randoms(use_true_random=False))
def test_schemas_of_hypothesis(rng):
    check(rng, column_schemas.world(rng))


@pytest.mark.parametrize("name", ["proto2", "proto3"])
def test_the_schema_that_has_everything(name):
    classes = schemas.BY_NAME[name]
    world = column_schemas.World("", classes.theirs["All"], classes.ours["All"])
    for seed, rng in generators(5):
        with named(seed):
            assert check(rng, world, 3)
