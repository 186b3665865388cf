"""(14) Reading a TFLite model by our own views, verified first, beside upstream's generated code.

    python bench/flat_views.py [--quick]

The model is that of ``flat_build.py``, the walk that of ``flat_dropin.py`` on upstream's package.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import flat_build
import flat_dropin
from clock import in_turns
from rows import Row, paired_row, table

from tensorwire import flat
from tensorwire.formats.tflite import schema as tables

COUNT, QUICK_COUNT = 2_000, 200
ROUNDS, QUICK_ROUNDS = 15, 5
LEAST = 15.0


def walk(schema: flat.Schema, data: Any) -> int:
    """Verifies the model, and reads everything of every tensor and operator that it has."""
    model = schema.root(data)
    buffers = model.buffers
    total = model.version
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            total += tensor.type + len(tensor.name) + tensor.has_rank + tensor.is_variable
            total += sum(tensor.shape.tolist())
            quantization = tensor.quantization
            total += int(quantization.zero_point[0]) + int(4 * quantization.scale[0])
            total += len(buffers[tensor.buffer - 1].data)
        for operator in graph.operators:
            total += operator.opcode_index + operator.builtin_options_type
            total += sum(operator.inputs.tolist()) + sum(operator.outputs.tolist())
    return int(total)


def rows(quick: bool, _: str) -> Iterator[Row]:
    count, rounds = (QUICK_COUNT, QUICK_ROUNDS) if quick else (COUNT, ROUNDS)
    data = bytes(flat_build.build(flat_build.SIDES["upstream"], count))
    schema = flat.Schema.from_rows(tables)
    upstream = flat_dropin.sides()["upstream"]
    assert walk(schema, data) == flat_dropin.walk(upstream, data)
    sides = {
        "ours": lambda: walk(schema, data),
        "theirs": lambda: flat_dropin.walk(upstream, data),
    }
    taken = in_turns(sides, rounds)
    name = f"verify, and walk {count} tensors and operators"
    yield paired_row(name, "upstream", taken["ours"], taken["theirs"], least=LEAST)
    verified = in_turns({"ours": lambda: schema.verify(data), "theirs": sides["theirs"]}, rounds)
    name = "only verify; upstream: walk"
    yield paired_row(name, "upstream", verified["ours"], verified["theirs"])


if __name__ == "__main__":
    print("\n".join(table(list(rows("--quick" in sys.argv, "")))))
