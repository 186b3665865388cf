"""TensorFlow Lite (LiteRT): models by file identifier ``TFL3``.

Source: google-ai-edge/LiteRT ``tflite/converter/schema/schema.fbs``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.reader import Reader

__all__ = ["CERTAIN", "SUFFIXES", "match", "read"]

SUFFIXES = (".tflite", ".lite", ".tfl")
CERTAIN = True

# Source: schema.fbs, ``file_identifier``; it follows the offset of the root table.
IDENTIFIER = b"TFL3"
IDENTIFIER_AT = 4


def match(source: Source) -> bool:
    """Whether the file identifier is there. Files may have a zip archive appended."""
    end = IDENTIFIER_AT + len(IDENTIFIER)
    return source.size >= end and source.span(IDENTIFIER_AT, len(IDENTIFIER)) == IDENTIFIER


def read(source: Source, options: ReadOptions) -> Reader:
    """The model that the whole file holds, verified."""
    from tensorwire.formats.tflite.model_reader import ModelReader

    return ModelReader(source, options)
