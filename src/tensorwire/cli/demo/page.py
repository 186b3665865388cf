"""What ``demo`` says, from its document."""

from __future__ import annotations

from tensorwire.cli.screen import LEFT, RIGHT, Mark
from tensorwire.cli.text import nbytes_text, plural, seconds_text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tensorwire.cli.screen import Screen

__all__ = ["show_page"]

#: What is measured -> (key, how it is written).
ROWS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "import, first use": ("import_seconds", seconds_text),
    "open": ("open_seconds", seconds_text),
    "all tensors as arrays": ("arrays_seconds", seconds_text),
    "memory added": ("private_nbytes", nbytes_text),
    "file pages mapped": ("mapped_nbytes", nbytes_text),
    "peak on the way": ("peak_nbytes", nbytes_text),
}
LEAST_TIME = 1e-9
UPSTREAM_MAX = 2**31 - 1  # bytes of one message; protobuf.dev/programming-guides/proto-limits


def show_page(document: dict[str, Any], screen: Screen) -> None:
    """What was written, what was measured, what that means."""
    size, tensors = nbytes_text(document["nbytes"]), plural(document["tensors"], "tensor")
    wrote = (
        f"wrote an ONNX model of {size} ({tensors}) in {seconds_text(document['write_seconds'])}"
    )
    screen.line(wrote)
    screen.gap()
    runs = document["runs"]
    sound = [run for run in runs if run["error"] is None]
    if sound:
        _table(sound, screen)
    for run in runs:
        if run["error"] is not None:
            screen.line(f"  {run['library']} failed: {run['error']}")
        elif not run["right"]:
            screen.line(f"  {run['library']} gave other numbers than were written")
    screen.gap()
    for line in _meaning(document, sound):
        screen.line(line)


def _table(runs: list[dict[str, Any]], screen: Screen) -> None:
    columns = {"": LEFT} | {f"{run['library']} {run['version']}": RIGHT for run in runs}
    compared = len(runs) == 2
    rows = []
    for title, (key, text) in ROWS.items():
        values = [run[key] for run in runs]
        row = [title, *("?" if value is None else text(value) for value in values)]
        if compared:
            row.append(_ratio(*values) if key in ("open_seconds", "arrays_seconds") else "")
        rows.append(row)
    screen.table(columns | ({"ratio": RIGHT} if compared else {}), rows)


def _ratio(ours: float, theirs: float) -> str:
    return Mark(f"{theirs / max(ours, LEAST_TIME):,.0f} x", "good")


def _meaning(document: dict[str, Any], runs: list[dict[str, Any]]) -> list[str]:
    nbytes = nbytes_text(document["nbytes"])
    lines = [f"The arrays lie on the mapped file: of its {nbytes}, pages are read when first used."]
    if len(runs) == 2:
        lines.append("Each library ran once in its own process, with the file in the page cache.")
    elif document["nbytes"] > UPSTREAM_MAX and any(run["error"] for run in document["runs"]):
        lines.append("Upstream Protobuf parses no message of more than 2 GiB.")
    elif len(document["runs"]) == 1:
        lines.append("Install onnx to see what it takes beside this.")
    return [*lines, "The model was removed again."]
