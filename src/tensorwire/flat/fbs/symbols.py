"""The names that a schema knows, and which of them a name in its text means.

As flatc has it: innermost namespace outwards; enums and unions must be declared before use, tables
need not. A name that means nothing yet goes to the first table of that name declared later,
whatever its namespace, and otherwise only to one in the namespace where it was used.
"""

from __future__ import annotations

from tensorwire.flat.fbs.drafts import EnumDraft, ObjectDraft
from tensorwire.near import near_names

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tensorwire.errors import SchemaError
    from tensorwire.flat.declarations import Object

#: Attributes that need no declaration. Source: google/flatbuffers ``include/flatbuffers/idl.h``.
BUILTIN = frozenset({
    "bit_flags", "cpp_ptr_type", "cpp_ptr_type_get", "cpp_str_flex_ctor", "cpp_str_type",
    "cpp_type", "csharp_partial", "deprecated", "flexbuffer", "force_align", "hash", "id",
    "idempotent", "key", "native_custom_alloc", "native_default", "native_inline", "native_type",
    "native_type_pack_name", "nested_flatbuffer", "offset64", "original_order", "private",
    "required", "shared", "streaming", "vector64",
})  # fmt: skip

#: Names longer than this, and more of them, are not compared for "did you mean".
_COMPARED_LENGTH, _COMPARED = 100, 1000


class Symbols:
    """Everything declared, or used before its declaration, in all files read so far."""

    def __init__(self) -> None:
        self.objects: dict[str, ObjectDraft] = {}  # those used only: by the name as it was used
        self.enums: dict[str, EnumDraft] = {}
        self.structs: dict[str, Object] = {}  # placed ones
        self.taken: set[str] = set()  # full names of all declared types
        self.services: set[str] = set()
        self.attributes: set[str] = set(BUILTIN)
        self.used: list[ObjectDraft] = []  # before they were declared
        self.declared: list[ObjectDraft] = []
        # What must be no struct, once it is declared; makes what to raise where it is.
        self.tables: list[tuple[ObjectDraft, Callable[[], SchemaError]]] = []

    def enum(self, namespace: str, name: str) -> EnumDraft | None:
        """What ``name`` means where ``namespace`` is the current one, or None."""
        for full in _outwards(namespace, name):
            if full in self.enums:
                return self.enums[full]
        return None

    def known_object(self, namespace: str, name: str) -> ObjectDraft | None:
        """The table or struct that ``name`` means, declared or used before, or None."""
        used = self.objects.get(name)
        if used is not None and not used.declared:
            return used
        for full in _outwards(namespace, name):
            if full in self.objects:
                return self.objects[full]
        return None

    def used_object(
        self, namespace: str, name: str, undeclared: Callable[[str], SchemaError]
    ) -> ObjectDraft:
        """The same, but what is not known is so from now on.

        ``undeclared``: makes the error for the case that no declaration follows, given a hint.
        """
        found = self.known_object(namespace, name)
        if found is None:
            found = self.objects[name] = ObjectDraft(name, undeclared)
            self.used.append(found)
        return found

    def declared_object(self, namespace: str, name: str) -> ObjectDraft | None:
        """A table or struct whose declaration begins; None if there was one before."""
        full = qualified(namespace, name)
        found = self.objects.get(name)
        if found is not None and not found.declared:
            del self.objects[name]
            self.objects[full] = found
        else:
            found = self.objects.get(full)
        if found is None:
            found = self.objects[full] = ObjectDraft(full, None)
        elif found.declared:
            return None
        found.name = full
        found.declared = True
        self.declared.append(found)
        return found

    def check_uses(self) -> None:
        """Raises ``SchemaError`` for what was used and is not declared, or not as a table."""
        for draft in self.used:
            if not draft.declared and draft.undeclared is not None:
                hint = near(draft.name, self.taken)
                if any(_last(full) == _last(draft.name) for full in self.enums):
                    hint = " before this use, and an enum or union must be"
                raise draft.undeclared(hint)
        for draft, wrong in self.tables:
            if draft.is_struct:
                raise wrong()


def qualified(namespace: str, name: str) -> str:
    """The full name of what ``namespace`` declares."""
    return f"{namespace}.{name}" if namespace else name


def near(name: str, names: Iterable[str]) -> str:
    """What to add to an error about an unknown name: which known ones are like it."""
    from itertools import islice

    known = (one for one in islice(names, _COMPARED) if len(one) <= _COMPARED_LENGTH)
    found = near_names(name, known) if len(name) <= _COMPARED_LENGTH else []
    return f"; near: {', '.join(map(repr, found))}" if found else ""


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _outwards(namespace: str, name: str) -> Iterator[str]:
    """Full names that ``name`` may stand for, that in the innermost namespace first."""
    while namespace:
        yield f"{namespace}.{name}"
        namespace = namespace.rpartition(".")[0]
    yield name
