"""Writing ONNX files: the message, and the external data that goes with it."""

from __future__ import annotations

import os

from tensorwire._core.encode import ranges
from tensorwire.atomic import PendingFiles
from tensorwire.errors import LimitError, UnsupportedError
from tensorwire.formats.onnx.carrying import files_to_carry
from tensorwire.formats.onnx.placing import placed
from tensorwire.saving import INLINE, DataFile, Meter

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.formats.onnx.base_reader import OnnxReader
    from tensorwire.saving import SaveOptions

    #: What is written beside the model: (path, contents).
    Beside = list[tuple[str, DataFile]]

__all__ = ["save"]

# Upstream's Protobuf refuses a field of 2 GiB, and onnx.checker a model of that size.
NBYTES_MAX = 2**31 - 1


def save(reader: OnnxReader, path: str, options: SaveOptions) -> None:
    """Writes the file that ``reader`` has open, as `Model.save` describes it."""
    message = reader.root
    beside: Beside = []
    if options.external is None:
        beside = [(place, _whole(source)) for place, source in files_to_carry(reader, path)]
    else:
        message, data = _placed(reader, path, options)
        if len(data):
            beside = [(os.path.join(os.path.dirname(path), str(options.data_file)), data)]
    as_it_is = message is reader.root and not reader.changed()
    parts = [reader.source.span(0, reader.source.size)] if as_it_is else ranges(message)
    size = sum(map(len, parts))
    if not as_it_is:
        _require_readable(size, options)
    meter = None
    if options.progress is not None:
        total = size + sum(data.nbytes for _, data in beside)
        meter = Meter(options.progress, total).advance
    with PendingFiles() as files:
        for place, data in beside:
            data.write(files.add(place), meter)
        files.add(path).write_all(parts, meter)
        files.commit()


def _placed(reader: OnnxReader, path: str, options: SaveOptions) -> tuple[Any, DataFile]:
    name = options.data_file
    if name is not None and not reader.has_external_data:
        kind = type(reader.root).__name__
        raise UnsupportedError(f"a {kind} file has no external data", file=reader.source.path)
    if name is not None and name.casefold() == os.path.basename(path).casefold():
        raise ValueError(f"{name!r} cannot be both the model and its external data")
    data = DataFile(options.align)
    return placed(reader, data, options), data


def _whole(source: Source) -> DataFile:
    data = DataFile(1)
    data.place(source.span(0, source.size), source.size)
    return data


def _require_readable(size: int, options: SaveOptions) -> None:
    if size <= NBYTES_MAX or options.large:
        return
    hint = "" if options.external == INLINE else "a file name as external=, or "
    reason = (
        f"the file would have {size} bytes, and most libraries read {NBYTES_MAX} at most; "
        f"give {hint}large=True"
    )
    raise LimitError(reason)
