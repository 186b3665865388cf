"""The errors of tensorwire: one family, each member saying what, where and in which file.

===================  =========================================  ==================
class                meaning                                    also a
===================  =========================================  ==================
``ModelError``       the family                                 ``Exception``
``DecodeError``      the bytes are wrong                        ``ValueError``
``EncodeError``      the message cannot be written              ``ValueError``
``UnsupportedError`` the bytes are fine, but not read by us
``LimitError``       a named limit was reached                  ``ValueError``
``LayoutError``      the layout asked for is impossible here    ``ValueError``
``SchemaError``      a schema contradicts itself                ``ValueError``
``ContainmentError`` a path leads out of the model's folder     ``ValueError``
===================  =========================================  ==================

Errors of the operating system stay what they are: ``FileNotFoundError``, ``PermissionError``, ...
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # type checkers take this name as true; importing `typing` costs 3 ms or more
if TYPE_CHECKING:
    from typing import TypeVar

    E = TypeVar("E", bound="ModelError")

__all__ = [
    "ContainmentError",
    "DecodeError",
    "EncodeError",
    "LayoutError",
    "LimitError",
    "ModelError",
    "SchemaError",
    "TensorwireWarning",
    "UnsupportedError",
    "attach_file",
    "in_row",
]


class ModelError(Exception):
    """Something about a model that keeps it from being read or written.

    ``reason`` is the bare text; ``offset`` the first byte of the unreadable item, counted from
    the start of the file, or None; ``path`` the field path, or ``""``; ``file`` the file's name,
    or None: layers that know it fill it in with `attach_file`; ``row`` which of many records it is
    about, or None: ``offset`` then counts from the record's start. Pickles with all attributes.
    """

    reason: str
    offset: int | None
    path: str
    file: str | None
    row: int | None = None

    def __init__(
        self,
        reason: str,
        offset: int | None = None,
        path: str = "",
        file: str | bytes | os.PathLike[str] | None = None,
    ) -> None:
        # `args` makes the copy that unpickling starts from; `__dict__` then restores the rest.
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset
        self.path = path
        self.file = None if file is None else os.fsdecode(file)

    def __str__(self) -> str:
        """``model.onnx: graph.node[3].name: reason at byte 1042 (0x412)``, less what is unknown.

        Before the path there may be the row: ``row 3: name: reason at byte 2 (0x2)``.
        """
        text = self.reason
        if self.offset is not None:
            text = f"{text} at byte {self.offset} ({self.offset:#x})"
        if self.path:
            text = f"{self.path}: {text}"
        if self.row is not None and not isinstance(self, EncodeError):  # its reason names the row
            text = f"row {self.row}: {text}"
        if self.file is not None:
            text = f"{_one_line(self.file)}: {text}"
        return text


class EncodeError(ModelError, ValueError):
    """The message cannot be written as it is. ``row``: of many messages that of the first."""


class DecodeError(ModelError, ValueError):
    """The bytes are not what their format demands.

    ``row``: of many records, the first bad one, from which ``offset`` counts; of a stream whose
    next frame is bad, the row that it would be, and ``offset`` counts in the stream. None for
    others.
    ``encode_error``: what classes that raise this raise for messages that cannot be written.
    """

    offset: int
    encode_error: type[EncodeError] = EncodeError

    def __init__(
        self,
        reason: str,
        offset: int,
        path: str = "",
        file: str | bytes | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(reason, offset, path, file)


class UnsupportedError(ModelError):
    """The bytes may be fine, but this version does not read or write them."""


class LimitError(ModelError, ValueError):
    """A limit of `tensorwire.limits` was reached; the text names the limit and its value."""


class SchemaError(ModelError, ValueError):
    """A schema contradicts itself, or lacks something that it names.

    ``line`` is the first wrong line of a ``.proto`` file, counted from 1, or None.
    """

    line: int | None = None


class LayoutError(ModelError, ValueError):
    """The elements do not lie in memory as the caller asked, and a copy was ruled out."""


class ContainmentError(ModelError, ValueError):
    """A path inside a model leads out of the folder that the model may read."""


class TensorwireWarning(UserWarning):
    """Something odd about a model that does not keep it from being read."""


def in_row(error: E, row: int) -> E:
    """The same error, said to be about that one of many records."""
    error.row = row
    return error


def attach_file(error: E, file: str | bytes | os.PathLike[str] | None) -> E:
    """``error`` itself, with ``file`` as its file unless it has one already.

    The innermost layer knows best: an external data file named first is not overwritten by the
    model that refers to it. ``except ModelError as error: attach_file(error, path); raise``.
    """
    if error.file is None and file is not None:
        error.file = os.fsdecode(file)
    return error


def _one_line(name: str) -> str:
    """``name``, quoted and escaped where it holds line breaks, controls or undecodable bytes."""
    return name if name.isprintable() else ascii(name)
