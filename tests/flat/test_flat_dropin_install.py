"""install() and uninstall(): what they replace, and that it is put back."""

import subprocess
import sys
import threading
import types

import flatbuffers
import flatbuffers.encode
import flatbuffers.table
import pytest

from tensorwire import flat
from tensorwire._core import flat_runtime

THEIRS = flatbuffers.table.Table
NAMES = {"flatbuffers.table.Table", "flatbuffers.Table", "flatbuffers.encode.Get",
         "flatbuffers.encode.GetVectorAsNumpy", "flatbuffers.encode.Write"}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = dict(vars(flatbuffers)), dict(vars(flatbuffers.encode)), flatbuffers.table.Table
    yield
    assert not flat.installed()
    assert before == (dict(vars(flatbuffers)), dict(vars(flatbuffers.encode)),
                      flatbuffers.table.Table)  # fmt: skip


def run(program: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_install_and_undo():
    report = flat.install()
    assert set(report.adopted) >= NAMES and report.left_alone == ()
    assert flatbuffers.Table is flatbuffers.table.Table is flat_runtime.Table
    assert flatbuffers.encode.Get is flat_runtime.Get and flat.installed()
    assert repr(report).startswith("<flat.install in force: ")
    report.undo()
    report.undo()
    assert flatbuffers.Table is flatbuffers.table.Table is THEIRS and not flat.installed()
    assert repr(report).startswith("<flat.install undone: ")


def test_installations_nest():
    with flat.install() as outer:
        with flat.install() as inner:
            assert outer is not inner and set(inner.adopted) == set(outer.adopted)
        assert flatbuffers.Table is flat_runtime.Table
        inner.undo()
        assert flatbuffers.Table is flat_runtime.Table
    first, second = flat.install(), flat.install()
    first.undo()
    assert flat.installed() and flatbuffers.Table is flat_runtime.Table
    second.undo()
    assert flatbuffers.Table is THEIRS


def test_uninstall_undoes_the_newest():
    flat.uninstall()
    outer, inner = flat.install(), flat.install()
    flat.uninstall()
    assert "undone" in repr(inner) and "in force" in repr(outer) and flat.installed()
    flat.uninstall()
    assert flatbuffers.Table is THEIRS


def test_what_somebody_has_put_there_is_left_alone(monkeypatch):
    def get(packer_type, buf, head):
        raise NotImplementedError

    monkeypatch.setattr(flatbuffers.encode, "Get", get)
    with flat.install() as report:
        assert flatbuffers.encode.Get is get
        assert dict(report.left_alone)["flatbuffers.encode.Get"].startswith(f"is {__name__}.")
    assert flatbuffers.encode.Get is get


def test_what_somebody_puts_there_later_stays(monkeypatch):
    monkeypatch.setattr(flatbuffers.encode, "Get", flatbuffers.encode.Get)
    with flat.install():
        flatbuffers.encode.Get = len
    assert flatbuffers.encode.Get is len


def test_what_this_version_lacks_is_said(monkeypatch):
    monkeypatch.delattr(flatbuffers.encode, "Write")
    with flat.install() as report:
        assert not hasattr(flatbuffers.encode, "Write")
        why = dict(report.left_alone)["flatbuffers.encode.Write"]
        assert why == "does not exist in this version of flatbuffers"


def test_modules_that_took_the_class_at_import(monkeypatch):
    """Generated with types, one makes tables by such a name and another asks for their type."""
    early, late, other = (types.ModuleType(name) for name in ("early", "late", "other"))
    for module in (early, late, other):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    early.flatbuffers = late.flatbuffers = flatbuffers
    early.Table = early.kept = other.Table = flatbuffers.table.Table
    with flat.install():
        assert early.Table is flatbuffers.table.Table is flat_runtime.Table
        assert early.kept is other.Table is THEIRS
        late.Table = flatbuffers.table.Table
    assert early.Table is late.Table is THEIRS


def test_uninstall_leaves_what_was_adopted():
    with flat.adopt(flat_runtime):
        flat.uninstall()
        assert flat.installed() and flatbuffers.Table is flat_runtime.Table
        with flat.install():
            flat.uninstall()
            flat.uninstall()
        assert flat.installed()
    assert flatbuffers.Table is THEIRS


def test_threads():
    failures = []

    def again():
        for _ in range(50):
            with flat.install():
                if flatbuffers.Table is not flat_runtime.Table:
                    failures.append("not installed")

    threads = [threading.Thread(target=again) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_without_flatbuffers():
    program = """
import sys
sys.modules["flatbuffers"] = None
from tensorwire import flat
try:
    flat.install()
except ImportError as error:
    print(error)
assert not flat.installed()
"""
    assert "pip install 'tensorwire[flatbuffers]'" in run(program)


def test_a_vendored_copy_is_left_alone():
    program = """
import sys, types
own = types.ModuleType("owner.flatbuffers")
for name in ("table", "encode", "number_types", "packer", "builder"):
    part = types.ModuleType(f"owner.flatbuffers.{name}")
    setattr(own, name, part)
    sys.modules[f"flatbuffers.{name}"] = part
own.Table = own.table.Table = type("Table", (), {"__module__": "owner.flatbuffers.table"})
sys.modules["flatbuffers"] = own
from tensorwire import flat
with flat.install() as report:
    assert report.adopted == () and own.Table is own.table.Table
    assert sys.modules["flatbuffers"] is own
    print(*{why for name, why in report.left_alone}, sep="\\n")
"""
    said = run(program)
    assert "is owner.flatbuffers, another package's own copy under that name" in said


def test_a_package_that_registers_its_copy():
    pytest.importorskip("zlmdb")
    program = """
import zlmdb, flatbuffers
from tensorwire import flat
before = flatbuffers.table.Table
with flat.install() as report:
    assert report.adopted == () and flatbuffers.table.Table is before, report.adopted
    assert all("zlmdb.flatbuffers" in why for name, why in report.left_alone)
import sys
"""
    run(program)


def test_that_package_imported_after_upstream():
    pytest.importorskip("zlmdb")
    program = """
import flatbuffers, zlmdb
from tensorwire import flat
with flat.install() as report:
    assert len(report.adopted) >= 5 and flatbuffers.table.Table.__module__.startswith("tensorwire")
    assert zlmdb.flatbuffers.table.Table.__module__ == "zlmdb.flatbuffers.table"
"""
    run(program)


def test_installing_imports_no_numpy():
    run("""
import sys
from tensorwire import flat
import tensorwire.flat.patching
assert "numpy" not in sys.modules and "flatbuffers" not in sys.modules
""")
