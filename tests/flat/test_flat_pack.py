"""Generated functions that build, and ``Pack``, adopted: bytes and errors are upstream's."""

from __future__ import annotations

import array
import copy
import inspect
import itertools
import pickle
import random
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("flatbuffers")

import numpy as np
from builder_calls import CHEAP, SIDES, state
from dropin_zoo import LAYOUTS, ZOO, animal, fresh, line, point, zoo

from tensorwire import flat

OURS, THEIRS = range(2)
COUNTER = itertools.count()


@pytest.fixture(scope="module", params=LAYOUTS)
def sides(request):
    """The generated classes, ours adopted, and upstream's."""
    ours, theirs = fresh(request.param, f"pack{next(COUNTER)}"), zoo(request.param, "theirs")
    with flat.adopt(ours.module) as report:
        assert not [name for name, _ in report.left_alone if "Pack" in name or "Add" in name]
        yield ours, theirs


def builder_of(side: int, size: int = 0):
    return SIDES[side](size)


def outcome(call):
    try:
        return call()
    except Exception as error:  # noqa: BLE001
        return type(error)


def both(sides, make, size: int = 0):
    """``make(classes)`` packed on both: the same outcome, bytes and state. Returns the outcome."""
    found = []
    for side, classes in enumerate(sides):
        builder = builder_of(side, size)
        thing = make(classes)
        result = outcome(lambda: thing.Pack(builder))  # noqa: B023
        found.append((result, state(builder, CHEAP)))
    assert found[OURS] == found[THEIRS]
    return found[OURS][0]


def test_everything(sides):
    for depth in range(3):
        assert isinstance(both(sides, lambda classes: animal(classes, depth)), int)  # noqa: B023


@pytest.mark.parametrize("size", [0, 1, 7, 64, 1000])
def test_initial_sizes(sides, size):
    both(sides, lambda classes: animal(classes, 1), size)


VECTORS = {
    "bytes": ["u1", 255], "flags": ["?", 1], "shorts": ["i2", 30_000], "numbers": ["i4", 2**31 - 1],
    "longs": ["u8", 2**64 - 1], "reals": ["f4", 1.5], "wides": ["f8", 1e300],
    "colours": ["i1", -128],
}  # fmt: skip


def forms(form: str, most) -> list:
    """The same numbers in every form that programs have them in."""
    values = [0, 1, most]
    plain = np.array(values, form)
    held = [values, tuple(values), plain, plain[::-1], np.repeat(plain, 2)[::2], plain.tolist()]
    held += [plain.astype(plain.dtype.newbyteorder(">")), memoryview(plain), plain.view(Odd)]
    held += [plain.reshape(3, 1), np.ones(3, "f2"), plain.astype("f8"), plain.astype(object)]
    held += [bytes(3), bytearray(b"\1\0\1"), [], (), b"", np.zeros(0, form), np.zeros((), form)]
    held += [range(2), iter(values), {0: 1, 1: 2}, "ab", 5, [None], [most, "1"], [1.0, 2], [True]]
    held += [array.array("b", [1, 2]), array.array("d", [1, 2]), [np.int8(3), np.float32(0.5)]]
    held += [[2**70], [-1], [float("nan")], SimpleNamespace(), np.array(["a"]), [[1]]]
    return held


class Odd(np.ndarray):
    """A kind of array that the generated code takes for no array."""


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_of_numbers(sides, name):
    for i, _ in enumerate(forms(*VECTORS[name])):

        def make(classes):
            made = classes.BranchT()
            made.name = "n"
            setattr(made, name, forms(*VECTORS[name])[i])  # noqa: B023
            return made

        both(sides, make)


ODD = [None, 0, -1, 1.5, "text", b"bytes", bytearray(b"b"), "\ud800", 2**70, True, [], ["a", 5],
       ["a"], (b"x", "y"), {}, {"a": 1}, np.int32(7), np.float64(2.5), float("nan"),
       SimpleNamespace(),
       [None], SimpleNamespace(Pack=lambda builder: 4), SimpleNamespace(Pack=lambda builder: None),
       SimpleNamespace(Pack=lambda builder: builder.CreateString("from elsewhere")),
       [SimpleNamespace(Pack=lambda builder: builder.PrependInt8(1))]]  # fmt: skip


def test_odd_values_everywhere(sides):
    names = [name for name in vars(sides[OURS].BranchT()) if not name.startswith("_")]
    for name, value in itertools.product(names, ODD):

        def make(classes):
            made = classes.BranchT()
            made.name = "n"
            setattr(made, name, value)  # noqa: B023
            return made

        both(sides, make)


def test_odd_values_in_structs(sides):
    for name, value in itertools.product(["x", "y", "tag", "good"], ODD):

        def make(classes):
            made = point(classes, 1)
            setattr(made, name, value)  # noqa: B023
            return made

        both(sides, make)


