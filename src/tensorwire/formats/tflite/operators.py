"""Operator tables as `Node`."""

from __future__ import annotations

from tensorwire._core.flat_pick import pick_all
from tensorwire.errors import ModelError
from tensorwire.formats.tflite.options import custom_options, options
from tensorwire.formats.tflite.tables import SCHEMA, numbers
from tensorwire.graph import Node

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tensorwire.formats.tflite.graphs import Site

__all__ = ["CUSTOM_DOMAIN", "OperatorNode", "operator_names"]

# Source: schema.fbs, BuiltinOperator.
CUSTOM = 32

#: The domain of operators that are not builtin.
CUSTOM_DOMAIN = "custom"

ABSENT = -1


_CODE: Any = SCHEMA["tflite.OperatorCode"]
_FIELDS = (_CODE.builtin_code, _CODE.deprecated_builtin_code, _CODE.custom_code)


def operator_names(codes: Any, most: int) -> list[tuple[str, str]]:
    """(domain, name) of each OperatorCode table: of a builtin operator or, by itself, a custom one.

    Files before schema 3a have the number in ``deprecated_builtin_code`` alone, newer ones there
    too, as far as it fits. Source: LiteRT ``tflite/schema/schema_utils.cc``, GetBuiltinCode.
    Raises: ``LimitError`` for more than ``most`` bytes of names.
    """
    members: Any = SCHEMA["tflite.BuiltinOperator"].__members__
    known = {int(member): name for name, member in members.items()}
    found = []
    for builtin, deprecated, custom in pick_all(codes, _FIELDS, most):
        number = max(builtin, deprecated)
        if number == CUSTOM:
            found.append((CUSTOM_DOMAIN, custom or ""))
        else:
            found.append(("", known.get(number, f"tflite:{number}")))
    return found


class OperatorNode(Node):
    """A node that reads its table when asked. ``site``: the graph around it."""

    __slots__ = ("_index", "_site", "_table")

    name = ""
    doc_string = ""

    def __init__(self, table: Any, index: int, site: Site) -> None:
        self._table = table
        self._index = index
        self._site = site

    @property
    def op_type(self) -> str:
        return self._operator()[1]

    @property
    def domain(self) -> str:
        return self._operator()[0]

    @property
    def inputs(self) -> Sequence[str]:
        return self._names("inputs")

    @property
    def outputs(self) -> Sequence[str]:
        return self._names("outputs")

    @property
    def attributes(self) -> dict[str, object]:
        """By name, made anew on each access: the fields of both unions of options, and what custom
        options have, or ``custom_options`` where they are no map; ``intermediates``, if any.
        """
        table, site = self._table, self._site
        found: dict[str, object] = {}
        for field in ("builtin_options", "builtin_options_2"):
            held = getattr(table, field)
            if held is not None:
                found.update(options(held))
        custom = custom_options(table, site.maker.buffers, self._path, site.maker.limits)
        if isinstance(custom, dict):
            found.update(custom)
        elif custom is not None:
            found["custom_options"] = custom
        if len(numbers(table, "intermediates")):
            found["intermediates"] = self._names("intermediates")
        return found

    @property
    def _path(self) -> str:
        return f"subgraphs[{self._site.index}].operators[{self._index}]"

    def _operator(self) -> tuple[str, str]:
        codes, index = self._site.operators, int(self._table.opcode_index)
        if index >= len(codes):
            raise ModelError(f"operator code {index} of {len(codes)}", path=self._path)
        return codes[index]

    def _names(self, field: str) -> list[str]:
        """Raises: ``ModelError`` for an index of no tensor."""
        names = self._site.names
        found = []
        for i, index in enumerate(numbers(self._table, field)):
            if not ABSENT <= index < len(names):
                reason = f"tensor {index} of {len(names)}"
                raise ModelError(reason, path=f"{self._path}.{field}[{i}]")
            found.append("" if index == ABSENT else names[index])
        return found
