"""What can be wrong with the tensors of an ONNX model whose wire format is sound."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.formats.onnx.external_data import EXTERNAL, KEYS, entries
from tensorwire.formats.onnx.payload_fields import PAYLOADS
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.formats.onnx.tensor_maker import TensorMaker

__all__ = ["checksum_findings", "sparse_findings", "tensor_findings"]


def tensor_findings(message: Any, maker: TensorMaker, path: str) -> Iterator[Finding]:
    """Declared against stored: element type, shape, length, external file and range."""
    try:
        maker.make(message, "", path=path).check()
    except (ModelError, OSError) as error:
        yield Finding.of(error, path)
    used = [field for field in PAYLOADS if len(getattr(message, field))]
    if message.data_location == EXTERNAL:
        used.append("external_data")
        for key in entries(message).keys() - KEYS:
            yield Finding(
                "external-key", f"unknown key {key!r}", f"{path}.external_data", severity="warning"
            )
    if len(used) > 1:
        yield Finding("payload", f"elements are in several fields: {', '.join(used)}", path)


def sparse_findings(message: Any, path: str) -> Iterator[Finding]:
    """One index, or one row of indices, for every value. Source: onnx.proto, SparseTensorProto."""
    values, indices = list(message.values.dims), list(message.indices.dims)
    if len(values) != 1:
        yield Finding("sparse", f"values have shape {values}, not one dimension", f"{path}.values")
    elif indices not in ([values[0]], [values[0], len(message.dims)]):
        reason = f"indices have shape {indices} for {values[0]} values of rank {len(message.dims)}"
        yield Finding("sparse", reason, f"{path}.indices")


def checksum_findings(
    message: Any, maker: TensorMaker, path: str, seen: dict[str, str]
) -> Iterator[Finding]:
    """SHA-1 of a whole external file against what the tensor says; ``seen`` keeps sums by location.

    Source: onnx.proto, TensorProto ``external_data``, key ``checksum``.
    """
    described = entries(message)
    declared, location = described.get("checksum"), described.get("location", "")
    if message.data_location != EXTERNAL or declared is None:
        return
    try:
        if location not in seen:
            seen[location] = _sha1(maker, location)
    except (ModelError, OSError):  # `tensor_findings` tells
        return
    if seen[location] != declared.lower():
        reason = f"{location!r} has SHA-1 {seen[location]}, declared is {declared[:64]!r}"
        yield Finding("checksum", reason, f"{path}.external_data")


def _sha1(maker: TensorMaker, location: str) -> str:
    import hashlib

    source = maker.files.source(location)
    return hashlib.sha1(source.span(0, source.size), usedforsecurity=False).hexdigest()
