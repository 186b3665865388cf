"""The object API of generated code: which of its methods are flatc's, and what they do.

Statements are compared as text, after Python has written them out from the syntax tree: spaces,
comments and line breaks are gone then.
"""

from __future__ import annotations

import ast
import re

from tensorwire._core.flat_targets import Target
from tensorwire._core.flat_unpack import Maker, Step, Unpacker
from tensorwire.flat.adoption.expressions import without_docstring
from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any

    from tensorwire.flat.adoption.sources import Sources

# In patterns of statements, %t is the argument, and %f, %r, %n, %c, %a, %C and so on are the names
# that a step has: see `tensorwire._core.flat_unpack.Step`.
_STEPS = {
    "value": "self.%f = %t.%r()",
    "array": """\
if not %t.%n():
    if np is None:
        self.%f = []
        for i in range(%t.%c()):
            self.%f.append(%t.%r(i))
    else:
        self.%f = %t.%a()""",
    "list": """\
if not %t.%n():
    self.%f = []
    for i in range(%t.%c()):
        self.%f.append(%t.%r(i))""",
    "object": """\
if %t.%r() is not None:
    self.%f = %C.InitFromObj(%t.%r())""",
    "objects": """\
if not %t.%n():
    self.%f = []
    for i in range(%t.%c()):
        if %t.%r(i) is None:
            self.%f.append(None)
        else:
            %x = %C.InitFromObj(%t.%r(i))
            self.%f.append(%x)""",
    "struct": """\
if %t.%r(%S()) is not None:
    self.%f = %C.InitFromObj(%t.%r(%S()))""",
    "union": "self.%f = %C(self.%o, %t.%r())",
    "text": """\
if self.%f is not None:
    self.%f = self.%f.decode('utf-8')""",
}
_NOTHING = "if %t is None:\n    return"

_ROOT = """\
%n = flatbuffers.encode.Get(flatbuffers.packer.uoffset, %t, %u)
%x = %C()
%x.Init(%t, %n + %u)
return %x"""
_MAKERS = {
    "from object": (1, "%x = %C()\n%x._UnPack(%t)\nreturn %x"),
    "from buffer": (2, "%x = %C()\n%x.Init(%t, %u)\nreturn cls.InitFromObj(%x)"),
    "root": (2, _ROOT),
}
#: The names under which flatc writes them; upstream has other methods that are called once only.
MAKERS = {"InitFromObj": "from object", "InitFromBuf": "from buffer", "GetRootAs": "root"}

_WORDS = {"f": "place", "r": "read", "n": "none", "c": "count", "a": "array", "o": "other",
          "C": "target", "S": "struct"}  # fmt: skip


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of statements as a regular expression, %-words as groups."""
    met: set[str] = set()

    def group(word: str) -> str:
        if word in met:
            return f"(?P={word})"
        met.add(word)
        return rf"(?P<{word}>[\w.]+)" if word.isupper() else rf"(?P<{word}>\w+)"

    parts = re.split(r"%(\w)", pattern)
    return re.compile("".join(
        group(part) if i % 2 else re.escape(part) for i, part in enumerate(parts)
    ))  # fmt: skip


_COMPILED = {name: compiled(pattern) for name, pattern in _STEPS.items()}
_IS_NOTHING = compiled(_NOTHING)
_COMPILED_MAKERS = {name: compiled(pattern) for name, (_, pattern) in _MAKERS.items()}


def unpacker_of(cls: type, function: FunctionType, sources: Sources) -> Unpacker:
    """The native form of an ``_UnPack``. Raises: `Unrecognised`."""
    init = vars(cls).get("__init__")
    if not isinstance(init, type(function)):
        raise Unrecognised("its class has no __init__ of flatc's")
    attributes = _attributes(init, sources)
    node = sources.tree_of(function)
    if len(node.args.args) != 2:
        raise Unrecognised("not of flatc's shapes: its arguments")
    given = node.args.args[1].arg
    first, *others = without_docstring(node.body)
    found = _IS_NOTHING.fullmatch(ast.unparse(first))
    if not found or found["t"] != given:
        raise Unrecognised("not of flatc's shapes: its first statement")
    names = list(attributes)
    steps = [_step(ast.unparse(one), given, names, function.__globals__) for one in others]
    return Unpacker(
        function, init, names, list(attributes.values()), steps, function.__globals__
    )  # fmt: skip


def _attributes(init: FunctionType, sources: Sources) -> dict[str, object]:
    """What ``__init__`` sets, and to what, if it is called without arguments."""
    node = sources.tree_of(init)
    given = [one.arg for one in node.args.args[1:]]
    defaults = init.__defaults__ or ()
    if len(defaults) != len(given) or node.args.vararg or node.args.kwonlyargs or node.args.kwarg:
        raise Unrecognised("its __init__ is not of flatc's shapes")
    values = dict(zip(given, defaults, strict=True))
    found: dict[str, object] = {}
    for statement in without_docstring(node.body):
        name, value = _assigned(statement)
        if isinstance(value, ast.Name) and value.id in values:
            found[name] = values[value.id]
        elif not isinstance(statement, ast.Pass):
            found[name] = _constant(value)
    return found


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr]:
    """``self.<name> = <value>``"""
    if isinstance(statement, ast.Pass):
        return "", ast.Constant(None)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
            return target.attr, statement.value
    raise Unrecognised("its __init__ is not of flatc's shapes")


def _constant(value: ast.expr) -> object:
    """A literal, or ``float('inf')`` and the like. Never anything that can be changed."""
    text = ast.unparse(value)
    if re.fullmatch(r"float\('[-a-z]+'\)", text):
        return float(text[7:-2])
    try:
        found = ast.literal_eval(value)
    except ValueError:
        found = []
    if found is not None and not isinstance(found, (int, float, str)):
        raise Unrecognised("its __init__ is not of flatc's shapes")
    return found


def _step(text: str, given: str, names: list[str], module: dict[str, Any]) -> Step:
    for doing, pattern in _COMPILED.items():
        found = pattern.fullmatch(text)
        if found is None:
            continue
        words = found.groupdict()
        if words.pop("t", given) != given or words["f"] not in names:
            continue
        words.pop("x", None)
        more: dict[str, Any] = {_WORDS[word]: value for word, value in words.items()}
        for place in {"place", "other"} & more.keys():
            if more[place] not in names:
                raise Unrecognised(f"self.{more[place]} is not set by __init__")
            more[place] = names.index(more[place])
        for name in {"target", "struct"} & more.keys():
            more[name] = global_target(more[name], module)
        return Step(doing, more.pop("place"), **more)
    raise Unrecognised(f"not of flatc's shapes: {text.splitlines()[0][:60]}")


def maker_of(cls: type, method: Any, kind: str, sources: Sources) -> Maker:
    """The native form of a classmethod. Raises: `Unrecognised`."""
    function = method.__func__
    node = sources.tree_of(function)
    given = [one.arg for one in node.args.args]
    count = _MAKERS[kind][0]
    text = "\n".join(map(ast.unparse, without_docstring(node.body)))
    found = _COMPILED_MAKERS[kind].fullmatch(text)
    if found is None or given != ["cls", found["t"], *([found["u"]] if count == 2 else [])]:
        raise Unrecognised("not of flatc's shapes")
    return Maker(cls, method, kind, global_target(found["C"], function.__globals__))


def global_target(dotted: str, module: dict[str, Any]) -> Target:
    """A global name, and attributes after it."""
    name, *attributes = dotted.split(".")
    return Target(module, None, name, tuple(attributes))
