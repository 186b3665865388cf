"""ONNX: models, and the TensorProto, SequenceProto and OptionalProto files of its test data.

Source: onnx/onnx ``onnx.proto``, ``docs/IR.md``, ``docs/ExternalData.md``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.reader import Reader

__all__ = ["SUFFIXES", "match", "read"]

SUFFIXES = (".onnx",)


def match(source: Source) -> bool:
    """Whether the top level is that of a ModelProto, or of one of the messages of test data."""
    from tensorwire.formats.onnx.recognition import kind_of

    return kind_of(source) is not None


def read(source: Source, options: ReadOptions) -> Reader:
    """What bytes leave open is taken for a model."""
    from tensorwire.formats.onnx.recognition import SEQUENCE, TENSOR, kind_of

    kind = kind_of(source)
    if kind in (TENSOR, SEQUENCE):
        from tensorwire.formats.onnx.data_reader import SequenceReader, TensorReader

        return (TensorReader if kind == TENSOR else SequenceReader)(source, options)
    from tensorwire.formats.onnx.model_reader import ModelReader

    return ModelReader(source, options)
