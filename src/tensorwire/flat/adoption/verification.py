"""verify_root(): the verifier for objects of classes that flatc generated."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.schema import Schema, Verification
    from tensorwire.limits import Limits

#: What `adopt` was told: the schema of a class that flatc generated.
schemas: dict[type, Schema] = {}


def verify_root(
    root: Any, schema: Schema | None = None, *, strict: bool = False, limits: Limits | None = None
) -> Verification:
    """Verifies the buffer of a root object of a generated class, as `Schema.verify` does.

    ``schema``: None is the one that was given to `adopt` with the class or its module. The object
    is one that ``GetRootAs`` made at the start of a buffer, or behind a size of 4 bytes. Generated
    classes check each read, but take what they find for what it should be; a buffer that was
    verified, and is not changed since, holds what its schema says.

    Raises: ``DecodeError`` with reason, offset and path; ``ValueError`` for an object that is no
    root, or of whose class no schema is known; ``LimitError``.
    """
    cls = type(root)
    known = schema or next((schemas[one] for one in cls.__mro__ if one in schemas), None)
    if known is None:
        raise ValueError(f"no schema of {cls.__name__} is known: give one here, or to flat.adopt()")
    name = _type_named(known, cls)
    buffer, at = root._tab.Bytes, root._tab.Pos
    start = bytes(memoryview(buffer).cast("B")[:8])
    for prefix in (0, 4):
        if int.from_bytes(start[prefix : prefix + 4], "little") + prefix == at:
            return known.verify(
                buffer, name, strict=strict, limits=limits, size_prefixed=prefix > 0
            )  # fmt: skip
    raise ValueError(f"the {cls.__name__} at byte {at} is not the root of its buffer")


def _type_named(schema: Schema, cls: type) -> str:
    """The full name of the table that a generated class reads; its own name has no namespace."""
    named = [
        one.name
        for one in schema.declarations.objects
        if one.name.rpartition(".")[2] == cls.__name__ and not one.is_struct
    ]
    if len(named) > 1:  # a package has one module for each type, named like it
        by_module = [one for one in named if one == cls.__module__]
        named = by_module or [one for one in named if one == schema.root_type] or named
    if len(named) == 1:
        return named[0]
    found = f"tables of that name: {', '.join(named)}" if named else "no table of that name"
    raise ValueError(f"which type {cls.__name__} is cannot be told: the schema has {found}")
