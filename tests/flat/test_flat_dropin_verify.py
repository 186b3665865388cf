"""verify_root(): the verifier for objects of generated classes."""

import mmap

import pytest
from dropin_zoo import ZOO, animal, fresh, whole, zoo

import tensorwire as tw
from tensorwire import flat

SCHEMA = flat.Schema.from_fbs(ZOO / "zoo.fbs")


@pytest.mark.parametrize("layout", ["one file", "package"])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_sound_buffer(layout, kind):
    root = zoo(layout, "ours").Branch.GetRootAs(kind(whole()), 0)
    found = flat.verify_root(root, SCHEMA)
    assert found.tables > 10 and found.size == len(whole())
    assert flat.verify_root(root, SCHEMA, strict=False).depth == found.depth


def test_upstreams_own_objects_and_tables():
    side = zoo("one file", "theirs")
    assert flat.verify_root(side.Branch.GetRootAs(whole(), 0), SCHEMA).tables > 10


def test_a_broken_buffer():
    side = zoo("one file", "ours")
    root = side.Branch.GetRootAs(whole()[:-40], 0)
    with pytest.raises(tw.DecodeError) as caught:
        flat.verify_root(root, SCHEMA)
    assert caught.value.offset is not None


def test_behind_its_size():
    from theirflatbuffers.builder import Builder

    builder = Builder(0)
    builder.FinishSizePrefixed(animal(zoo("one file", "theirs")).Pack(builder), b"ZOOS")
    data = bytes(builder.Output())
    root = zoo("one file", "ours").Branch.GetRootAs(data, 4)
    assert flat.verify_root(root, SCHEMA).tables > 10


def test_what_is_no_root():
    root = zoo("one file", "ours").Branch.GetRootAs(whole(), 0)
    with pytest.raises(ValueError, match="is not the root of its buffer"):
        flat.verify_root(root.Child(), SCHEMA)


def test_the_schema_that_adopt_was_given():
    side = fresh("one file", "verify")
    root = side.Branch.GetRootAs(whole(), 0)
    with pytest.raises(ValueError, match="no schema of Branch is known"):
        flat.verify_root(root)
    with flat.adopt(side.module, schema=SCHEMA):
        assert flat.verify_root(root).tables > 10

        class Sub(side.Branch):
            pass

        sub = Sub()
        sub.Init(root._tab.Bytes, root._tab.Pos)
        with pytest.raises(ValueError, match="which type Sub is cannot be told"):
            flat.verify_root(sub)
    with pytest.raises(ValueError, match="no schema"):
        flat.verify_root(root)


def test_names_in_several_namespaces():
    text = "namespace a; table Branch { x: int; } namespace b; table Branch { y: int; }"
    root = zoo("one file", "ours").Branch.GetRootAs(whole(), 0)
    with pytest.raises(ValueError, match=r"tables of that name: a\.Branch, b\.Branch"):
        flat.verify_root(root, flat.Schema.from_fbs_text(text))
    wanted = flat.Schema.from_fbs_text(text + " root_type Branch;")
    with pytest.raises(tw.DecodeError):
        flat.verify_root(root, wanted)


def test_a_mapping_may_be_closed_afterwards():
    with mmap.mmap(-1, len(whole())) as buffer:
        buffer[:] = whole()
        root = zoo("one file", "ours").Branch.GetRootAs(buffer, 0)
        assert flat.verify_root(root, SCHEMA).tables > 10
