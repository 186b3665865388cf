"""What the generated C++ verifier says about small buffers, each byte of them changed in every way.

``verdicts/*.json``: ``schema``, a file beside it; ``root``; ``prefix``, bytes of a size prefix;
``identifier`` asked for; ``max_depth``; ``buffer``, base64; ``changes``, zlib in base64: for each
byte and each of 256 values it may take, a bit, 1 where C++ accepts; ``cuts``: the same for each
length from 0 to that of the buffer. Bits are in NumPy's "little" order.

``python -m tests.flat.flat_verdicts`` makes them again, with `flat_cpp`'s tools, from the values
below, ``PYTHONPATH=src:tests:tests/flat``; no test does.
"""

from __future__ import annotations

import base64
import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from flat_oracle import Rules
from flat_values import FLEX
from flat_writer import Layout, write

from tensorwire import flat
from tensorwire.flat import declarations as d

FOLDER = Path(__file__).parent / "verdicts"


class Case(NamedTuple):
    """One buffer: ``changes[i, v]``: whether C++ accepts it with byte ``i`` being ``v``."""

    name: str
    schema: d.Declarations
    root: str
    rules: Rules
    data: bytes
    changes: np.ndarray
    cuts: np.ndarray

    def mutants(self) -> Iterator[tuple[bytes, bool]]:
        """Every changed and every cut buffer, with its verdict."""
        changed = bytearray(self.data)
        for place, verdicts in enumerate(self.changes.tolist()):
            for value, verdict in enumerate(verdicts):
                changed[place] = value
                yield bytes(changed), verdict
            changed[place] = self.data[place]
        for length, verdict in enumerate(self.cuts.tolist()):
            yield self.data[:length], verdict


def load(name: str) -> Case:
    """One file's case."""
    stored = json.loads((FOLDER / f"{name}.json").read_text())
    data = base64.b64decode(stored["buffer"])
    rules = Rules(prefix=stored["prefix"], identifier=stored["identifier"],
                  max_depth=stored["max_depth"])  # fmt: skip
    changes = unpacked(stored["changes"], len(data) * 256).reshape(len(data), 256)
    cuts = unpacked(stored["cuts"], len(data) + 1)
    schema = flat.Schema.from_fbs(FOLDER / stored["schema"]).declarations
    return Case(name, schema, stored["root"], rules, data, changes, cuts)


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def unpacked(text: str, count: int) -> np.ndarray:
    raw = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    return np.unpackbits(raw, count=count, bitorder="little").astype(bool)


def packed(bits: list[bool]) -> str:
    raw = np.packbits(np.array(bits, bool), bitorder="little").tobytes()
    return base64.b64encode(zlib.compress(raw, 9)).decode()


# How they are made.

LEAF = {"name": "leaf", "count": 7}
BOX = {"corner": {"x": 1, "y": 2}, "weights": [0.5, -1.0], "kind": [5, -2, 0],
       "corners": [{"x": 3, "y": 4}, {"x": -5, "y": 6}]}  # fmt: skip
INNER = {"leaf": LEAF, "label": "inside"}
SMALL = {"title": "t", "flag": False, "leaf": LEAF, "any_type": 3, "any": "text"}
FULL = {
    "title": "everything", "small": -2, "bits": 513, "long_one": -1, "maybe": 3, "box": BOX,
    "point": {"x": 9, "y": 9}, "old": "old", "leaf": LEAF, "any_type": 2, "any": {"x": 1, "y": 1},
    "many_type": [1, 2, 3, 9], "many": [LEAF, {"x": 2, "y": 3}, "in a union", {"name": "m"}],
    "bytes": [1, 2, 3], "doubles": [0.25, 4.0], "smalls": [5, 0], "boxes": [BOX],
    "entries": [{"id": 1, "value": 0.5}, {"id": 2, "value": 1.5}], "names": ["a", "bc", ""],
    "leaves": [LEAF, {"name": "z"}], "flexible": FLEX[5], "children": [SMALL],
}  # fmt: skip
FAR = {
    "far_text": "far away", "number": 5, "big": [1, 2, 3], "big_numbers": [400, 500], "near": "n",
    "far_pairs": [{"a": 1, "b": 0.5}], "big_pairs": [{"a": 2, "b": 1.5}],
    "holders": [{"far_bytes": [-1, 2]}, {}],
}  # fmt: skip
CHAIN = {"title": "1", "children": [{"title": "2", "children": [{"title": "3"}]}],
         "any_type": 10, "any": {"title": "4"}}  # fmt: skip
ODD = Layout(share=1.0, shuffle=True, gaps=0.3, junk=True, tail=0.5, trailing=3)


def every(schema: d.Declarations) -> Iterator[tuple[str, Any, Layout, dict[str, Any]]]:
    """Name, value, layout and rules of the buffers of ``everything.fbs``."""
    inner = write(schema, INNER, "every.Inner", Layout(identifier=False)).data
    nested = {"title": "n", "nested": inner}
    yield "full", {**FULL, "nested": inner}, Layout(), {}
    yield "odd", {**SMALL, "names": ["leaf", "leaf"], "leaves": [LEAF] * 3}, ODD, {}
    yield "named", SMALL, Layout(), {"identifier": "EVRY"}
    yield "sized", nested, Layout(prefix=4), {"prefix": 4, "identifier": "EVRY"}
    yield "chain", CHAIN, Layout(identifier=False), {"max_depth": 3}


def far(schema: d.Declarations) -> Iterator[tuple[str, Any, Layout, dict[str, Any]]]:
    """The same of ``far.fbs``."""
    inner = write(schema, {"far_bytes": [1]}, "far.Holder").data
    yield "far", {**FAR, "nested": inner}, Layout(), {}
    yield "far_sized", {"far_text": "x", "big": [7]}, Layout(prefix=8), {"prefix": 8}


def make(schema: d.Declarations, text: str, source: str, case: tuple[Any, ...]) -> None:
    """Writes the file of one buffer."""
    import flat_cpp

    name, value, layout, rules = case
    tables = [obj.name for obj in schema.objects if not obj.is_struct]
    program = flat_cpp.Cpp(text, tables, FOLDER.parents[2] / "build" / "flat_verifiers")
    data = write(schema, value, layout=layout, rng=random.Random(1)).data
    blank = Case(name, schema, schema.root, Rules(), data, np.zeros((len(data), 256), bool),
                 np.zeros(len(data) + 1, bool))  # fmt: skip
    mutants = [mutant for mutant, _ in blank.mutants()]
    verdicts = program.ask([program.request(one, schema.root, **rules) for one in mutants])
    split = len(data) * 256
    stored = {
        "schema": source, "root": schema.root, "prefix": rules.get("prefix", 0),
        "identifier": rules.get("identifier"), "max_depth": rules.get("max_depth", 64),
        "buffer": base64.b64encode(data).decode(), "changes": packed(verdicts[:split]),
        "cuts": packed(verdicts[split:]),
    }  # fmt: skip
    (FOLDER / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n")
    print(f"{name}: {len(data)} bytes, {sum(verdicts)} of {len(verdicts)} accepted")


def main() -> None:
    """Makes every file."""
    for source, cases in (("everything.fbs", every), ("far.fbs", far)):
        path = FOLDER / source
        schema = flat.Schema.from_fbs(path).declarations
        for case in cases(schema):
            make(schema, path.read_text(encoding="utf-8"), source, case)


if __name__ == "__main__":
    main()
