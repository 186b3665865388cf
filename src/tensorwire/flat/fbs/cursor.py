"""The tokens of one ``.fbs`` text, one at a time, each with its place.

Source: google/flatbuffers ``docs/source/grammar.md``; where it is silent, what flatc accepts.
"""

from __future__ import annotations

from functools import lru_cache

from tensorwire.errors import SchemaError
from tensorwire.flat.fbs.strings import string_value

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from re import Pattern

# Kinds of tokens; every other kind is the token's one character.
NAME, TEXT, INTEGER, FLOAT, END = "a name", "a string", "an integer", "a decimal number", "the end"

# By group of the pattern below. Comments and what is no token are dealt with where they are met.
_COMMENT, _MARK, _WRONG = "a comment", "a mark", "an illegal character"
_KINDS = ("", NAME, _MARK, INTEGER, FLOAT, TEXT, _COMMENT, END, _WRONG)

#: Characters of a token that an error quotes.
_QUOTED = 60


class Cursor:
    """``kind`` and ``value`` of the current token, which begins at ``at``.

    ``value``: of a string what it stands for, else the token as it is written. ``plain``: false
    for strings with escapes or characters beyond printable ASCII.
    """

    def __init__(self, text: str, file: str | None) -> None:
        self.text = text
        self.file = file
        self.kind = END
        self.value = ""
        self.plain = True
        self.at = 0
        self._match = _pattern().match
        self._stop = 1 if text.startswith("\ufeff") else 0
        self._first = True
        self.advance()

    def advance(self) -> None:
        """Goes on to the next token. Raises ``SchemaError`` for characters that form none."""
        alone, self._first = self._first, False  # on its line, but for white space
        while True:
            found = self._match(self.text, self._stop)
            group = found.lastindex if found is not None else None
            if found is None or group is None:
                raise AssertionError("every character is some token")
            kind = _KINDS[group]
            before, self.at = self._stop, found.start(group)
            self._stop = found.end()
            if kind != _COMMENT:
                break
            alone = alone or "\n" in self.text[before : self.at]
            if not alone and self.text.startswith("///", self.at):
                raise self.wrong("a documentation comment, ///, must have a line of its own")
        self.kind, self.value = kind, found.group(group)
        if kind == _MARK:
            self.kind = self.value
        elif kind == TEXT:
            self.value, self.plain = string_value(self.value, self.wrong)
        elif kind in (INTEGER, FLOAT):
            self._check_end_of_number()
        elif kind == _WRONG:
            raise self._no_token(self.value)

    def expect(self, kind: str) -> str:
        """The value of the current token, which must be of that kind; goes on to the next."""
        if self.kind != kind:
            raise self.wrong(f"expected {_spoken(kind)}, found {self.current}")
        value = self.value
        self.advance()
        return value

    def accept(self, kind: str) -> bool:
        """Goes on and says True if the current token is of that kind."""
        if self.kind != kind:
            return False
        self.advance()
        return True

    def dotted_name(self) -> str:
        """``a`` or ``a.b.c``."""
        parts = [self.expect(NAME)]
        while self.accept("."):
            parts.append(self.expect(NAME))
        return ".".join(parts)

    def is_word(self, word: str) -> bool:
        """Whether the current token is that name."""
        return self.kind == NAME and self.value == word

    @property
    def current(self) -> str:
        """The current token, for an error."""
        return self.kind if self.kind == END else quoted(self.value)

    @property
    def touches(self) -> str:
        """The character right behind the current token, or ``""``."""
        return self.text[self._stop : self._stop + 1]

    def wrong(self, reason: str, at: int | None = None) -> SchemaError:
        """The error to raise about the current token, or about what is ``at`` that place."""
        at = self.at if at is None else at
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        error = SchemaError(f"line {line}, column {column}: {reason}", file=self.file)
        error.line = line
        return error

    def _check_end_of_number(self) -> None:
        after = self.touches
        if after and (after in "._" or (after.isascii() and after.isalnum())):
            raise self.wrong(f"invalid number {quoted(self.value + after)}")

    def _no_token(self, char: str) -> SchemaError:
        if char in "\"'":
            return self.wrong("a string without an end, or with a control character in it")
        if char in "+-.0123456789":
            return self.wrong(f"invalid number, beginning with {char + self.touches!r}")
        if char == "/" and self.touches == "*":
            return self.wrong("a comment without an end")
        return self.wrong(f"illegal character {char!a}")


def quoted(text: str) -> str:
    """``text`` in quotes, its beginning if it is long."""
    return ascii(text if len(text) <= _QUOTED else text[:_QUOTED] + "...")


def _spoken(kind: str) -> str:
    return kind if len(kind) > 1 else repr(kind)


@lru_cache(maxsize=1)
def _pattern() -> Pattern[str]:
    """One token after white space. Each alternative takes time linear in what it looks at."""
    import re

    digits, hexadecimal = "[0-9]", "[0-9a-fA-F]"
    exponent = f"[eE][+-]?{digits}+"
    return re.compile(
        "[ \t\r\n]*(?:"
        "([A-Za-z_][A-Za-z0-9_]*)"
        r"|([{}()\[\]<>,:;=]|\.(?![0-9])|[+-](?=[A-Za-z_]))"
        f"|([+-]?(?:0[xX]{hexadecimal}+(?![0-9a-fA-F.pP])|{digits}+(?![0-9.eExX])))"
        f"|([+-]?(?:0[xX](?:{hexadecimal}+(?:\\.{hexadecimal}*)?|\\.{hexadecimal}+)[pP][+-]?{digits}+"
        rf"|(?:{digits}+\.{digits}*|\.{digits}+)(?:{exponent})?|{digits}+{exponent}))"
        r"""|("[^"\\\0-\x1f]*(?:\\.[^"\\\0-\x1f]*)*"|'[^'\\\0-\x1f]*(?:\\.[^'\\\0-\x1f]*)*')"""
        r"|(//[^\r\n]*|/\*(?s:.*?)\*/)"
        r"|(\Z)"
        r"|((?s:.)))"
    )
