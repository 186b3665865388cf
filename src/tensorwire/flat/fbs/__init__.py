"""Schemas as ``.fbs`` text, read as flatc reads them.

Source: google/flatbuffers ``docs/source/grammar.md`` and ``schema.md``, release 25.12.19; where
they are silent or wrong, what flatc accepts and refuses. On purpose otherwise:

- What JSON objects at the end of a file hold is not looked at.
- Refused, though flatc does not: ``force_align`` of a field that is no power of two up to 32,768;
  structs that contain themselves, or have fields beyond byte 65,535; roots, of files and of nested
  buffers, that turn out to be structs; tables of over 32,765 fields; NUL characters; absolute names
  of includes; namespaces of over 64 parts or 1,024 letters.
- The type of ``union U:int`` is as wide as that says, as C++ writes it; flatc calls it a byte.
"""

from __future__ import annotations

from tensorwire.flat.attributes import others
from tensorwire.flat.declarations import Declarations, Enum, EnumValue
from tensorwire.flat.fbs.drafts import EnumDraft
from tensorwire.flat.fbs.files import Files
from tensorwire.flat.fbs.objects import finished

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from tensorwire.flat.fbs.unit import Unit

    Path = str | os.PathLike[str]

__all__ = ["parse_file", "parse_text"]


def parse_file(path: Path, include: Iterable[Path] = ()) -> Declarations:
    """What the file at ``path`` and those that it includes declare.

    ``include``: folders for files that are neither beside the one which includes them, nor beside
    the first. See `files` for what an include may read.

    Raises: ``SchemaError`` with ``file`` and ``line``, ``OSError`` where ``path`` is not readable.
    """
    files = Files(include)
    return _declarations(files, files.first(path))


def parse_text(text: str, include: Iterable[Path] = (), name: str | None = None) -> Declarations:
    """What ``text`` and the files that it includes declare.

    ``include``: the only folders in which these are looked for. ``name``: for errors.

    Raises: ``SchemaError`` with ``file`` and ``line``.
    """
    files = Files(include)
    return _declarations(files, files.text(text, name))


def _declarations(files: Files, first: Unit) -> Declarations:
    symbols = files.symbols
    return Declarations(
        [finished(draft) for draft in symbols.declared],
        [_enum(draft) for draft in symbols.enums.values()],
        root=None if first.root is None else first.root.name,
        identifier=first.identifier,
        extension=first.extension,
    )


def _enum(draft: EnumDraft) -> Enum:
    values = [
        EnumValue(name, number, draft.kinds[name].resolved() if draft.is_union else None)
        for name, number in draft.values.items()
    ]
    values.sort(key=_number)
    return Enum(
        draft.name,
        draft.base,
        values,
        is_union=draft.is_union,
        bit_flags="bit_flags" in draft.attributes,
        attributes=others(draft.attributes),
    )


def _number(value: EnumValue) -> int:
    return value.value
