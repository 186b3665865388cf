"""adopt(): classes that somebody has changed, subclasses, and what is seen of native methods."""

import inspect
import sys

import pytest
from dropin_tables import outcome
from dropin_zoo import fresh, whole

from tensorwire import flat
from tensorwire._core.flat_accessors import Accessor


@pytest.fixture
def own(request):
    """A copy of the generated module, of which this test alone knows."""
    made = fresh("one file", request.node.name.replace("[", "").replace("]", ""))
    with flat.adopt(made.module) as report:
        yield made, report


def test_subclasses_of_tables(own):
    side, _ = own

    class Sub(side.Branch):
        def Whole(self):  # noqa: N802
            return super().Whole() + 1

    sub = Sub()
    root = side.Branch.GetRootAs(whole(), 0)
    sub.Init(root._tab.Bytes, root._tab.Pos)
    assert sub.Whole() == root.Whole() + 1 and sub.Name() == root.Name()

    class Slotted(side.Branch):
        __slots__ = ("_tab",)

    other = Slotted()
    other.Init(root._tab.Bytes, root._tab.Pos)
    assert other.Name() == root.Name() and other._tab.Pos == root._tab.Pos


def test_methods_put_in_later_are_called(own):
    side, _ = own
    root = side.Branch.GetRootAs(whole(), 0)
    assert root.Leaves(0).Id() == 1
    inits = []
    native = vars(side.Leaf)["Init"]

    def init(self, buf, pos):
        inits.append(pos)
        native.__get__(self, None)(buf, pos)

    side.Leaf.Init = init
    assert root.Leaves(0).Id() == 1 and inits == [root.Leaves(0)._tab.Pos] * 2
    side.Leaf.Init = native
    side.Leaf.Id = lambda self: 77
    assert side.LeafT.InitFromObj(root.Leaves(0)).id == 77
    side.LeafT.__init__ = lambda self: setattr(self, "mine", 1)
    assert vars(side.LeafT.InitFromObj(root.Leaves(0)))["mine"] == 1


def test_names_put_in_later_are_found(own):
    side, _ = own
    root = side.Branch.GetRootAs(whole(), 0)
    assert type(root.Leaves(0)) is side.Leaf
    side.module.Leaf = side.Point
    assert type(root.Leaves(0)) is side.Point
    del side.module.Leaf
    with pytest.raises(NameError):
        root.Leaves(0)


def test_objects_are_unpacked_from_anything_that_has_the_methods(own):
    side, _ = own

    class Duck:
        def Id(self):  # noqa: N802
            return "quack"

        def Name(self):  # noqa: N802
            return None

    class Sub(side.Leaf):
        __slots__ = ("_tab", "more")

        def Id(self):  # noqa: N802
            return -side.Leaf.Id(root.Leaves(0))

    root = side.Branch.GetRootAs(whole(), 0)
    sub = Sub()
    sub.Init(b"", 0)
    for leaf, expected in 2 * [(root.Leaves(0), 1), (Duck(), "quack"), (root.Leaves(1), 2)]:
        assert side.LeafT.InitFromObj(leaf).id == expected
    with pytest.raises(Exception, match="buffer"):
        side.LeafT.InitFromObj(sub)


def test_instances_without_a_table(own):
    side, _ = own
    empty = side.Branch()
    with pytest.raises(AttributeError):
        empty.Name()
    with pytest.raises(AttributeError):
        side.BranchT.InitFromObj(empty)
    assert outcome(lambda: side.Branch.Name(object()))[:2] == ("raised", AttributeError)
    assert outcome(side.Branch.Name)[:2] == ("raised", TypeError)


def test_tables_of_upstreams_own_class(own):
    """Made before anything was installed, they are read by the methods that were replaced."""
    from flatbuffers.number_types import enforce_number

    side, report = own
    report.undo()
    root = side.Branch.GetRootAs(whole(), 0)
    assert type(root._tab).__module__ == "flatbuffers.table" and enforce_number
    with flat.adopt(side.module):
        assert root.Name() == b"branch 2" and root.Leaves(1).Id() == 2
        assert type(root.Leaves(1)._tab).__module__ == "tensorwire._core.flat_runtime"


# -- what is seen of the methods --


def test_methods_say_what_they_are(own):
    side, _ = own
    method = side.Branch.Numbers
    assert isinstance(method, Accessor) and "Branch.Numbers" in repr(method)
    assert method.__name__ == "Numbers" and method.__qualname__ == "Branch.Numbers"
    assert method.__module__ == side.module.__name__
    assert list(inspect.signature(method).parameters) == ["self", "j"]
    assert inspect.isroutine(method)
    root = side.Branch.GetRootAs(whole(), 0)
    bound = root.Numbers
    assert bound(1) == -2 and bound.__self__ is root
    assert root.Numbers(j=1) == -2 == side.Branch.Numbers(root, 1)
    for function in (side.BranchT.InitFromObj, side.BranchT._UnPack, side.unions.KinCreator):
        assert function.__name__ in repr(function) and callable(function.__wrapped__)


def test_arguments_of_an_accessor_are_checked(own):
    side, _ = own
    for wrong in (
        {"shape": "no shape"},
        {"shape": "number", "base": 13},
        {"shape": "number", "base": 7, "slot": -1},
        {"shape": "table"},
        {"shape": "string element"},
        {"shape": "string element", "stride": 2**20},
    ):
        with pytest.raises((ValueError, KeyError)):
            Accessor(side.Branch, lambda self: None, **wrong)
    with pytest.raises(TypeError, match="has no slot _tab"):
        Accessor(int, lambda self: None, "string")
    assert "flatbuffers" in sys.modules
