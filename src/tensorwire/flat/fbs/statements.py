"""Everything else that a file holds: namespaces, root types, services, ..."""

from __future__ import annotations

from functools import partial

from tensorwire.flat.declarations import OBJECT
from tensorwire.flat.fbs.cursor import END, NAME, TEXT, quoted
from tensorwire.flat.fbs.drafts import ObjectDraft
from tensorwire.flat.fbs.enums import read_enum
from tensorwire.flat.fbs.objects import read_object
from tensorwire.flat.fbs.symbols import qualified

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.flat.fbs.unit import Unit

#: Bytes of a file identifier. Source: google/flatbuffers ``docs/source/schema.md``.
_IDENTIFIER = 4

#: What a namespace may have, so that looking for a name takes bounded time. flatc has no limits.
_MOST_PARTS, _MOST_LENGTH = 64, 1024


def read_statements(unit: Unit) -> None:
    """Reads what comes after the includes, up to the end or to a JSON object."""
    readers = {
        "namespace": _namespace,
        "enum": read_enum,
        "union": read_enum,
        "root_type": _root_type,
        "file_identifier": _file_identifier,
        "file_extension": _file_extension,
        "attribute": _attribute,
        "rpc_service": _service,
    }
    while unit.kind not in (END, "{"):
        if unit.is_word("include"):
            raise unit.wrong("includes must come before declarations")
        reader = readers.get(unit.value, read_object) if unit.kind == NAME else read_object
        reader(unit)


def skip_json(unit: Unit) -> None:
    """Goes behind the JSON object at the end of a file. What it holds is not looked at.

    Raises: ``SchemaError`` where there is no root type, or something follows.
    """
    if unit.kind == END:
        return
    if unit.root is None:
        raise unit.wrong("a JSON object, and no root_type says of what")
    depth = 0
    while True:
        if unit.kind in ("{", "["):
            depth += 1
        elif unit.kind in ("}", "]"):
            depth -= 1
        elif unit.kind == END:
            raise unit.wrong("a JSON object without an end")
        unit.advance()
        if depth == 0:
            break
    unit.expect(END)


def _namespace(unit: Unit) -> None:
    unit.advance()
    at, name = unit.at, ""
    if unit.kind != ";":
        name = unit.dotted_name()
    if len(name) > _MOST_LENGTH or name.count(".") >= _MOST_PARTS:
        raise unit.wrong(f"a namespace of over {_MOST_PARTS} parts or {_MOST_LENGTH} letters", at)
    unit.namespace = name
    unit.expect(";")


def _root_type(unit: Unit) -> None:
    unit.advance()
    at, name = unit.at, unit.dotted_name()
    objects = unit.symbols.objects
    found = objects.get(name) or objects.get(qualified(unit.namespace, name))
    if found is None:
        raise unit.wrong(f"no table {quoted(name)} is declared", at)
    reason = f"{quoted(name)} is a struct: only tables are roots"
    unit.symbols.tables.append((found, partial(unit.wrong, reason, at)))
    unit.root = found
    unit.expect(";")


def _file_identifier(unit: Unit) -> None:
    unit.advance()
    at, value = unit.at, unit.expect(TEXT).encode()
    if len(value) != _IDENTIFIER:
        raise unit.wrong(f"file_identifier has {_IDENTIFIER} bytes, not {len(value)}", at)
    unit.identifier = value.decode("latin-1")  # one character for each byte
    unit.expect(";")


def _file_extension(unit: Unit) -> None:
    unit.advance()
    unit.extension = unit.expect(TEXT)
    unit.expect(";")


def _attribute(unit: Unit) -> None:
    unit.advance()
    unit.symbols.attributes.add(unit.expect(NAME if unit.kind == NAME else TEXT))
    unit.expect(";")


def _service(unit: Unit) -> None:
    """Read and forgotten."""
    unit.advance()
    at, full = unit.at, qualified(unit.namespace, unit.expect(NAME))
    if full in unit.symbols.services:
        raise unit.wrong(f"service {quoted(full)} is declared already", at)
    unit.symbols.services.add(full)
    unit.attributes()
    unit.expect("{")
    calls: set[str] = set()
    while True:
        at, name = unit.at, unit.expect(NAME)
        unit.expect("(")
        _message(unit)
        unit.expect(")")
        unit.expect(":")
        _message(unit)
        if name in calls:
            raise unit.wrong(f"call {quoted(name)} is there twice", at)
        calls.add(name)
        unit.attributes()
        unit.expect(";")
        if unit.accept("}"):
            return


def _message(unit: Unit) -> None:
    """What a call takes or gives."""
    at = unit.at
    kind = unit.type()
    if kind.base != OBJECT or not isinstance(kind.named, ObjectDraft) or kind.named.is_struct:
        raise unit.wrong("calls take and give tables", at)
