"""(15) Columns of a TFLite model, beside loops over the classes that flatc generates.

The model is that of `flat_build`. The loops are the fastest that the generated classes allow: whole
vectors through NumPy, `tolist` for lists; one goes by element, as one does without NumPy. Columns
are flat arrays with offsets, their strings spans on the buffer; rows that say "as lists" make the
same Python objects on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flat_build
import flatbuffers
import pyarrow as pa
from ai_edge_litert import schema_py_generated as tfl
from clock import statements_in_turns
from flatbuffers.builder import Builder
from rows import Row, paired_row

from tensorwire import flat
from tensorwire.flat.schema import Schema
from tensorwire.formats.tflite import schema as tables

COUNT, QUICK_COUNT = 2_000, 200
ROUNDS, QUICK_ROUNDS = 15, 5
LEAST = 1_000.0
SHAPES, NAMES = "subgraphs.tensors.shape", "subgraphs.tensors.name"
INPUTS, DATA = "subgraphs.operators.inputs", "buffers.data"

Loop = Callable[[bytes], list[Any]]


def graphs(data: bytes) -> Iterator[Any]:
    model = tfl.Model.GetRootAs(data, 0)
    return (model.Subgraphs(i) for i in range(model.SubgraphsLength()))


def shapes(data: bytes) -> list[Any]:
    return [
        [graph.Tensors(i).ShapeAsNumpy().tolist() for i in range(graph.TensorsLength())]
        for graph in graphs(data)
    ]


def shapes_by_element(data: bytes) -> list[Any]:
    found = []
    for graph in graphs(data):
        tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
        found.append([[one.Shape(k) for k in range(one.ShapeLength())] for one in tensors])
    return found


def names(data: bytes) -> list[Any]:
    return [
        [graph.Tensors(i).Name().decode() for i in range(graph.TensorsLength())]
        for graph in graphs(data)
    ]


def inputs(data: bytes) -> list[Any]:
    return [
        [graph.Operators(i).InputsAsNumpy().tolist() for i in range(graph.OperatorsLength())]
        for graph in graphs(data)
    ]


def weights(data: bytes) -> list[Any]:
    """Arrays on the buffer; where these lie is not to be had."""
    model = tfl.Model.GetRootAs(data, 0)
    buffers = (model.Buffers(i) for i in range(model.BuffersLength()))
    return [b"" if one.DataIsNone() else one.DataAsNumpy() for one in buffers]


LOOPS: dict[str, Loop] = {SHAPES: shapes, NAMES: names, INPUTS: inputs, DATA: weights}


def check(root: Any, data: bytes) -> None:
    columns = flat.columns(root, LOOPS)
    for path, loop in LOOPS.items():
        wanted = [bytes(one) for one in loop(data)] if path == DATA else loop(data)
        assert columns[path].to_pylist() == [wanted], path


def rows(quick: bool, _: str) -> Iterator[Row]:
    count = QUICK_COUNT if quick else COUNT
    rounds = QUICK_ROUNDS if quick else ROUNDS
    data = bytes(flat_build.build(Builder, count))
    root = Schema.from_rows(tables).root(data)
    check(root, data)
    assert shapes_by_element(data) == shapes(data)
    known = {"columns": flat.columns, "root": root, "data": data, "LOOPS": LOOPS, "pa": pa}
    ours = "columns(root, paths)"
    given = {**known, "loop": shapes_by_element, "paths": [SHAPES]}
    least = None if quick else LEAST
    yield _row(f"{SHAPES}, by element", count, rounds, ours, "loop(data)", given, least)
    for path, loop in LOOPS.items():
        given = {**known, "loop": loop, "paths": [path]}
        yield _row(path, count, rounds, ours, "loop(data)", given)
        if path != DATA:
            lists = f"{ours}[paths[0]].to_pylist()"
            yield _row(f"{path}, as lists", count, rounds, lists, "loop(data)", given)
    given = {**known, "paths": list(LOOPS)[:3]}
    theirs = "[LOOPS[path](data) for path in paths]"
    yield _row("three of these", count, rounds, ours, theirs, given)
    theirs = "pa.table({path: [LOOPS[path](data)] for path in paths})"
    yield _row("to a pyarrow table", count, rounds, "pa.table(columns(root, paths))", theirs, given)
    yield _views_row(count, rounds, known)


def _row(
    title: str, count: int, rounds: int, ours: str, theirs: str, given: dict[str, Any],
    least: float | None = None,
) -> Row:  # fmt: skip
    sides = {"ours": (ours, given), "theirs": (theirs, given)}
    taken = statements_in_turns(sides, rounds)
    against = f"flatbuffers {flatbuffers.__version__}"
    return paired_row(
        f"{count} of {title}", against, taken["ours"], taken["theirs"], least=least
    )


def _views_row(count: int, rounds: int, known: dict[str, Any]) -> Row:
    given = {**known, "paths": [SHAPES]}
    views = "[[one.shape for one in graph.tensors] for graph in root.subgraphs]"
    sides = {"ours": ("columns(root, paths)", given), "theirs": (views, given)}
    taken = statements_in_turns(sides, rounds)
    return paired_row(f"{count} of {SHAPES}", "our own views", taken["ours"], taken["theirs"])


if __name__ == "__main__":
    import sys

    from rows import table

    print("\n".join(table(list(rows("--quick" in sys.argv, "")))))
