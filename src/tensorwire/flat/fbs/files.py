"""A schema's files: the first, and those that are included, each once.

An include is looked for beside the file that names it, then beside the first file, then in the
folders that the caller gives. As with C's ``#include``, whoever writes a schema chooses what is
read: ``include "../../x.fbs"`` leads out of every folder. Absolute names are refused, as are
folders, devices and pipes; but a schema of a stranger is read like a program of a stranger.
"""

from __future__ import annotations

import os

from tensorwire.flat.fbs.cursor import END, TEXT, quoted
from tensorwire.flat.fbs.statements import read_statements, skip_json
from tensorwire.flat.fbs.symbols import Symbols
from tensorwire.flat.fbs.unit import Unit

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable


class Files:
    """All files of one schema. ``folders``: where includes are looked for after their own."""

    def __init__(self, folders: Iterable[str | os.PathLike[str]]) -> None:
        self.folders = [os.fsdecode(folder) for folder in folders]
        self.symbols = Symbols()
        self._paths: set[str] = set()
        # As flatc knows a file again: by its last name and what it holds.
        self._read: set[tuple[str, bytes]] = set()

    def first(self, path: str | os.PathLike[str]) -> Unit:
        """Reads the file at ``path`` with all that it includes. Raises ``OSError`` and as below."""
        path = os.fsdecode(path)
        with open(path, "rb") as file:
            data = file.read()
        self.folders.insert(0, os.path.dirname(path))
        self._read.add((os.path.basename(path), data))
        return self._all(self._unit(_decoded(data), path, path))

    def text(self, text: str, name: str | None) -> Unit:
        """Reads a text with all that it includes.

        Raises: ``SchemaError`` for what is wrong, with ``line`` and ``file``.
        """
        return self._all(self._unit(text, name, None))

    def _all(self, first: Unit) -> Unit:
        # Not by recursion: the files decide how long a chain of includes is.
        pending = [first]
        while pending:
            unit = pending[-1]
            included = self._next_included(unit)
            if included is not None:
                pending.append(included)
                continue
            read_statements(unit)
            pending.pop()
        self.symbols.check_uses()
        skip_json(first)
        return first

    def _unit(self, text: str, name: str | None, path: str | None) -> Unit:
        unit = Unit(text, name, self.symbols)
        unit.path = path
        if unit.kind == END:
            raise unit.wrong("nothing is declared here")
        return unit

    def _next_included(self, unit: Unit) -> Unit | None:
        """The next file that ``unit`` includes and nobody did before; None when there is none."""
        while True:
            if unit.is_word("native_include"):
                unit.advance()
                unit.expect(TEXT)
                unit.expect(";")
                continue
            if not unit.is_word("include"):
                return None
            unit.advance()
            at, name = unit.at, unit.expect(TEXT).replace("\\", "/")
            unit.expect(";")
            path = self._found(unit, name, at)
            if path in self._paths:
                continue
            self._paths.add(path)
            with open(path, "rb") as file:
                data = file.read()
            known = (os.path.basename(path), data)
            if known not in self._read:
                self._read.add(known)
                return self._unit(_decoded(data), path, path)

    def _found(self, unit: Unit, name: str, at: int) -> str:
        if os.path.isabs(name) or os.path.splitdrive(name)[0]:
            raise unit.wrong(f"include {quoted(name)}: names of includes are relative", at)
        folders = list(self.folders)
        if unit.path is not None:
            folders.insert(0, os.path.dirname(unit.path))
        for folder in folders:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                return path
        looked = ", ".join(dict.fromkeys(folder or "." for folder in folders))
        raise unit.wrong(f"no file {quoted(name)} to include in: {looked or 'no folder given'}", at)


def _decoded(data: bytes) -> str:
    """Bytes that are no UTF-8 are kept: only strings must be, and comments need not."""
    return data.decode("utf-8", "surrogateescape")
