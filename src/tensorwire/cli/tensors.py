"""``tensors``: a row for every tensor, or for every pattern of names."""

from __future__ import annotations

from tensorwire.cli.arguments import add_files
from tensorwire.cli.models import each_tensor, opened, tensor_document

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator
    from typing import Any

    from tensorwire.cli.screen import Screen
    from tensorwire.errors import ModelError
    from tensorwire.tensor import Tensor
    from tensorwire.tensors import Tensors

SCHEMA = "tensorwire.tensors/1"
HEADED = "several"
JSON = """\
JSON: {schema, file, format, total: number of tensors before any were left out,
       tensors: [{name, scope: nested graph or function, or "", dtype, shape,
                  nbytes: or null if the shape is impossible, offset: or null where split,
                  aligned, file: that has the bytes, or null, available,
                  error: why the declaration is impossible, or null}]}
  --fold   "patterns" in place of "tensors": [{pattern, count, dtype, shape, nbytes: of all,
           unavailable: number}]
  --stats  adds to each "stats", null where there are none: {elements, min, max, mean,
           nan, inf, zeros, zero_share}; min, max and mean are of finite elements, null without
           any and for complex numbers and strings; and "stats_error": {kind, severity, reason,
           path, offset, file} or null
"""

#: --sort: what rows are ordered by. Absent values go last, the largest sizes first.
ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda each: each["name"],
    "size": lambda each: (each["nbytes"] is None, -(each["nbytes"] or 0)),
    "dtype": lambda each: each["dtype"] or "",
    "offset": lambda each: (each["offset"] is None, each["offset"] or 0),
}
# What statistics cannot be made of because of the place, not because of the model.
NOT_THERE = "file"


def add_arguments(parser: ArgumentParser) -> None:
    """Files, which tensors, and how to show them."""
    add_files(parser)
    parser.add_argument(
        "--select",
        action="append",
        metavar="GLOB",
        help="only tensors whose whole name fits; * is any text, ? one character; repeatable",
    )
    parser.add_argument(
        "--exclude", action="append", metavar="GLOB", help="not those that fit; repeatable"
    )
    parser.add_argument(
        "--sort", choices=ORDERS, help="instead of the file's order; the largest size first"
    )
    parser.add_argument(
        "--fold", action="store_true", help="one row for names that differ by layer numbers only"
    )
    parser.add_argument(
        "--stats", action="store_true", help="read all elements: min, max, mean, NaN, zeros"
    )


def collect(name: str, options: Namespace) -> dict[str, Any]:
    """``tensors`` or ``patterns``, selected, measured, folded and sorted in that order."""
    with opened(name) as model:
        found = [(tensor_document(*item), item[1]) for item in _chosen(model.tensors, options)]
        if options.stats:
            from tensorwire.cli.measure import measure

            measure(found)
        documents = [document for document, _ in found]
        total = len(model.tensors)
    document = {"file": name, "format": model.format, "total": total}
    if options.sort:
        documents.sort(key=ORDERS[options.sort])
    if options.fold:
        from tensorwire.cli.fold import fold

        patterns = fold(documents)
        if options.sort == "size":  # of all tensors of a pattern, not of its largest
            patterns.sort(key=ORDERS["size"])
        return {**document, "patterns": patterns}
    return {**document, "tensors": documents}


def code(document: dict[str, Any]) -> int:
    """1 if elements that are there could not be read; a missing file is no finding."""
    rows = document.get("tensors") or document.get("patterns") or []
    errors = [row["stats_error"] for row in rows if row.get("stats_error")]
    return int(any(error["kind"] != NOT_THERE for error in errors))


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:
    """See `tensorwire.cli.tensors_table`."""
    from tensorwire.cli.tensors_table import show_tensors

    show_tensors(document, screen, options.stats)


def _chosen(tensors: Tensors, options: Namespace) -> Iterator[tuple[str, Tensor | ModelError]]:
    excluded = set(tensors.select(options.exclude)) if options.exclude else ()
    chosen = tensors.select(options.select) if options.select else tensors
    return (item for item in each_tensor(chosen) if item[0] not in excluded)
