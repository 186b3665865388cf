"""adopt(): what it takes, what it leaves alone and why, and that undo() puts everything back."""

import importlib
import inspect
import os
import shutil
import subprocess
import sys
import threading
import types
from pathlib import Path

import flatbuffers
import pytest
from dropin_zoo import ZOO, fresh, whole

from tensorwire import flat
from tensorwire._core.flat_accessors import Accessor


def methods(module):
    """Everything of a module and its classes, by name."""
    found = {name: value for name, value in vars(module).items() if callable(value)}
    for value in list(found.values()):
        if isinstance(value, type):
            found |= {f"{value.__name__}.{name}": one for name, one in vars(value).items()}
    return found


def imported(tmp_path, monkeypatch, name, text):
    """A module of that text."""
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def one_file():
    return (ZOO / "one_file.txt").read_text(encoding="utf-8").replace(
        "from zoo.Branch import Branch\n", "").replace("-> Union[Branch, int]", "")  # fmt: skip


def test_report_and_undo():
    side = fresh("one file", "report")
    before = methods(side.module)
    report = flat.adopt(side.module)
    name = side.module.__name__
    assert f"{name}.Branch.Whole" in report.adopted and f"{name}.KinCreator" in report.adopted
    assert f"{name}.BranchT._UnPack" in report.adopted and report.left_alone == ()
    assert f"{name}.BranchT.Pack" in report.adopted and f"{name}.BranchEnd" in report.adopted
    assert repr(report) == f"<flat.adopt in force: {len(report.adopted)} adopted, 0 left alone>"
    assert isinstance(vars(side.Branch)["Whole"], Accessor) and flat.installed()
    report.undo()
    report.undo()
    assert methods(side.module) == before and not flat.installed()
    assert side.Branch.GetRootAs(whole(), 0).Whole() == -3


def test_with():
    side = fresh("one file", "with")
    with flat.adopt(side.module) as report:
        assert "in force" in repr(report)
    assert "undone" in repr(report) and inspect.isfunction(side.Branch.Whole)


def test_one_class():
    side = fresh("one file", "class")
    with flat.adopt(side.Leaf) as report:
        names = {name.partition(".")[2] for name in report.adopted}
        assert names == {"Leaf.Init", "Leaf.Id", "Leaf.Name", "Leaf.GetRootAs"}
        assert side.Branch.GetRootAs(whole(), 0).Leaves(1).Id() == 2
    assert inspect.isfunction(side.Leaf.Id)


def test_what_is_adopted_already_is_not_adopted_again():
    side = fresh("one file", "twice")
    with flat.adopt(side.Leaf), flat.adopt(side.module) as outer:
        assert f"{side.module.__name__}.Leaf.Id" not in outer.adopted
        assert len(outer.adopted) > 100


@pytest.mark.parametrize("wrong", [None, 5, "tflite", len])
def test_what_is_neither_module_nor_class(wrong):
    with pytest.raises(TypeError, match="module or class"):
        flat.adopt(wrong)
    assert not flat.installed()


def test_a_module_without_generated_classes():
    with flat.adopt(types) as report:
        assert report.adopted == report.left_alone == ()


def test_undo_leaves_what_was_put_in_since():
    side = fresh("one file", "since")
    report = flat.adopt(side.module)
    side.Branch.Whole = replacement = lambda self: 5
    report.undo()
    assert vars(side.Branch)["Whole"] is replacement and inspect.isfunction(side.Branch.Word)


# -- left alone --

HAND_MADE = '''
import flatbuffers
from flatbuffers.compat import import_numpy
np = import_numpy()

class Hand(object):
    __slots__ = ['_tab']
    def Init(self, buf, pos):
        self._tab = flatbuffers.table.Table(buf, pos)
    def Good(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            return self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos)
        return 0
    def Patched(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            return self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos) + 1
        return 0
    def OtherTest(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 4:
            return self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos)
        return 0
    def OtherSlot(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(6))
        if o != 0:
            return self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos)
        return 5
    def BoolOfInt(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            return bool(self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos))
        return False
    def IsBool(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            return bool(self._tab.Get(flatbuffers.number_types.BoolFlags, o + self._tab.Pos))
        return False
    def WrongPlace(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            return self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos + 4)
        return 0
    def Effect(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            print(o)
            return self._tab.Get(flatbuffers.number_types.Int32Flags, o + self._tab.Pos)
        return 0
    def Decoded(self):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        if o != 0:
            return self._tab.String(o + self._tab.Pos).decode()
        return None
    def Keyword(self, j, *more):
        o = flatbuffers.number_types.UOffsetTFlags.py_type(self._tab.Offset(4))
        return o == 0

class HandT(object):
    def __init__(self):
        self.good = 0
    @classmethod
    def InitFromObj(cls, hand):
        x = HandT()
        x._UnPack(hand)
        return x
    def _UnPack(self, hand):
        if hand is None:
            return
        self.good = hand.Good() + 1
'''