def test_arrays_in_structs(sides):
    assert isinstance(both(sides, line), int)
    for value in ([1, 2, 3, 4], [1], (1, 2, 3), np.arange(3), [1, 2, "3"], None, b"abc"):

        def make(classes):
            made = line(classes)
            made.weights = value  # noqa: B023
            return made

        both(sides, make)


def test_missing_attributes(sides):
    for name in vars(sides[OURS].BranchT()):

        def make(classes):
            made = animal(classes, 0)
            delattr(made, name)  # noqa: B023
            return made

        assert both(sides, make) is AttributeError


def test_random_objects(sides):
    rng = random.Random(7)
    for _ in range(60):
        seed = rng.getrandbits(32)

        def make(classes):
            inner = random.Random(seed)  # noqa: B023
            made = animal(classes, inner.randint(0, 2))
            for name in vars(made):
                if inner.random() < 0.3 and name != "name":
                    setattr(made, name, vars(classes.BranchT())[name])
            return made

        both(sides, make)


def test_force_defaults(sides):
    for side, classes in enumerate(sides):
        builder = builder_of(side)
        builder.ForceDefaults(True)
        made = classes.BranchT()
        made.name = "n"
        made.Pack(builder)
        if side == OURS:
            kept = bytes(builder.Bytes)
    assert kept == bytes(builder.Bytes)


def test_a_builder_that_is_in_something_already(sides):
    for begin in (lambda b: b.StartObject(1), lambda b: b.StartVector(1, 0, 1)):
        found = []
        for side, classes in enumerate(sides):
            builder = builder_of(side)
            begin(builder)
            things = (animal(classes, 0), point(classes, 1), classes.LeafT())
            found.append([outcome(lambda thing=thing: thing.Pack(builder)) for thing in things])  # noqa: B023
            found[-1].append(state(builder, CHEAP))
        assert [str(one) for one in found[0]] == [str(one) for one in found[1]]


def test_other_builders(sides):
    """Upstream's own builder, a subclass that overrides a part, and what is no builder."""
    ours, theirs = sides
    wanted = builder_of(THEIRS)
    animal(theirs, 1).Pack(wanted)

    class Counts(SIDES[OURS]):
        count = 0

        def Prep(self, size, more):  # noqa: N802
            self.count += 1
            super().Prep(size, more)

    for builder in (builder_of(THEIRS), Counts(0)):
        animal(ours, 1).Pack(builder)
        assert builder.Bytes == wanted.Bytes
    assert builder.count > 100
    for builder in (None, 5, object()):
        with pytest.raises(AttributeError):
            animal(ours, 0).Pack(builder)
    for arguments in ((), (1, 2)):
        with pytest.raises(TypeError):
            animal(ours, 0).Pack(*arguments)
    builder = builder_of(OURS)
    assert animal(ours, 1).Pack(builder=builder) and builder.Bytes == wanted.Bytes


def test_subclasses_of_objects(sides):
    """An overridden Pack is called, and an inherited one goes on."""

    def make(classes):
        class Louder(classes.LeafT):
            def Pack(self, builder):  # noqa: N802
                self.name = (self.name or "").upper() + "!"
                return super().Pack(builder)

        class Quiet(classes.LeafT):
            @property
            def id(self):
                return 77

            @id.setter
            def id(self, value):
                pass

        made = animal(classes, 0)
        made.leaves = [Louder(), Quiet(), copy.deepcopy(made.leaves[0])]
        return made

    assert isinstance(both(sides, make), int)


def test_objects_that_hold_themselves(sides):
    def make(classes):
        made = animal(classes, 0)
        made.child = made
        return made

    assert outcome(lambda: make(sides[OURS]).Pack(builder_of(OURS))) is RecursionError


class Shrinks(list):
    """Has fewer elements each time it is asked for one."""

    def __getitem__(self, index):
        found = super().__getitem__(index)
        if len(self) > 1:
            del self[-1]
        return found


def test_lists_that_change(sides):
    for name, items in (("numbers", range(3)), ("names", "abc"), ("leaves", [None])):

        def make(classes):
            made = classes.BranchT()
            made.name = "n"
            setattr(made, name, Shrinks(items))  # noqa: B023
            return made

        assert (both(sides, make) is IndexError) == (name == "names")


def functions(classes) -> dict:
    """Functions of the module, or of the package's modules, as they are now."""
    name = classes.module.__name__
    inside = [one for key, one in sys.modules.items() if key == name or key.startswith(f"{name}.")]
    return {key: one for module in inside for key, one in vars(module).items() if callable(one)}


