"""A schema's generated classes twice: on upstream's own code, and on what is installed or adopted.

What lies in ``zoo`` is what flatc 25.12.19 wrote for ``zoo.fbs``, as text, since it is not ours to
format: ``flatc --python --gen-object-api`` for the package, with ``--gen-onefile --python-typing``
for the one file. The side of upstream is the same text with other names: of the schema's namespace,
and of a copy of the package `flatbuffers`, which nothing replaces anything in.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flatbuffers
import numpy as np
from dropin_tables import outcome

ZOO = Path(__file__).resolve().parent / "zoo"
LAYOUTS = ("one file", "package")
CLASSES = ("Branch", "Leaf", "Twig", "Line", "Point")

_folder = tempfile.TemporaryDirectory(prefix="zoo-")
_copied = shutil.copytree(
    Path(flatbuffers.__file__).parent,
    Path(_folder.name) / "theirflatbuffers",
    ignore=shutil.ignore_patterns("__pycache__"),
)
sys.path.insert(0, _folder.name)


@functools.cache
def zoo(layout: str, side: str) -> Any:
    """The classes of a layout, "ours" or "theirs", as attributes; ``module`` is what to adopt, and
    ``unions`` the module that has the creator."""
    name = f"{side}{layout.replace(' ', '')}"
    if layout == "one file":
        write(ZOO / "one_file.txt", Path(_folder.name) / f"{name}.py", name, side)
        module = importlib.import_module(name)
        return SimpleNamespace(module=module, unions=module, **vars(module))
    package = Path(_folder.name) / name
    package.mkdir()
    for path in (ZOO / "package").iterdir():
        write(path, package / f"{path.stem}.py", name, side)
    importlib.invalidate_caches()
    found = pkgutil.iter_modules([str(package)])
    parts = [importlib.import_module(f"{name}.{one.name}") for one in found]
    names = {key: value for part in parts for key, value in vars(part).items() if key[0].isupper()}
    module, unions = importlib.import_module(name), sys.modules[f"{name}.Kin"]
    return SimpleNamespace(module=module, unions=unions, **names)


def write(source: Path, into: Path, name: str, side: str) -> None:
    text = source.read_text(encoding="utf-8")
    # flatc's one file with types imports the package too, and uses names before they are there.
    if "one_file" in source.name:
        text = text.replace("from zoo.Branch import Branch\n", "")
        text = f"from __future__ import annotations\n{text}"
    text = text.replace("zoo.", f"{name}.")
    if side == "theirs":
        text = text.replace("flatbuffers", "theirflatbuffers")
    into.write_text(text, encoding="utf-8")


def fresh(layout: str, tag: str) -> Any:
    """Ours once more, under a name of its own, for tests that change modules."""
    return zoo.__wrapped__(layout, f"ours{tag}")


# -- an animal --


def animal(side: Any, depth: int = 2) -> Any:
    """A `BranchT` with something in every field."""
    branch = side.BranchT()
    branch.flag, branch.off, branch.tiny, branch.small = False, True, -7, 200
    branch.short, branch.word, branch.whole, branch.count = -1, 2, -3, 4
    branch.long, branch.size, branch.big, branch.colour = 2**40, 2**63, 5, -1
    branch.real, branch.wide, branch.odd, branch.maybe, branch.perhaps = 0.5, 1e300, 3.0, 0, False
    branch.name, branch.last = f"branch {depth}", 9
    branch.point, branch.line = point(side, 1), line(side)
    branch.bytes, branch.flags, branch.shorts = bytearray(b"\x01\x02\xff"), [True, False], [-1, 5]
    branch.numbers, branch.longs, branch.reals = [1, -2, 3], [2**64 - 1], [0.5, -0.0]
    branch.wides, branch.colours, branch.names = [1e-300], [0, 1], ["a", "", "longer than four"]
    branch.points, branch.lines = [point(side, 2), point(side, 3)], [line(side)]
    branch.leaves = [leaf(side, 1), leaf(side, 2)]
    branch.twig = side.TwigT()
    branch.twig.leaves, branch.twig.colour = [leaf(side, 3)], 0
    branch.kinType, branch.kin = side.Kin.Again, leaf(side, 4)
    branch.otherType, branch.other = side.Kin.Twig, branch.twig
    if depth:
        branch.child = animal(side, depth - 1)
        branch.branches = [animal(side, depth - 1), animal(side, 0)]
        branch.nested = list(packed(side, animal(side, 0)))
    return branch


def point(side: Any, x: float) -> Any:
    made = side.PointT()
    made.x, made.y, made.tag, made.good = x, -x, int(x), bool(x)
    return made


def line(side: Any) -> Any:
    made = side.LineT()
    made.from_, made.to = point(side, 4), point(side, 5)
    made.weights, made.colour = [1, -2, 3], 1
    # flatc's Pack takes attributes of the array, not of its items.
    made.stops = SimpleNamespace(x=[6, 7], y=[-6, -7], tag=[8, 9], good=[True, False])
    return made


def leaf(side: Any, number: int) -> Any:
    made = side.LeafT()
    made.id, made.name = number, f"leaf {number}" if number % 2 else None
    return made


def packed(side: Any, branch: Any) -> bytes:
    """Its bytes, by upstream's builder."""
    from theirflatbuffers.builder import Builder

    builder = Builder(0)
    builder.Finish(branch.Pack(builder), b"ZOOS")
    return bytes(builder.Output())


@functools.cache
def whole() -> bytes:
    """The bytes of an animal that has everything."""
    side = zoo("one file", "theirs")
    return packed(side, animal(side))


# -- what there is to be seen --

NUMBERS = (0, 1, 2, 3, -1, 10**6, 2**31, -(2**40), 2**70, True, 1.0, None, "1", np.int64(1))


def seen(side: Any, thing: Any, depth: int, indices: tuple[Any, ...] = NUMBERS) -> Any:
    """Everything that the methods of a generated object say, and what its results say in turn."""
    found = {}
    for name in vars(type(thing)):
        method = getattr(thing, name)
        if name.startswith("_") or "RootAs" in name or "BufferHas" in name or name == "Init":
            continue
        calls = ((), *((index,) for index in indices), (side.Point(),))
        for place, arguments in enumerate(calls):
            result = outcome(lambda: method(*arguments))  # noqa: B023
            found[name, place] = told(side, result, depth, indices)
    return found


def told(side: Any, result: Any, depth: int, indices: tuple[Any, ...]) -> Any:
    """An outcome without what differs between the sides: their classes, and texts naming them."""
    if result[0] == "raised":
        text = "" if "argument" in result[2] or "object" in result[2] else result[2]
        return result[0], result[1].__name__, text
    kind, value = result[0], result[-1]
    if not hasattr(kind, "__name__") or kind.__module__ == "builtins":
        return result
    if kind.__name__ == "Table":
        return "Table", value.Pos, len(value.Bytes)
    inside = seen(side, value, depth - 1, indices) if depth else None
    return kind.__name__, value._tab.Pos, inside


def unpacked(thing: Any) -> Any:
    """The attributes of an object of the object API, in their order, and theirs in turn."""
    if isinstance(thing, list):
        return [unpacked(one) for one in thing]
    if hasattr(thing, "__dict__"):
        return type(thing).__name__, [(k, unpacked(v)) for k, v in vars(thing).items()]
    return outcome(lambda: thing)