def test_what_is_not_flatcs_is_left_alone(tmp_path, monkeypatch):
    module = imported(tmp_path, monkeypatch, "hand_made", HAND_MADE)
    with flat.adopt(module) as report:
        left = {name.rpartition(".")[2]: why for name, why in report.left_alone}
        taken = {name.rpartition(".")[2] for name in report.adopted}
        assert taken == {"Init", "Good", "OtherSlot", "IsBool", "InitFromObj"}
        assert set(left) == {"Patched", "OtherTest", "BoolOfInt", "WrongPlace", "Effect", "Decoded",
                             "Keyword", "_UnPack"}  # fmt: skip
        assert all("not of flatc's shapes" in why or "bool(...)" in why for why in left.values())
        hand = module.Hand()
        hand.Init(bytes([6, 0, 0, 0, 4, 0, 6, 0, 0, 0, 77, 0, 0, 0]), 6)
        hand._tab.Pos = 6
        assert hand.OtherSlot() == 5
        made = module.HandT.InitFromObj(hand)
        assert made.good == hand.Good() + 1


def test_without_source(tmp_path, monkeypatch):
    import py_compile

    source = tmp_path / "source.py"
    source.write_text(HAND_MADE, encoding="utf-8")
    py_compile.compile(str(source), str(tmp_path / "no_source.pyc"), doraise=True)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    module = importlib.import_module("no_source")
    with flat.adopt(module) as report:
        assert report.adopted == ()
        assert {why for _, why in report.left_alone} == {"there is no source of no_source"}


def test_source_that_changed_since_it_was_imported(tmp_path, monkeypatch):
    module = imported(tmp_path, monkeypatch, "changed_source", HAND_MADE)
    path = Path(module.__file__)
    path.write_text(HAND_MADE.replace("Offset(4)", "Offset(8)"), encoding="utf-8")
    with flat.adopt(module) as report:
        left = dict(report.left_alone)
        assert left["changed_source.Hand.Good"] == "its source is not what it was compiled from"


def test_classes_that_keep_their_table_elsewhere(tmp_path, monkeypatch):
    text = HAND_MADE.replace("    __slots__ = ['_tab']\n", "")
    module = imported(tmp_path, monkeypatch, "no_slots", text)
    with flat.adopt(module) as report:
        assert "has no slot _tab" in dict(report.left_alone)["no_slots.Hand.Good"]


def test_names_that_hide_builtins(tmp_path, monkeypatch):
    text = HAND_MADE + "\nbool = lambda value: 'hidden'\n"
    module = imported(tmp_path, monkeypatch, "hiding", text)
    with flat.adopt(module) as report:
        assert "hiding.Hand.IsBool" in dict(report.left_alone)


def test_a_module_with_a_flatbuffers_of_its_own(tmp_path, monkeypatch):
    module = imported(tmp_path, monkeypatch, "own_copy", HAND_MADE)
    module.flatbuffers = types.ModuleType("somebody.flatbuffers")
    with flat.adopt(module) as report:
        assert report.adopted == ()
        why = "its flatbuffers is somebody.flatbuffers, another package's own copy"
        assert {reason for _, reason in report.left_alone} == {why}


# -- modules that are imported later --


def package(tmp_path, monkeypatch, name):
    """The package of the zoo under that name, nothing of it imported but itself."""
    folder = tmp_path / name
    folder.mkdir()
    for path in (ZOO / "package").iterdir():
        text = path.read_text(encoding="utf-8").replace("zoo.", f"{name}.")
        (folder / f"{path.stem}.py").write_text(text, encoding="utf-8")
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def test_modules_imported_later_are_adopted(tmp_path, monkeypatch):
    top = package(tmp_path, monkeypatch, "latezoo")
    with flat.adopt(top) as report:
        assert report.adopted == ()
        branch = importlib.import_module("latezoo.Branch")
        assert isinstance(vars(branch.Branch)["Whole"], Accessor)
        assert "latezoo.Branch.Branch.Whole" in report.adopted
        root = branch.Branch.GetRootAs(whole(), 0)
        assert "latezoo.Leaf.Leaf.Id" in report.adopted and root.Leaves(0).Id() == 1
        assert type(branch.__spec__.loader).__name__ == "SourceFileLoader"
        assert type(branch.__loader__).__name__ == "SourceFileLoader"
        assert inspect.getsource(branch.Branch).startswith("class Branch")
        found = [type(finder).__name__ for finder in sys.meta_path]
        assert found.count("Later") == 1
    assert "Later" not in [type(finder).__name__ for finder in sys.meta_path]
    assert inspect.isfunction(vars(branch.Branch)["Whole"])
    twig = importlib.reload(importlib.import_module("latezoo.Twig"))
    assert inspect.isfunction(vars(twig.Twig)["Colour"])


