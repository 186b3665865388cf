"""Field paths of tensors, as `walk` writes them, back to messages."""

from __future__ import annotations

from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["at", "declared_name", "is_initializer", "is_part_of_sparse", "surroundings"]


def at(root: Any, path: str) -> Any:
    """The message at ``graph.node[3].attribute[0].t`` below ``root``; ``root`` itself for "".

    Raises: ``IndexError`` where a list has become too short.
    """
    for part in path.split(".") if path else ():
        field, _, index = part.partition("[")
        root = getattr(root, field)
        if index:
            root = root[int(index.removesuffix("]"))]
    return root


def is_initializer(path: str) -> bool:
    """Whether the tensor is a dense initializer of some graph."""
    return path.rpartition(".")[2].startswith("initializer[")


def is_part_of_sparse(path: str) -> bool:
    """Whether the tensor is the values or the indices of a sparse one."""
    before, _, last = path.rpartition(".")
    return last in ("values", "indices") and "sparse" in before.rpartition(".")[2]


def surroundings(root: Any, path: str) -> Any:
    """The graph or function around the tensor; None if there is none."""
    parts = path.split(".")
    for i in reversed(range(len(parts))):
        if parts[i].startswith(("initializer[", "node[", "attribute_proto[")):
            return at(root, ".".join(parts[:i]))
    return None


def declared_name(root: Any, path: str) -> str | None:
    """What the tensor is called where the graph declares types; None where no value is."""
    message = at(root, path)
    if is_initializer(path):
        return text(message.name)
    before, _, last = path.rpartition(".")
    before = before.rpartition(".")[0]
    if last != "t" or not before.rpartition(".")[2].startswith("node["):
        return None
    node = at(root, before)
    return text(node.output[0]) if node.op_type == "Constant" and node.output else None
