"""What a model says of itself: metadata entries, signatures, and files appended to it."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.formats.tflite.budget import Budget

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.formats.tflite.buffers import Buffers

__all__ = ["metadata", "signatures"]


def metadata(root: Any, buffers: Buffers) -> dict[str, str]:
    """The metadata entries by name: text, or ``<120 bytes>`` where a buffer holds something else.

    Converters pad text with zeros. A buffer that cannot be read is said to be so.
    """
    budget = Budget(buffers.source.size)
    found: dict[str, str] = {}
    for i, entry in enumerate(root.metadata):
        name = entry.name or f"metadata[{i}]"
        content = _content(buffers, entry.buffer)
        budget.spend(len(name) + len(content), f"metadata[{i}]")
        found[name] = content
    return found


def _content(buffers: Buffers, index: int) -> str:
    place = buffers.place(index)
    if place is None:
        return ""
    try:
        span: Any = place.locate()
        stored = bytes(span.view())
    except ModelError:
        return "<unreadable>"
    try:
        text = stored.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        text = "\0"
    plain = "\0" not in text and all(c.isprintable() or c.isspace() for c in text)
    return text if plain else f"<{len(stored)} bytes>"


def signatures(root: Any, names: list[list[str]], nbytes: int) -> dict[str, dict[str, object]]:
    """By key: the subgraph, and its inputs and outputs as names of tensors by their own names.

    ``names``: those of the tensors of each subgraph. An index of no tensor is left as a number.
    """
    budget = Budget(nbytes)
    found: dict[str, dict[str, object]] = {}
    for i, signature in enumerate(root.signature_defs):
        index = signature.subgraph_index
        known = names[index] if index < len(names) else []
        path = f"signature_defs[{i}]"
        found[signature.signature_key or ""] = {
            "subgraph": index,
            "inputs": _map(signature.inputs, known, budget, f"{path}.inputs"),
            "outputs": _map(signature.outputs, known, budget, f"{path}.outputs"),
        }
    return found


def _map(maps: Any, names: list[str], budget: Budget, path: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in maps:
        name, index = each.name or "", each.tensor_index
        budget.spend(len(name) + 1, path)
        found[name] = names[index] if index < len(names) else index
    return found
