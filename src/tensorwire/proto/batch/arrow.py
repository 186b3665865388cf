"""Arrow's tables and columns, of any library, as nodes."""

from __future__ import annotations

from tensorwire.columns.arrow.importing import data_of
from tensorwire.proto.batch.nodes import node_of

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.proto.batch.nodes import Node


def node_of_arrow(source: Any) -> Node:
    """All chunks as one. Copies: nothing of strings; of numbers what `data_of` says.

    Whether a list is null or empty is not kept. Raises: as `data_of`.
    """
    data, sources = data_of(source)
    return node_of(data, sources, nulls_are_empty=True)
