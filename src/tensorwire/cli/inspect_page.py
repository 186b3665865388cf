"""The page of ``inspect``, from its document."""

from __future__ import annotations

from tensorwire.cli.models import type_text
from tensorwire.cli.screen import LEFT, RIGHT, Mark
from tensorwire.cli.text import nbytes_text, plural

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.cli.screen import Screen

    Pairs = Iterator[tuple[str, str]]

__all__ = ["show_page"]

SHOWN = 200  # characters of a value of metadata: some files keep whole documents there
ONNX_DOMAIN = "ai.onnx"  # what the domain "" stands for


def show_page(document: dict[str, Any], screen: Screen, top: int) -> None:
    """Everything but what the file does not have."""
    screen.facts(_facts(document))
    graph, tensors = document["graph"], document["tensors"]
    if graph is not None:
        _values(screen, "input", graph["inputs"])
        _values(screen, "output", graph["outputs"])
        _operators(screen, graph["operators"], top)
    if tensors["dtypes"]:
        _dtypes(screen, tensors)
        _largest(screen, tensors)
    if document["metadata"]:
        screen.gap()
        screen.heading("metadata")
        screen.facts((key, _short(value)) for key, value in document["metadata"].items())
    if len(document["files"]) > 1:
        _files(screen, document["files"])


def _facts(document: dict[str, Any]) -> Pairs:
    info = dict(document["info"])
    files, graph, tensors = document["files"], document["graph"], document["tensors"]
    yield "format", document["format"]
    if files:
        yield "file", f"{nbytes_text(files[0]['nbytes'])}, {_held(info.pop('mode'))}"
    producer = (info.pop("producer_name", ""), info.pop("producer_version", ""))
    if any(producer):
        yield "producer", " ".join(filter(None, producer))
    for key, value in info.items():
        if text := _info_text(value):
            yield key.replace("_", " "), text
    if graph is not None:
        counts = [plural(graph["nodes"], "node"), *_some(graph["functions"], "function")]
        yield "graph", f"{graph['name']}: {', '.join(counts)}"
    counts = [plural(tensors["count"], "tensor"), nbytes_text(tensors["nbytes"])]
    yield "tensors", ", ".join(counts)
    for key in ("unavailable", "faulty"):
        if tensors[key]:
            yield key, Mark(f"{plural(tensors[key], 'tensor')}; see tensorwire validate", "bad")


def _held(mode: str) -> str:
    return {"map": "mapped", "read": "read into memory"}.get(mode, "in memory")


def _info_text(value: object) -> str:
    """An empty text for what says nothing."""
    if isinstance(value, dict):
        return ", ".join(f"{key or ONNX_DOMAIN} {inner}" for key, inner in value.items())
    return _short(str(value)) if value not in ("", None, 0) else ""


def _some(count: int, noun: str) -> list[str]:
    return [plural(count, noun)] if count else []


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def _values(screen: Screen, noun: str, values: list[dict[str, Any]]) -> None:
    if values:
        screen.gap()
        rows = [(value["name"], type_text(value)) for value in values]
        screen.table({noun: LEFT, "type": LEFT}, rows)


def _operators(screen: Screen, operators: list[dict[str, Any]], top: int) -> None:
    if not operators:
        return
    screen.gap()
    rows = [(_operator(each), f"{each['count']:,}") for each in operators[:top]]
    if rest := operators[len(rows) :]:
        count = sum(each["count"] for each in rest)
        rows.append((Mark(f"{len(rest)} more", "faint"), f"{count:,}"))
    screen.table({"operator": LEFT, "count": RIGHT}, rows)


def _operator(each: dict[str, Any]) -> str:
    return f"{each['domain']}::{each['op_type']}" if each["domain"] else str(each["op_type"])


def _dtypes(screen: Screen, tensors: dict[str, Any]) -> None:
    screen.gap()
    columns = {"dtype": LEFT, "tensors": RIGHT, "elements": RIGHT, "size": RIGHT}
    rows = [
        (each["dtype"], f"{each['count']:,}", f"{each['elements']:,}", nbytes_text(each["nbytes"]))
        for each in tensors["dtypes"]
    ]
    screen.table(columns, rows)


def _largest(screen: Screen, tensors: dict[str, Any]) -> None:
    rows = [
        (each["name"], type_text(each), nbytes_text(each["nbytes"])) for each in tensors["largest"]
    ]
    if rows:
        screen.gap()
        some = "tensor" if len(rows) == tensors["count"] else "largest tensors"
        screen.table({some: LEFT, "type": LEFT, "size": RIGHT}, rows)


def _files(screen: Screen, files: list[dict[str, Any]]) -> None:
    screen.gap()
    rows = [
        (each["path"], Mark("missing", "bad") if size is None else nbytes_text(size))
        for each in files
        for size in [each["nbytes"]]
    ]
    screen.table({"file": LEFT, "size": RIGHT}, rows)
