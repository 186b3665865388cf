"""A copy of a message whose tensors are inside it or in a file of external data, as wanted."""

from __future__ import annotations

from tensorwire import proto
from tensorwire.formats.onnx.external_data import EXTERNAL, describe
from tensorwire.formats.onnx.payload_fields import clear
from tensorwire.formats.onnx.places_in_model import is_initializer

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.formats.onnx.base_reader import OnnxReader
    from tensorwire.saving import DataFile, SaveOptions
    from tensorwire.tensor import Tensor

__all__ = ["placed"]


def placed(reader: OnnxReader, data: DataFile, options: SaveOptions) -> Any:
    """The message with every tensor where ``options`` wants it; ``data`` gets those outside.

    Initializers may go outside, and whatever is there already: of attributes, as upstream writes
    them, and of sparse tensors not everybody looks for external data.
    Copies: no payload; the copy refers to those of ``reader``.
    Raises: as reading the elements does.
    """
    copy = type(reader.root)()
    copy.CopyFrom(reader.root)
    pairs = zip(reader.found(reader.root), reader.found(copy), strict=True)
    for (name, scope, path, message), (*_, target) in pairs:
        is_external = message.data_location == EXTERNAL
        may_go = options.data_file is not None and (is_external or is_initializer(path))
        if not (is_external or may_go):
            continue
        tensor = reader.maker.make(message, name, scope, path)
        if may_go and _is_wanted(tensor, options.threshold):
            _put_outside(tensor, target, is_external, data, str(options.data_file))
        elif is_external:
            raw = tensor.raw
            clear(target)
            proto.put(target, "raw_data", raw)
    return copy


def _is_wanted(tensor: Tensor, threshold: int) -> bool:
    """Strings, and types that we do not know the size of, stay where they are."""
    return tensor.dtype.bits > 0 and tensor.nbytes >= threshold


def _put_outside(
    tensor: Tensor, target: Any, is_external: bool, data: DataFile, location: str
) -> None:
    """Ranges of external files that several tensors share are shared again."""
    if is_external or target.HasField("raw_data"):
        raw = tensor.raw
        key = (tensor.file, tensor.offset, len(raw)) if is_external else None
        nbytes, offset = len(raw), data.place(raw, len(raw), key)
    else:
        nbytes = tensor.nbytes
        offset = data.place(tensor.tobytes, nbytes)
    clear(target)
    describe(target, location, offset, nbytes)
