"""One file on its way: its tokens, its current namespace, and what is declared in all files."""

from __future__ import annotations

from functools import partial

from tensorwire.flat.declarations import ARRAY, OBJECT, SCALARS, STRING, UNION, VECTOR
from tensorwire.flat.fbs.cursor import INTEGER, NAME, TEXT, Cursor, quoted
from tensorwire.flat.fbs.drafts import Kind
from tensorwire.flat.fbs.literals import integer_of
from tensorwire.flat.fbs.symbols import near

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.errors import SchemaError
    from tensorwire.flat.fbs.drafts import ObjectDraft
    from tensorwire.flat.fbs.symbols import Symbols

#: Items of a fixed array, at most. flatc: they fit 16 bits.
_MOST_ITEMS = 0xFFFF


class Unit(Cursor):
    """What is read from one text, and how types and attributes in it are read."""

    def __init__(self, text: str, file: str | None, symbols: Symbols) -> None:
        super().__init__(text, file)
        self.symbols = symbols
        self.path: str | None = None  # includes are looked for beside it
        self.namespace = ""
        self.root: ObjectDraft | None = None
        self.identifier = ""
        self.extension = ""

    def type(self) -> Kind:
        """``int``, ``string``, ``a.B``, ``[a.B]``, ``[int:4]``."""
        if self.kind == NAME:
            return self._named_type()
        if not self.accept("["):
            raise self.wrong(f"expected a type, found {self.current}")
        if self.kind == "[":
            raise self.wrong("a vector of vectors: put the inner one into a table")
        element = self._named_type()
        kind = Kind(VECTOR, element.named, element.base)
        if self.accept(":"):
            kind = Kind(ARRAY, element.named, element.base, self._length())
        self.expect("]")
        return kind

    def _named_type(self) -> Kind:
        if self.value in SCALARS:
            return Kind(SCALARS[self.expect(NAME)])
        if self.is_word("string"):
            self.advance()
            return Kind(STRING)
        at, name = self.at, self.dotted_name()
        enum = self.symbols.enum(self.namespace, name)
        if enum is not None:
            return Kind(UNION if enum.is_union else enum.base, enum)
        return Kind(OBJECT, self.object(name, at))

    def _length(self) -> int:
        if self.kind != INTEGER:
            raise self.wrong("the length of a fixed array must be an integer")
        length = integer_of(self.value)
        if length is None or not 1 <= length <= _MOST_ITEMS:
            raise self.wrong(f"the length of a fixed array must be from 1 to {_MOST_ITEMS}")
        self.advance()
        return length

    def object(self, name: str, at: int) -> ObjectDraft:
        """The table or struct that ``name``, which stands ``at`` that place, means there."""
        return self.symbols.used_object(self.namespace, name, partial(self._undeclared, name, at))

    def table(self, name: str, at: int) -> ObjectDraft:
        """The same, which must turn out to be a table."""
        found = self.object(name, at)
        reason = f"{quoted(name)} is a struct: only tables are roots"
        self.symbols.tables.append((found, partial(self.wrong, reason, at)))
        return found

    def _undeclared(self, name: str, at: int, hint: str) -> SchemaError:
        return self.wrong(f"type {quoted(name)} is not declared{hint}", at)

    def attributes(self) -> dict[str, str]:
        """``(name, name: value)``, or nothing. Without a value ``"0"``; the first of one twice."""
        found: dict[str, str] = {}
        if not self.accept("("):
            return found
        while True:
            if self.kind not in (NAME, TEXT):
                raise self.wrong(f"expected the name of an attribute, found {self.current}")
            name = self.value
            if name not in self.symbols.attributes:
                hint = near(name, self.symbols.attributes)
                raise self.wrong(f"attribute {quoted(name)} is not declared{hint}")
            self.advance()
            value = self._attribute_value() if self.accept(":") else "0"
            found.setdefault(name, value)
            if self.accept(")"):
                return found
            self.expect(",")

    def _attribute_value(self) -> str:
        if self.kind == INTEGER:
            number = integer_of(self.value)
            if number is None or not -(1 << 31) <= number < 1 << 31:
                raise self.wrong("an attribute's number must fit 32 bits")
            self.advance()
            return str(number)
        if self.kind != TEXT:
            raise self.wrong(f"an attribute's value is a string or an integer, not {self.current}")
        value = self.value
        self.advance()
        return value
