"""Schema: the types of FlatBuffers schema files, their classes, and the buffers they describe."""

from __future__ import annotations

import os
from functools import cached_property

from tensorwire._core.flat_verify import verify_flat
from tensorwire._core.flat_view import root_view
from tensorwire._core.source import Source
from tensorwire.flat.classes import plans_of
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType
    from typing import Any

    from tensorwire.flat.declarations import Declarations
    from tensorwire.limits import Limits

    Path = str | os.PathLike[str]

__all__ = ["Schema", "Verification"]


class Verification:
    """What the verifier met in a sound buffer.

    ``tables`` and ``vectors`` (strings are among them), each shared one counted once or, where it
    is small, as often as it is used; ``depth`` of nested tables; ``size`` of the buffer in bytes;
    ``position`` of the root table.
    """

    __slots__ = ("depth", "position", "size", "tables", "vectors")

    def __init__(self, position: int, tables: int, vectors: int, depth: int, size: int) -> None:
        self.position = position
        self.tables = tables
        self.vectors = vectors
        self.depth = depth
        self.size = size

    def __repr__(self) -> str:
        counts = f"{self.tables} tables, {self.vectors} vectors, depth {self.depth}"
        return f"<Verification: {counts}, {self.size} bytes>"


class Schema:
    """Types by full name: ``schema["tflite.Model"]`` is the class of a table or struct, or the
    IntEnum of an enum, made on first use.

    A schema never changes. Made by one of the ``from_`` methods.
    """

    def __init__(self, declarations: Declarations) -> None:
        self.declarations = declarations

    @classmethod
    def from_fbs(cls, path: Path, include: Iterable[Path] = ()) -> Schema:
        """The schema of an ``.fbs`` file, with what it includes.

        Included files are looked for beside the one that includes them, then in the folders
        ``include``. Raises: ``SchemaError`` with file and line, ``OSError``.
        """
        from tensorwire.flat.fbs import parse_file

        return cls(parse_file(path, include))

    @classmethod
    def from_fbs_text(cls, text: str, include: Iterable[Path] = ()) -> Schema:
        """The same for the text of an ``.fbs`` file."""
        from tensorwire.flat.fbs import parse_text

        return cls(parse_text(text, include))

    @classmethod
    def from_bfbs(cls, source: bytes | bytearray | memoryview | Path) -> Schema:
        """The schema of a ``.bfbs`` file, which flatc writes: its bytes, or its path.

        Attributes such as ``force_align`` are there only if flatc was told ``--bfbs-builtins``.
        Raises: ``DecodeError``, ``SchemaError``, ``OSError``.
        """
        from tensorwire.flat.bfbs import declarations_of_bfbs

        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                return cls(declarations_of_bfbs(file.read()))
        return cls(declarations_of_bfbs(bytes(source)))

    @classmethod
    def from_rows(cls, module: ModuleType) -> Schema:
        """The schema of a shipped table: a module such as `tensorwire.flat.rows` describes."""
        from tensorwire.flat.rows import declarations_of

        return cls(declarations_of(module))

    @cached_property
    def plans(self) -> Any:
        """What verifier and views look at; compiled on first use."""
        return plans_of(self.declarations)

    @property
    def root_type(self) -> str | None:
        """Full name of the root table, or None."""
        return self.declarations.root

    @property
    def identifier(self) -> str:
        """The file identifier, four characters, or ``""``."""
        return self.declarations.identifier

    def verify(
        self,
        data: Any,
        type: str | None = None,
        *,
        strict: bool = False,
        limits: Limits | None = None,
        size_prefixed: bool | int = False,
        identifier: str | bytes | bool = True,
    ) -> Verification:
        """Checks the structure of a buffer whose root is a table of that type (the root type).

        The verdict is that of upstream's C++ verifier, but that shared parts count once and sizes
        may pass 2 GiB. ``strict`` adds: fields lie in their tables, elements are aligned, strings
        are UTF-8, unions have both type and value, of a known type. ``size_prefixed``: the buffer
        is behind its size of 4 bytes, or of 8 if this is 8. ``identifier``: True: the schema's,
        if it has one and ``type`` is its root type; False: any.
        Copies: nothing. Raises: ``DecodeError`` with reason, offset and path; ``LimitError``.
        """
        # Within this call nobody else changes the buffer, or the answer is theirs.
        source = data if isinstance(data, Source) else Source(data, borrow=True)
        options = _Options(strict, limits, size_prefixed, identifier)
        return self._verify(source, type, options)

    def root(
        self,
        data: Any,
        type: str | None = None,
        *,
        strict: bool = False,
        limits: Limits | None = None,
        size_prefixed: bool | int = False,
        identifier: str | bytes | bool = True,
        borrow: bool = False,
    ) -> Any:
        """The root table of a buffer, verified; arguments as for `verify`.

        Copies: ``bytes`` and mapped files (`tensorwire.mapping`) are kept and nothing is copied;
        any other buffer is copied once, unless ``borrow`` promises that it stays as it is.
        Lifetime: the view keeps the bytes. Raises: as `verify`.
        """
        source = data if isinstance(data, Source) else Source(data, borrow=borrow)
        found = self._verify(source, type, _Options(strict, limits, size_prefixed, identifier))
        return root_view(self.plans, self._place(type), source, 0, source.size, found.position)

    def _verify(self, source: Source, type: str | None, options: _Options) -> Verification:
        place = self._place(type)
        position, tables, vectors, depth = verify_flat(
            self.plans, place, source, 0, source.size,
            limits=options.limits, strict=options.strict, prefix=options.prefix,
            identifier=options.identifier_of(self, type),
        )  # fmt: skip
        return Verification(position, tables, vectors, depth, source.size)

    def _place(self, type: str | None) -> int:
        name = self.root_type if type is None else type
        if name is None:
            raise ValueError("the schema declares no root type: name one")
        place: int | None = self.plans.object_place(name)
        if place is None:
            raise self._unknown(name)
        if self.declarations.objects[place].is_struct:
            raise ValueError(f"{name} is a struct: only tables are roots")
        return place

    def build(self, value: Any, type: str | None = None, **options: Any) -> bytes:
        """A buffer from nested dicts, objects with attributes, or views: see `flat.building`."""
        from tensorwire.flat.building import build

        built: bytes = build(self, value, type, **options)
        return built

    def __getitem__(self, name: str) -> type[Any]:
        """The class of the type with that full name. Raises ``KeyError``."""
        place = self.plans.object_place(name)
        if place is not None:
            found: type[Any] = self.plans.class_at(place)
            return found
        place = self.plans.enum_place(name)
        if place is None:
            raise self._unknown(name)
        enum: type[Any] = self.plans.enum_class_at(place)
        return enum

    def _unknown(self, name: str) -> KeyError:
        from tensorwire.near import AbsentName

        return AbsentName("type", name, tuple(self))

    def __contains__(self, name: object) -> bool:
        return any(name == known for known in self)

    def __iter__(self) -> Iterator[str]:
        """The full names of tables and structs, then of enums and unions."""
        yield from (one.name for one in self.declarations.objects)
        yield from (one.name for one in self.declarations.enums)

    def __len__(self) -> int:
        return len(self.declarations.objects) + len(self.declarations.enums)

    def __repr__(self) -> str:
        root = f", root {self.root_type}" if self.root_type else ""
        return f"<Schema of {len(self)} types{root}>"


class _Options:
    """Arguments of `Schema.verify`, with defaults filled in."""

    __slots__ = ("identifier", "limits", "prefix", "strict")

    def __init__(
        self,
        strict: bool,
        limits: Limits | None,
        size_prefixed: bool | int,
        identifier: str | bytes | bool,
    ) -> None:
        self.strict = strict
        self.limits = DEFAULT if limits is None else limits
        self.prefix = 4 if size_prefixed is True else int(size_prefixed)
        self.identifier = identifier

    def identifier_of(self, schema: Schema, type: str | None) -> bytes | None:
        """The four bytes that must be there, or None."""
        if self.identifier is False or self.identifier is None:
            return None
        if self.identifier is True:
            own = schema.identifier if type in (None, schema.root_type) else ""
            return own.encode("latin-1") or None
        given = self.identifier
        return given.encode("latin-1") if isinstance(given, str) else bytes(given)
