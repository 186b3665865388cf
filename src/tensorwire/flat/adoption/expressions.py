"""What a generated method computes: its statements, put into one expression of few words.

An expression is a tuple that begins with a word. Locals are gone: ``x = tab.Vector(o)`` and
``return tab.Indirect(x)`` become ``("Indirect", ("Vector", ...))``. So spelling, order of sums and
annotations do not matter, and a method that does anything else is not recognised.

| expression | stands for |
|---|---|
| ``("pos",)``, ``("bytes",)`` | ``self._tab.Pos``, ``self._tab.Bytes`` |
| ``("offset", K)`` | ``self._tab.Offset(K)`` |
| ``("argument", n)`` | the n-th argument after ``self`` |
| ``("constant", value)`` | a literal, or ``float("inf")`` |
| ``("sum", terms)``, ``("product", term, K)`` | terms in order of their text |
| ``("flags", name)`` | ``flatbuffers.number_types.<name>`` |
| ``("name", module or None, path)`` | a global, or what was imported from a module |
| ``("made", name, at)`` | ``x = Name(); x.Init(self._tab.Bytes, at)`` |
| ``("shown", n, at)`` | the same with an object that was an argument |
| ``("union", field)`` | ``x = Table(bytearray(), 0); self._tab.Union(x, field)`` |
| ``("root", name, at)`` | ``Name.GetRootAs(self._tab.Bytes, at)`` |
| ``("call", name)`` | ``self.<name>()`` |
| ``("Get", ...)`` and so on | methods of ``self._tab`` |
"""

from __future__ import annotations

import ast

from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Expression = tuple[Any, ...]  # of a word and what belongs to it

POS: Expression = ("pos",)
BYTES: Expression = ("bytes",)
ZERO: Expression = ("constant", 0)

_READS = {"Get": 2, "GetArrayAsNumpy": 3, "GetVectorAsNumpy": 2, "Indirect": 1, "String": 1,
          "Vector": 1, "VectorLen": 1}  # fmt: skip
_UPSTREAM = "flatbuffers"