def test_classes_are_found_where_they_are_imported_inside_of_methods(tmp_path, monkeypatch):
    package(tmp_path, monkeypatch, "insidezoo")
    branch = importlib.import_module("insidezoo.Branch")
    with flat.adopt(branch.Branch):
        root = branch.Branch.GetRootAs(whole(), 0)
        monkeypatch.delitem(sys.modules, "insidezoo.Leaf", raising=False)
        assert root.Leaves(0).Id() == 1 and "insidezoo.Leaf" in sys.modules
        assert [root.Leaves(i).Id() for i in range(root.LeavesLength())] == [1, 2]


# -- threads and processes --


def test_threads_read_while_others_adopt():
    side = fresh("one file", "threads")
    failures, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            root = side.Branch.GetRootAs(whole(), 0)
            if (root.Whole(), root.Leaves(1).Id(), root.Name()) != (-3, 2, b"branch 2"):
                failures.append("read something else")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(12):
        with flat.adopt(side.module):
            side.BranchT.InitFromObj(side.Branch.GetRootAs(whole(), 0))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_process_that_has_nothing_installed_reads_what_one_that_has_wrote(tmp_path):
    """Objects that refer to our tables are unpickled anywhere, and behave."""
    (tmp_path / "both.py").write_text(one_file(), encoding="utf-8")
    (tmp_path / "data").write_bytes(whole())
    write = """
import pickle, sys, both
from tensorwire import flat
with flat.adopt(both):
    root = both.Branch.GetRootAs(open("data", "rb").read(), 0)
    open("pickled", "wb").write(pickle.dumps([root, root.Leaves(1), root.Kin()]))
"""
    read = """
import pickle, both, flatbuffers
root, leaf, kin = pickle.load(open("pickled", "rb"))
assert root.Name() == b"branch 2" and leaf.Id() == 2 and root.Kin().Pos == kin.Pos
assert both.KinCreator(root.KinType(), root.Kin()).id == 4
assert type(root._tab).__module__ == "tensorwire._core.flat_runtime"
"""
    here = Path(flat.__file__).resolve().parents[2]
    paths = os.pathsep.join([str(here), str(tmp_path), os.environ.get("PYTHONPATH", "")])
    for program in (write, read):
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths},
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr


# -- the packages that people have --


def test_pypi_tflite():
    tflite = pytest.importorskip("tflite")
    with flat.adopt(tflite) as report:
        assert len(report.adopted) > 600
        assert {name for name, _ in report.left_alone} == {
            "tflite.OperatorCode.OperatorCode.BuiltinCode"  # patched by hand
        }
        assert all(why for _, why in report.left_alone)
    assert inspect.isfunction(vars(tflite.Tensor)["Shape"]) and flatbuffers.Table


def test_ai_edge_litert():
    generated = pytest.importorskip("ai_edge_litert.schema_py_generated")
    with flat.adopt(generated) as report:
        assert len(report.adopted) > 1300 and report.left_alone == ()
    assert inspect.isfunction(vars(generated.Tensor)["Shape"])


OPTIONS = ["", "--gen-object-api", "--gen-onefile --gen-object-api",
           "--gen-compare --gen-object-api", "--python-no-type-prefix-suffix --gen-object-api",
           "--python-decode-obj-api-strings --gen-object-api"]  # fmt: skip


@pytest.mark.skipif(shutil.which("flatc") is None, reason="there is no flatc")
@pytest.mark.parametrize("options", OPTIONS)
def test_whatever_flatc_writes(tmp_path, options):
    command = ["flatc", "--python", *options.split(), "-o", str(tmp_path), str(ZOO / "zoo.fbs")]
    subprocess.run(command, check=True)
    program = """
import importlib, pkgutil, sys
from tensorwire import flat
name = "zoo_generated" if "onefile" in sys.argv[1] else "zoo"
module = importlib.import_module(name)
parts = [importlib.import_module(f"{name}.{one.name}")
         for one in pkgutil.iter_modules(getattr(module, "__path__", []))]
report = flat.adopt(module)
left = [one for one in report.left_alone if not (
    # With this option, what flatc writes for Pack calls functions that it has not written.
    one[0].endswith(".Pack") and "no-type-prefix" in sys.argv[1])]
assert left == [] and len(report.adopted) > 90, left
root = module.Branch.Branch if parts else module.Branch
root.GetRootAs(b"\\4\\0\\0\\0\\4\\0\\0\\0\\4\\0\\4\\0", 0).Whole()
"""
    here = Path(flat.__file__).resolve().parents[2]
    paths = os.pathsep.join([str(here), str(tmp_path)])
    done = subprocess.run([sys.executable, "-c", program, options], capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": paths}, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
