"""What views can be asked beside their values: presence, elements, keys, nested buffers."""

import gc
import random

import flat_plain
import flat_reader
import flat_values
import flat_writer
import numpy as np
import pytest
from flat_differential import World
from flat_schemas import EVERYTHING

from proto.effort import generators, named
from tensorwire import flat
from tensorwire._core.flat_vector import FlatVector
from tensorwire._core.flat_view import FlatStruct, FlatTable
from tensorwire.flat import declarations as d
from tensorwire.mapping import open_source


def samples(count, features=EVERYTHING, **options):
    """World, root, value and view of so many seeds."""
    for seed, rng in generators(count):
        with named(seed):
            world = World(rng, features)
            root = rng.choice(world.tables)
            value = flat_values.random_value(rng, world.schema, root, **options)
            data = flat_writer.write(world.schema, value, root, rng=rng).data
            yield world, root, value, world.views.root(data, root, identifier=False)


def fields_of(world, name):
    return next(obj for obj in world.schema.objects if obj.name == name).fields


def tables_below(world, name, value, view, left=200):
    """Every table with its value, as far as tables lie in tables and vectors of them."""
    yield name, value, view
    tables = set(world.tables)
    for field in fields_of(world, name):
        inner = value.get(field.name)
        if inner is None or field.flags & d.DEPRECATED or field.type.ref not in tables:
            continue
        found = getattr(view, field.name)
        pairs = [(inner, found)] if field.type.base == d.OBJECT else zip(inner, found, strict=True)
        for one, of in pairs:
            if left > 0:
                left -= 1
                yield from tables_below(world, field.type.ref, one, of, left // 4)


def test_has_tells_what_was_written():
    for world, root, value, view in samples(40):
        for name, inner, table in tables_below(world, root, value, view):
            for field in fields_of(world, name):
                if not field.flags & d.DEPRECATED:
                    assert flat.has(table, field.name) == (inner.get(field.name) is not None)
            with pytest.raises(AttributeError, match="no field 'f99'"):
                flat.has(table, "f99")


def test_sequences_behave_like_lists():
    for _, _, _, view in samples(40):
        for name in flat.fields(view):
            found = getattr(view, name)
            if not isinstance(found, FlatVector):
                continue
            wanted = [flat_plain.plain(one) for one in found]
            count = len(found)
            assert count == len(wanted)
            for i in range(-count, count):
                assert repr(flat_plain.plain(found[i])) == repr(wanted[i])
            for cut in (slice(None), slice(1, -1), slice(None, None, -1), slice(-99, 99, 2)):
                assert repr([flat_plain.plain(one) for one in found[cut]]) == repr(wanted[cut])
            for beyond in (count, -count - 1, 2**70):
                with pytest.raises(IndexError):
                    found[beyond]


def test_every_key_is_found():
    rng, met = random.Random(1), 0
    for world, root, value, view in samples(120, presence=1.0, depth=1):
        for field in fields_of(world, root):
            keys = [f for f in fields_of(world, field.type.ref) if f.flags & d.KEY] if (
                field.type.ref in world.tables and field.type.base == d.VECTOR) else []  # fmt: skip
            if not keys or field.flags & d.DEPRECATED:
                continue
            met += 1
            key, vector = keys[0], getattr(view, field.name)
            wanted = [one.get(key.name, key.default) for one in value.get(field.name, [])]
            for one in wanted:
                assert flat_plain.plain(getattr(vector.lookup(one), key.name)) == one
            missing = "missing" if key.type.base == d.STRING else rng.choice((77, -1, 2**80))
            if missing not in wanted:
                assert vector.lookup(missing) is None
                assert vector.lookup(missing, 5) == 5
    assert met > 2


def test_nested_buffers_are_read_as_what_they_are():
    met = 0
    for world, root, value, view in samples(100):
        for name, inner, table in tables_below(world, root, value, view):
            for field in fields_of(world, name):
                if field.nested is None or field.flags & d.DEPRECATED:
                    continue
                data = inner.get(field.name)
                if data is None:
                    assert flat.nested(table, field.name) is None
                    continue
                met += 1
                wanted = flat_reader.read(world.schema, data, field.nested)
                found = flat_plain.plain(flat.nested(table, field.name))
                assert repr(found) == repr(flat_plain.expected(wanted))
    assert met > 10


def test_views_are_places():
    for _, _, _, view in samples(30):
        for name in flat.fields(view):
            first, second = getattr(view, name), getattr(view, name)
            if isinstance(first, (FlatTable, FlatStruct)):
                assert first == second and hash(first) == hash(second) and first != view
                assert flat.offset(first) == flat.offset(second)
            if isinstance(first, np.ndarray):
                assert not first.flags.writeable
                with pytest.raises(ValueError, match="WRITEABLE"):
                    first.flags.writeable = True
            with pytest.raises(AttributeError):
                setattr(view, name, first)


def test_values_outlive_what_they_came_from(tmp_path):
    for number, (world, root, value, _view) in enumerate(samples(15)):
        wanted = repr(flat_plain.expected(flat_values.complete(world.schema, value, root)))
        path = tmp_path / str(number)
        path.write_bytes(flat_writer.write(world.schema, value, root).data)
        mapped = world.views.root(open_source(path, "map"), root, identifier=False)
        path.unlink()
        copied = bytearray(flat_writer.write(world.schema, value, root).data)
        kept = world.views.root(copied, root, identifier=False)
        copied[:] = bytes(len(copied))
        for one in (mapped, kept):
            parts = {name: getattr(one, name) for name in flat.fields(one)}
            del one
            gc.collect()
            assert repr({name: flat_plain.plain(part) for name, part in parts.items()}) == wanted
