"""Which ONNX message a file holds. None has a magic number; the fields at the top level tell."""

from __future__ import annotations

from tensorwire.formats.wire_outline import BYTES, FIXED32, FIXED64, VARINT, outline

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire._core.source import Source

__all__ = ["MODEL", "SEQUENCE", "TENSOR", "kind_of"]

MODEL, TENSOR, SEQUENCE = "model", "tensor", "sequence"

# Field number -> wire types it may have. Source: onnx.proto, the messages named.
MODEL_FIELDS = {1: {VARINT}, 5: {VARINT}} | {
    number: {BYTES} for number in (2, 3, 4, 6, 7, 8, 14, 20, 25, 26)
}
TENSOR_FIELDS = {
    1: {VARINT, BYTES},
    2: {VARINT},
    4: {BYTES, FIXED32},
    5: {BYTES, VARINT},
    7: {BYTES, VARINT},
    10: {BYTES, FIXED64},
    11: {BYTES, VARINT},
    14: {VARINT},
} | {number: {BYTES} for number in (3, 6, 8, 9, 12, 13, 16)}
SEQUENCE_FIELDS = {2: {VARINT}} | {number: {BYTES} for number in (1, 3, 4, 5, 6, 7)}

DATA_TYPE_MAX = 63  # room for types to come; today's highest is 28
ELEM_TYPE_MAX = 5  # SequenceProto.DataType; its values are in field 2 + elem_type


def kind_of(source: Source) -> str | None:
    """`MODEL`, `TENSOR`, `SEQUENCE` (also an OptionalProto, see data_reader.py), or None.

    A ModelProto needs its graph or functions beside ``ir_version``. Sequences go before tensors:
    they hold no field but their name, type and values of that one type.
    """
    found: dict[int, int] = {}
    wire_types: dict[int, set[int]] = {}
    for number, wire_type, value in outline(source):
        found[number] = value
        wire_types.setdefault(number, set()).add(wire_type)
    if _fits(wire_types, MODEL_FIELDS) and 1 in found and (7 in found or 25 in found):
        return MODEL
    if _fits(wire_types, SEQUENCE_FIELDS) and _is_sequence(found):
        return SEQUENCE
    if _fits(wire_types, TENSOR_FIELDS) and 1 <= found.get(2, 0) <= DATA_TYPE_MAX:
        return TENSOR
    return None


def _fits(wire_types: dict[int, set[int]], fields: dict[int, set[int]]) -> bool:
    """Whether every known field has a wire type of its own; unknown fields may come with time."""
    return all(types <= fields.get(number, types) for number, types in wire_types.items())


def _is_sequence(found: dict[int, int]) -> bool:
    elem_type = found.get(2, 0)
    values = found.keys() - {1, 2}
    return 2 in found and elem_type <= ELEM_TYPE_MAX and values <= {2 + elem_type}
