"""Union creators: ``if unionType == Union.Member: return MemberT.InitFromBuf(...)``, and so on."""

from __future__ import annotations

import ast

from tensorwire._core.flat_creators import Creator
from tensorwire._core.flat_targets import Target
from tensorwire.flat.adoption.expressions import without_docstring
from tensorwire.flat.adoption.unpacking import compiled, global_target
from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any

    from tensorwire.flat.adoption.sources import Sources

_IMPORT = "from flatbuffers.table import Table"
_NO_TABLE = "if not isinstance(table, Table):\n    return None"
_MEMBER = compiled(
    "if unionType == %E.%m:\n    return %C.InitFromBuf(table.Bytes, table.Pos)"
)  # fmt: skip
_IMPORTED = compiled(
    "if unionType == %E.%m:\n    import %M\n    return %C.InitFromBuf(table.Bytes, table.Pos)"
)  # fmt: skip


def is_creator(name: str, value: object) -> bool:
    """Whether a function of a module looks like one."""
    code = getattr(value, "__code__", None)
    given = getattr(code, "co_varnames", ())[:2]
    return name.endswith("Creator") and given == ("unionType", "table")


def creator_of(function: FunctionType, sources: Sources) -> Creator:
    """The native form of a creator. Raises: `Unrecognised`."""
    body = without_docstring(sources.tree_of(function).body)
    texts = [ast.unparse(statement) for statement in body]
    if texts[0] == _IMPORT:
        del texts[0]
    if len(texts) < 2 or texts[0] != _NO_TABLE or texts[-1] != "return None":
        raise Unrecognised("not of flatc's shapes")
    names = function.__globals__
    found = [_member(text, names) for text in texts[1:-1]]
    enums = {enum for enum, _, _ in found}
    if len(enums) != 1:
        raise Unrecognised("not of flatc's shapes: the types of several unions")
    enum = global_target(enums.pop(), names)
    members = tuple((name, _value(enum, name), target) for _, name, target in found)
    return Creator(function, enum, members)


def _member(text: str, names: dict[str, Any]) -> tuple[str, str, Target]:
    """(enum, name of the type, class)"""
    found = _MEMBER.fullmatch(text)
    if found is not None:
        return found["E"], found["m"], global_target(found["C"], names)
    found = _IMPORTED.fullmatch(text)
    if found is not None and found["C"].startswith(found["M"] + "."):
        path = found["C"][len(found["M"]) + 1 :].split(".")
        return found["E"], found["m"], Target(None, found["M"], path[0], tuple(path[1:]))
    raise Unrecognised(f"not of flatc's shapes: {text.splitlines()[0][:60]}")


def _value(enum: Target, name: str) -> int:
    value = getattr(enum.find(), name, None)
    if type(value) is not int:
        raise Unrecognised(f"{name} is no number")
    return value
