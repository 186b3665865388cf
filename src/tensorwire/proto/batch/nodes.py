"""Columns on their way to messages: one kind of tree, wherever they come from.

Unlike `tensorwire.columns.data`, every leaf knows its own sources, lists may be absent, and names
may be dotted paths: what they lead through is found once the message type is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from tensorwire.columns.data import ListData, ScalarData

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.data import AnyData
    from tensorwire.columns.sources import Sources

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One number, time (datetime64, timedelta64) or span per row; spans count in ``sources``."""

    values: Array
    valid: Array | None = None
    sources: Sources | None = None

    @property
    def rows(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list per row. ``valid`` tells an absent list, which is empty, from an empty one."""

    offsets: Array
    item: Node
    valid: Array | None = None

    @property
    def rows(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Struct:
    """Fields by name or dotted path, all of as many rows."""

    fields: tuple[tuple[str, Node], ...]
    rows: int
    valid: Array | None = None


Node = Values | Items | Struct


def node_of(data: AnyData, sources: Sources, nulls_are_empty: bool = False) -> Node:
    """The node of a tree of columns. ``nulls_are_empty``: the tree does not tell absent lists from
    empty ones, and these pass for absent. Copies: nothing."""
    if isinstance(data, ScalarData):
        return Values(data.values, data.valid, sources)
    if isinstance(data, ListData):
        offsets = data.offsets
        valid = offsets[1:] > offsets[:-1] if nulls_are_empty else None
        return Items(offsets, node_of(data.item, sources, nulls_are_empty), valid)
    fields = tuple(
        [(field.type.name, node_of(field, sources, nulls_are_empty)) for field in data.fields]
    )
    return Struct(fields, data.length, data.valid)
