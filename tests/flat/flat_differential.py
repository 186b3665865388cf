"""One mutant, judged by the native verifier and by the oracle; accepted, its views are read."""

from __future__ import annotations

from typing import Any, NamedTuple

import flat_oracle
import flat_reader
import flat_values
import flat_writer
from flat_mutate import mutant
from flat_native import Native
from flat_oracle import Rules
from flat_plain import expected, plain
from flat_schemas import EVERYTHING, Features, random_schema

from tensorwire import flat
from tensorwire.flat import declarations as d

MOST_TABLES = 3000  # of what is read in full: damage may share subtrees again and again


class World:
    """A random schema with everything that judges it."""

    def __init__(self, rng: Any, features: Features = EVERYTHING) -> None:
        self.schema = random_schema(rng, features)
        self.tables = [obj.name for obj in self.schema.objects if not obj.is_struct]
        self.native = Native(self.schema)
        self.views = flat.Schema(self.schema)


class Sample(NamedTuple):
    """Bytes that were written, and how they want to be read."""

    root: str
    prefix: int
    value: Any
    written: flat_writer.Written


def sample(rng: Any, world: World, weird: float = 0.3) -> Sample:
    """A random value of a random table in a random layout."""
    root = rng.choice(world.tables)
    value = flat_values.random_value(
        rng, world.schema, root, weird=rng.random() < weird, presence=rng.choice((0.3, 0.7, 1.0))
    )
    prefix = rng.choice((0, 0, 0, 4, 8))
    layout = flat_writer.random_layout(rng, prefix, rng.choice((0, 0.3)))
    return Sample(root, prefix, value, flat_writer.write(world.schema, value, root, layout, rng))


def random_rules(rng: Any, schema: d.Declarations, prefix: int) -> Rules:
    """Options; tables are limited by neither, as each counts them in its way."""
    return Rules(
        strict=rng.random() < 0.4, prefix=prefix, max_tables=None,
        identifier=rng.choice((None, None, None, schema.identifier or None, "TEST")),
        max_depth=rng.choice((64, 64, 64, 2, 3)),
    )  # fmt: skip


def check_verdict(world: World, data: Any, root: str, rules: Rules) -> flat_oracle.Verdict:
    """Both say the same, and of a fault the same path; that is returned."""
    theirs = flat_oracle.verify(world.schema, bytes(data), root, rules)
    ours = world.native.verify(data, root, rules)
    assert ours.ok == theirs.ok, (ours, theirs, rules)
    assert ours.path == theirs.path, (ours, theirs, rules)
    if ours.ok:
        assert ours.depth == theirs.depth, (ours, theirs, rules)
    return theirs


def check_reading(world: World, data: Any, root: str, prefix: int, value: Any = None) -> None:
    """Every field of every view is what the plain reader finds; nothing raises."""
    if value is None:
        value = flat_reader.read(world.schema, bytes(data), root, prefix=prefix)
    view = world.views.root(data, root, size_prefixed=prefix, identifier=False, borrow=True)
    got, wanted = plain(view), expected(value)
    assert repr(got) == repr(wanted)


def check(rng: Any, world: World, mutants: int, place: Any = bytes) -> None:
    """One sample and so many mutants. ``place`` puts bytes where they shall be read."""
    made = sample(rng, world)
    whole = flat_values.complete(world.schema, made.value, made.root)
    lenient = Rules(prefix=made.prefix, max_tables=None)
    data = place(made.written.data)
    if len(data) == len(made.written.data):
        verdict = check_verdict(world, data, made.root, lenient)
        assert verdict.ok, verdict
        if verdict.tables < MOST_TABLES:
            check_reading(world, data, made.root, made.prefix, whole)
    for _ in range(mutants):
        data = place(mutant(rng, made.written))
        rules = random_rules(rng, world.schema, made.prefix)
        verdict = check_verdict(world, data, made.root, rules)
        readable = verdict.ok and verdict.tables < MOST_TABLES
        if readable and rules.identifier is None and rules.max_depth == 64:
            check_reading(world, data, made.root, made.prefix)
