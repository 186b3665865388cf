"""TensorProto, SequenceProto and OptionalProto files: the inputs and outputs of ONNX's test data.

An OptionalProto is read as a SequenceProto: the numbers, types and meaning of their fields are the
same, but that an optional holds one value at most. Source: onnx-data.proto.
"""

from __future__ import annotations

from functools import partial

from tensorwire.formats.onnx.base_reader import OnnxReader
from tensorwire.formats.onnx.checks import checksum_findings, tensor_findings
from tensorwire.formats.onnx.messages import SequenceProto, TensorProto
from tensorwire.formats.onnx.walk import held_by_sparse, item_name, shortened
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tensorwire.formats.onnx.walk import Found
    from tensorwire.report import Finding

__all__ = ["SequenceReader", "TensorReader"]

UNNAMED = "tensor"


class DataReader(OnnxReader):
    """What both have in common. External data has no meaning here, but may be there."""

    def findings(self, checksums: bool) -> Iterator[Finding]:
        seen: dict[str, str] = {}
        for _, _, path, message in self.found(self.root):
            yield from tensor_findings(message, self.maker, path)
            if checksums:
                yield from checksum_findings(message, self.maker, path, seen)


class TensorReader(DataReader):
    """One tensor, under its own name or ``tensor``."""

    message_class = TensorProto

    def found(self, root: Any) -> Iterable[Found]:
        return [(text(root.name) or UNNAMED, "", "", root)]

    def info(self) -> dict[str, object]:
        return {"message": "TensorProto", "doc_string": text(self.root.doc_string)}


class SequenceReader(DataReader):
    """The tensors of a sequence or an optional, by position: ``0``, ``1``, ``1.0`` inside.

    Values of a map are under their keys.
    """

    message_class = SequenceProto

    def found(self, root: Any) -> Iterable[Found]:
        return _walk_sequence(root, str, "")

    def info(self) -> dict[str, object]:
        return {"message": "SequenceProto", "name": text(self.root.name)}


def _walk_sequence(sequence: Any, called: Callable[[int], str], path: str) -> Iterator[Found]:
    """``called`` gives the value at a position its name."""
    for i, tensor in enumerate(sequence.tensor_values):
        yield called(i), "", f"{path}tensor_values[{i}]", tensor
    for i, sparse in enumerate(sequence.sparse_tensor_values):
        yield from held_by_sparse(sparse, called(i), "", f"{path}sparse_tensor_values[{i}]")
    for field in ("sequence_values", "optional_values"):
        for i, inner in enumerate(getattr(sequence, field)):
            yield from _walk_sequence(inner, partial(item_name, called(i)), f"{path}{field}[{i}].")
    for i, mapping in enumerate(sequence.map_values):
        yield from _walk_map(mapping, called(i), f"{path}map_values[{i}].")


def _walk_map(mapping: Any, name: str, path: str) -> Iterator[Found]:
    """The values are one sequence, in the order of the keys."""
    keys = [str(key) for key in mapping.keys]
    keys += [text(key) for key in mapping.string_keys]

    def called(i: int) -> str:
        return f"{shortened(name)}.{keys[i]}" if i < len(keys) else item_name(name, i)

    yield from _walk_sequence(mapping.values, called, f"{path}values.")
