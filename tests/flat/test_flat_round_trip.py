"""Built, verified, read and built again: random schemas and values, judged by plain Python."""

import flat_oracle
import flat_reader
import flat_values
import pytest
from flat_differential import World
from flat_oracle import Rules
from flat_plain import expected, plain
from hypothesis import given
from hypothesis import strategies as st

from proto.effort import examples, generators, named
from tensorwire import flat

LIMITLESS = 3000  # tables that are worth reading in full


def check(rng, world, **options) -> None:
    """What `Schema.build` makes of a value is strictly right, and says the same each way."""
    root = rng.choice(world.tables)
    value = flat_values.random_value(rng, world.schema, root, deprecated=False)
    wanted = expected(flat_values.complete(world.schema, value, root))
    data = world.views.build(value, root, **options)
    prefix = options.get("size_prefixed", 0)
    rules = Rules(strict=True, prefix=prefix, max_tables=None)
    verdict = flat_oracle.verify(world.schema, bytes(data), root, rules)
    assert verdict.ok, verdict
    if verdict.tables > LIMITLESS:
        return
    read = flat_reader.read(world.schema, bytes(data), root, prefix=prefix)
    assert repr(expected(read)) == repr(wanted)
    view = world.views.root(data, root, size_prefixed=prefix, strict=True)
    assert repr(plain(view)) == repr(wanted)
    for again in (view, flat.to_dict(view), flat.to_dict(view, arrays=False)):
        rebuilt = world.views.root(world.views.build(again, root), root, strict=True)
        assert repr(plain(rebuilt)) == repr(wanted)


@given(st.randoms(use_true_random=False))
@examples(60)
def test_random_values(rng):
    check(rng, World(rng))


@pytest.mark.parametrize(
    "options",
    [{"size_prefixed": 4}, {"size_prefixed": 8}, {"force_defaults": True}, {"share_strings": True},
     {"sort_keys": True}, {"identifier": False}],
)  # fmt: skip
def test_options(options):
    for seed, rng in generators(12):
        with named(seed):
            world = World(rng)
            if options == {"identifier": False} and world.schema.identifier:
                continue
            check(rng, world, **options)