CALLS = ["BranchStart", "BranchEnd", "BranchAddFlag", "BranchAddTiny", "BranchAddLong",
         "BranchAddBig", "BranchAddReal", "BranchAddWide", "BranchAddOdd", "BranchAddMaybe",
         "BranchAddName",
         "BranchAddPoint", "BranchAddKin", "BranchStartNumbersVector", "BranchStartPointsVector",
         "BranchStartNamesVector", "CreatePoint", "CreateLine",
         "BranchMakeNestedVectorFromBytes"]  # fmt: skip
ARGUMENTS = [(), (0,), (1,), (4,), (-1,), (2.5,), (None,), ("1",), (True,), (2**63,),
             (np.int16(3),), (b"abc",), (bytearray(b"ab"),), (memoryview(b"abc"),), ([1, 2],),
             (1, 2), (1, 2, 3, True), (1.0, 2.0, 3, False), (1, 2, 300, True)]  # fmt: skip


@pytest.mark.parametrize("before", ["nothing", "object", "vector", "string"])
@pytest.mark.parametrize("name", CALLS)
def test_functions(sides, name, before):
    for arguments in ARGUMENTS:
        if "Vector" in name and arguments == (2**63,):
            continue  # upstream's builder grows to 2 GiB before it says no
        found = []
        for side, classes in enumerate(sides):
            builder = builder_of(side)
            if before == "object":
                builder.StartObject(50)
            if before == "vector":
                builder.StartVector(4, 1, 4)
            if before == "string":
                builder.CreateString("some text")
            call = functions(classes)[name]
            for _ in range(2):
                found.append(outcome(lambda call=call: call(builder, *arguments)))  # noqa: B023
                found.append(state(builder, CHEAP))
        assert found[:4] == found[4:], arguments


def test_functions_by_name(sides):
    ours = functions(sides[OURS])
    builder = builder_of(OURS)
    ours["BranchStart"](builder=builder)
    ours["BranchAddWhole"](builder, whole=5)
    assert ours["BranchEnd"](builder) == 8
    function = ours["BranchAddWhole"]
    assert list(inspect.signature(function).parameters) == ["builder", "whole"]
    assert function.__name__ == "BranchAddWhole" and function.__module__ in sys.modules
    assert pickle.loads(pickle.dumps(function)) is function is copy.deepcopy(function)
    with pytest.raises(TypeError):
        ours["BranchAddWhole"](builder, 1, 2)
    with pytest.raises(TypeError):
        ours["BranchAddWhole"](builder, other=1)


BYTES = np.arange(1, 9, dtype="u1")
FORMS = {"bytes": BYTES.tobytes(), "list": BYTES.tolist(), "array": BYTES,
         "apart": np.repeat(BYTES, 2)[::2]}  # fmt: skip


@pytest.fixture(scope="module")
def aligned():
    """The schema with alignments."""
    text = (ZOO / "zoo.fbs").read_text()
    for field, align in (("bytes: [ubyte]", 32), ("longs: [ulong]", 64)):
        text = text.replace(f"{field};", f"{field} (force_align: {align});")
    return flat.Schema.from_fbs_text(text)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", FORMS)
def test_force_align(aligned, layout, form):
    """What flatc does not tell Python: arrays, lists and bytes lie as the schema asks."""
    classes = fresh(layout, f"align{next(COUNTER)}")
    longs = np.arange(5, dtype=">u8")
    with flat.adopt(classes.module, schema=aligned):
        for count in range(0, 70, 3):
            builder = builder_of(OURS)
            builder.CreateString("x" * count)
            made = classes.BranchT()
            made.name, made.bytes, made.longs = "n", FORMS[form], longs
            builder.Finish(made.Pack(builder))
            data = bytes(builder.Output())
            root = aligned.root(data, identifier=False)
            assert root.longs.tolist() == longs.tolist()
            assert data.index(BYTES.tobytes()) % 32 == 0
            assert data.index(longs.astype("<u8").tobytes()) % 64 == 0


@pytest.mark.parametrize("side", [OURS, THEIRS])
def test_force_align_of_functions(aligned, side):
    classes = fresh("one file", f"align{next(COUNTER)}")
    with flat.adopt(classes.module, schema=aligned):
        builder = builder_of(side)
        functions(classes)["BranchStartBytesVector"](builder, 3)
        assert builder.minalign == 32


def test_undone():
    classes = fresh("one file", f"undone{next(COUNTER)}")
    before = dict(vars(classes.module)), dict(vars(classes.BranchT))
    report = flat.adopt(classes.module)
    assert vars(classes.BranchT)["Pack"] is not before[1]["Pack"]
    assert "native" in repr(vars(classes.BranchT)["Pack"])
    assert inspect.unwrap(classes.BranchT.Pack) is before[1]["Pack"]
    report.undo()
    assert dict(vars(classes.module)) == before[0]
    assert vars(classes.BranchT)["Pack"] is before[1]["Pack"]
