"""``TensorProto.external_data``: where in which other file the elements of a tensor are."""

from __future__ import annotations

from tensorwire.errors import ContainmentError, ModelError
from tensorwire.external import External
from tensorwire.places import Refused
from tensorwire.shapes import element_count
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.dtypes import DType
    from tensorwire.external import ExternalFiles
    from tensorwire.places import Place

__all__ = ["EXTERNAL", "KEYS", "describe", "entries", "external_place"]

# Source: onnx.proto, TensorProto.DataLocation and ``external_data``.
EXTERNAL = 1
KEYS = {"location", "offset", "length", "checksum", "basepath"}

# onnxruntime's marker for tensors in its own memory; the offset would be a raw pointer.
MEMORY_MARKER = "_ORT_MEM_ADDR_"
INTEGER_MAX = 2**63 - 1


def entries(message: Any) -> dict[str, str]:
    """The key and value pairs; of a key that occurs again the last, as upstream has it."""
    return {text(entry.key): text(entry.value) for entry in message.external_data}


def describe(message: Any, location: str, offset: int, nbytes: int) -> None:
    """Writes the entries of a tensor that has none."""
    message.data_location = EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", nbytes)):
        message.external_data.add(key=key, value=str(value))


def external_place(
    message: Any, files: ExternalFiles, dtype: DType, shape: tuple[int, ...], path: str
) -> Place:
    """The place that the entries describe; for a description that is not legal, one that says so.

    Without ``length`` the tensor has the bytes that its shape takes.
    """
    described = entries(message)
    try:
        location = described.get("location", "")
        if MEMORY_MARKER in location:
            raise ContainmentError(f"external data {location!r} is an address in memory")
        offset = _integer(described, "offset", 0)
        nbytes = _integer(described, "length", _needed(dtype, shape))
    except ModelError as error:
        kind, reason = type(error), error.reason
        return Refused(lambda: kind(reason, path=path), None)
    return External(files, location, offset or 0, nbytes)


def _integer(described: dict[str, str], key: str, default: int | None) -> int | None:
    """Strict: digits only. `int` would also take signs, blanks, underscores and other scripts."""
    text = described.get(key)
    if text is None:
        return default
    # 19 digits hold every value up to 2**63 - 1, and `int` is quadratic in their number.
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= INTEGER_MAX):
        raise ModelError(f"external data has {key} {text[:40]!r}, not a number of bytes")
    return int(text)


def _needed(dtype: DType, shape: tuple[int, ...]) -> int | None:
    try:
        return dtype.stored_nbytes(element_count(shape, dtype.itemsize)) if dtype.bits else None
    except ModelError:  # told when the elements are asked for
        return None
