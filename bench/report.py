"""One table: tensorwire beside upstream's ways, measured side by side in one run.

    python bench/report.py [--quick] [--json] [--only open,verify,...]

Every figure is a median; every ratio is of two figures of the same run; every answer was compared
before it was timed. Exit code 1 if something that must be reached was not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import build_messages
import change_graph
import change_weights
import flat_build
import flat_columns
import flat_dropin
import flat_views
import machine
import open_models
import open_tflite
import packed_varints
import small_message
import verify_graph
import view_memory
import walk_graph
from rows import Row, table

import columns

Rows = Callable[[bool, str], Iterator[Row]]

QUESTIONS: dict[str, tuple[str, Rows]] = {
    "open": ("(1) open a model, hand out all tensors", open_models.rows),
    "verify": ("(2) verify a graph; upb: parse it", verify_graph.rows),
    "walk": ("(3) read every field of the graph in Python", walk_graph.rows),
    "varints": ("(4) packed varints to one array", packed_varints.rows),
    "small": ("(5) a small message", small_message.rows),
    "build": ("(6) build messages and write them", build_messages.rows),
    "change": ("(7) change, copy and compare a graph", change_graph.rows),
    "weights": ("(8) change one name in a model of weights", change_weights.rows),
    "views": ("(9) memory of views", view_memory.rows),
    "columns": ("(10) columns of many records", columns.rows),
    "tflite": ("(11) open a TensorFlow Lite model, hand out all constants", open_tflite.rows),
    "generated": ("(12) read a TensorFlow Lite model by generated code", flat_dropin.rows),
    "flatbuild": ("(13) build a TensorFlow Lite model", flat_build.rows),
    "flatviews": ("(14) read a TensorFlow Lite model by our own views", flat_views.rows),
    "flatcolumns": ("(15) columns of a TensorFlow Lite model", flat_columns.rows),
}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes: under a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    everything = ",".join(QUESTIONS)
    parser.add_argument("--only", help=f"some of {everything}", default=everything)
    chosen = parser.parse_args()
    unknown = set(chosen.only.split(",")) - set(QUESTIONS)
    if unknown:
        parser.error(f"no such question: {', '.join(sorted(unknown))}")
    return chosen


def main() -> int:
    chosen = options()
    facts = machine.facts()
    if not chosen.json:
        print("\n".join(machine.lines(facts)), flush=True)
    answers: dict[str, list[Row]] = {}
    start = time.perf_counter()
    for name in chosen.only.split(","):
        title, rows = QUESTIONS[name]
        with tempfile.TemporaryDirectory(prefix="tensorwire-bench-") as folder:
            answers[name] = list(rows(chosen.quick, folder))
        if not chosen.json:
            print("\n".join(["", title, *table(answers[name])]), flush=True)
    seconds = time.perf_counter() - start
    if chosen.json:
        found = {name: [row.as_data() for row in rows] for name, rows in answers.items()}
        json.dump({"machine": facts, "seconds": seconds, "rows": found}, sys.stdout, indent=1)
    else:
        how = ", small sizes and few rounds: for a look, not to quote" if chosen.quick else ""
        print(f"\nmeasured in {seconds:.0f} s{how}")
    return any(row.failed for rows in answers.values() for row in rows)


if __name__ == "__main__":
    sys.exit(main())