class Evaluator:
    """Evaluates one method. ``names``: the globals that it will find."""

    def __init__(self, node: ast.FunctionDef, names: Mapping[str, Any], table: type) -> None:
        given = [argument.arg for argument in node.args.args]
        self.locals: dict[str, Expression] = {given[0]: ("self",)} if given else {}
        self.locals |= {name: ("argument", i) for i, name in enumerate(given[1:])}
        self.names = names
        self.table = table

    def block(self, statements: list[ast.stmt]) -> Expression:
        """The value that the statements return; the last one does."""
        for statement in statements[:-1]:
            self.run(statement)
        last = statements[-1]
        if not isinstance(last, ast.Return) or last.value is None:
            raise unknown(last)
        return self.value(last.value)

    def run(self, statement: ast.stmt) -> None:
        """One statement before the last."""
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                found = ("name", self.module_of(statement), (alias.name,))
                self.locals[alias.asname or alias.name] = found
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            self.locals[name_of(statement.targets[0])] = self.value(statement.value)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
            name = name_of(statement.target)
            self.locals[name] = added(self.value(statement.target), self.value(statement.value))
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self.effect(statement.value)
        else:
            raise unknown(statement)

    def module_of(self, statement: ast.ImportFrom) -> str:
        """The absolute name of the module that names are imported from."""
        if not statement.level:
            return statement.module or ""
        package = str(self.names.get("__package__") or "").split(".")
        kept = package[: len(package) + 1 - statement.level]
        return ".".join([*kept, statement.module] if statement.module else kept)

    def effect(self, call: ast.Call) -> None:
        """``obj.Init(...)`` or ``self._tab.Union(obj, ...)``: changes what ``obj`` is."""
        given = plain_arguments(call)
        if not isinstance(call.func, ast.Attribute) or len(given) != 2:
            raise unknown(call)
        on = self.value(call.func.value)
        if call.func.attr == "Union" and on == ("tab",):
            name = name_of(given[0])
            if self.locals.get(name) == ("new table",):
                self.locals[name] = ("union", self.value(given[1]))
                return
        elif call.func.attr == "Init" and self.value(given[0]) == BYTES:
            name, at = name_of(call.func.value), self.value(given[1])
            if on[0] == "new":
                self.locals[name] = ("made", on[1], at)
                return
            if on[0] == "argument":
                self.locals[name] = ("shown", on[1], at)
                return
        raise unknown(call)

    def value(self, node: ast.expr) -> Expression:
        if isinstance(node, ast.Constant):
            return ("constant", node.value)
        if isinstance(node, ast.Name):
            return self.locals.get(node.id, ("name", None, (node.id,)))
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.BinOp):
            return self.operation(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            word, number = self.value(node.operand)[:2]
            if word == "constant" and isinstance(number, (int, float)):
                return ("constant", -number)
        if isinstance(node, ast.Compare) and [type(one) for one in node.ops] == [ast.Eq]:
            return ("equal", self.value(node.left), self.value(node.comparators[0]))
        raise unknown(node)

    def operation(self, node: ast.BinOp) -> Expression:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add):
            return added(left, right)
        if isinstance(node.op, ast.Mult) and right[0] == "constant":
            return ("product", left, right[1])
        raise unknown(node)

    def attribute(self, node: ast.Attribute) -> Expression:
        on = self.value(node.value)
        if on == ("self",) and node.attr == "_tab":
            return ("tab",)
        if on == ("tab",) and node.attr in {"Pos", "Bytes"}:
            return POS if node.attr == "Pos" else BYTES
        if on[0] != "name":
            raise unknown(node)
        path = (*on[2], node.attr)
        if on[1] is None and path[:2] == (_UPSTREAM, "number_types") and len(path) == 3:
            return ("flags", node.attr)
        return ("name", on[1], path)

    def call(self, node: ast.Call) -> Expression:
        given = plain_arguments(node)
        if isinstance(node.func, ast.Attribute):
            return self.method(node.func, given)
        if not isinstance(node.func, ast.Name):
            raise unknown(node)
        name, called = node.func.id, self.value(node.func)
        if self.is_builtin(name, called) and len(given) == 1:
            return self.converted(name, self.value(given[0]))
        if self.is_table(called):
            if [ast.unparse(one) for one in given] == ["bytearray()", "0"]:
                return ("new table",)
        elif called[0] == "name" and not given:
            return ("new", called)
        raise unknown(node)

    def method(self, function: ast.Attribute, given: list[ast.expr]) -> Expression:
        """``self._tab.Get(...)``, ``self.XLength()``, ``Name.GetRootAs(...)``, ``py_type(...)``."""
        on, values = self.value(function.value), [self.value(one) for one in given]
        name = function.attr
        if on == ("flags", "UOffsetTFlags") and name == "py_type" and len(values) == 1:
            return values[0]  # int of an int
        if on == ("tab",):
            if name == "Offset" and len(values) == 1 and values[0][0] == "constant":
                return ("offset", values[0][1])
            if _READS.get(name) == len(values):
                return (name, *values)
        if on == ("self",) and not values:
            return ("call", name)
        if on[0] == "name" and name == "GetRootAs" and len(values) == 2 and values[0] == BYTES:
            return ("root", on, values[1])
        raise unknown(function)

    def is_builtin(self, name: str, value: Expression) -> bool:
        return name in {"bool", "float"} and value[0] == "name" and name not in self.names

    def is_table(self, value: Expression) -> bool:
        """Whether the name is ours now: that of an import inside, or a global one."""
        if value == ("name", f"{_UPSTREAM}.table", ("Table",)):
            return True
        return value[:2] == ("name", None) and self.names.get(value[2][0]) is self.table

    def converted(self, name: str, value: Expression) -> Expression:
        if name == "bool" and value[:2] == ("Get", ("flags", "BoolFlags")):
            return value
        if name == "float" and value[0] == "constant" and isinstance(value[1], str):
            return ("constant", float(value[1]))
        raise Unrecognised(f"{name}(...) of something else than flatc's")


def added(*values: Expression) -> Expression:
    """A sum, its terms in an order of their own."""
    terms = [term for one in values for term in (one[1] if one[0] == "sum" else (one,))]
    return ("sum", tuple(sorted(terms, key=repr)))


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    raise unknown(node)


def plain_arguments(call: ast.Call) -> list[ast.expr]:
    if call.keywords or any(isinstance(one, ast.Starred) for one in call.args):
        raise unknown(call)
    return call.args


def unknown(node: ast.AST) -> Unrecognised:
    """Says what is not known, without the line: that of a function moved away tells nothing."""
    return Unrecognised(f"not of flatc's shapes: {ast.unparse(node).splitlines()[0][:60]}")


def without_docstring(statements: list[ast.stmt]) -> list[ast.stmt]:
    first = statements[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return statements[1:] if isinstance(first.value.value, str) else statements
    return statements
