"""``identify``: which format a file is of, by its bytes."""

from __future__ import annotations

import os

from tensorwire import formats
from tensorwire.cli.arguments import add_files
from tensorwire.cli.models import readable
from tensorwire.errors import DecodeError
from tensorwire.hints import unrecognised
from tensorwire.mapping import open_source

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from tensorwire.cli.screen import Screen

SCHEMA = "tensorwire.identify/1"
HEADED = "never"
JSON = """\
JSON: {schema, file,
       format: name or null where the bytes are of none, or of several,
       candidates: [name of every format that the bytes fit],
       looks_like: text or null; what the file is if it is none of ours}
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Files, and nothing else."""
    add_files(parser)


def collect(name: str, options: Namespace) -> dict[str, Any]:  # noqa: ARG001
    """Raises: ``OSError``, and ``UnsupportedError`` for what is no file of bytes."""
    try:
        source = open_source(readable(name))
    except DecodeError:
        return _document(name, [], "an empty file")
    found = formats.matching(source)
    return _document(name, found, None if found else unrecognised(source))


def code(document: dict[str, Any]) -> int:
    """1 for a file of no format, or of an unclear one."""
    return 0 if document["format"] else 1


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:  # noqa: ARG001
    """``file: format``, as the command ``file`` does."""
    candidates = document["candidates"]
    answer = document["format"] or document["looks_like"] or f"any of {', '.join(candidates)}"
    screen.line(f"{document['file']}: {answer}")


def _document(name: str, found: list[str], looks_like: str | None) -> dict[str, Any]:
    return {
        "file": os.fspath(name),
        "format": found[0] if len(found) == 1 else None,
        "candidates": found,
        "looks_like": looks_like,
    }
