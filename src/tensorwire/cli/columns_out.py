"""Tables in files: Parquet, CSV, JSON and NumPy's archives, each written whole or not at all."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from contextlib import contextmanager

from tensorwire.atomic import PendingFiles
from tensorwire.errors import ModelError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    import numpy as np

    from tensorwire.cli.columns import Batches
    from tensorwire.columns.column import Column
    from tensorwire.columns.columns import Columns

    Array = np.ndarray[Any, Any]
    Write = Callable[[Columns], object]

__all__ = ["open_target"]

STDOUT = "-"
BUFFERED = 1 << 20


@contextmanager
def open_target(target: str, batches: Batches) -> Iterator[Write]:
    """What takes the batches; ``target`` has them all once the block ends without an error.

    Raises: ``ModelError`` for an ending that stands for no format, ``ImportError`` where a format
    needs what is not installed, ``OSError`` about ``target``.
    """
    if target == STDOUT:
        yield _print
        return
    ending = os.path.splitext(target)[1].lower()
    if ending not in FORMATS:
        raise ModelError(f"--out {target}: the ending must be one of {', '.join(FORMATS)}")
    with PendingFiles() as files:
        file = files.add(target)
        buffered = io.BufferedWriter(_About(file.file, target), BUFFERED)
        with FORMATS[ending](buffered, batches) as write:
            yield write
        buffered.flush()
        buffered.detach()
        files.commit()


class _About(io.RawIOBase):
    """A file being written whose errors name what it is going to be."""

    def __init__(self, file: io.FileIO, target: str) -> None:
        super().__init__()
        self._file = file
        self._target = target

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._target) from None


def _print(columns: Columns) -> None:
    sys.stdout.writelines(f"{line}\n" for line in _json_lines(columns))


@contextmanager
def _json_lines_file(file: Any, batches: Batches) -> Iterator[Write]:  # noqa: ARG001
    def write(columns: Columns) -> None:
        for line in _json_lines(columns):
            file.write(line.encode("ascii") + b"\n")

    yield write


@contextmanager
def _json_file(file: Any, batches: Batches) -> Iterator[Write]:  # noqa: ARG001
    written = 0

    def write(columns: Columns) -> None:
        nonlocal written
        for line in _json_lines(columns):
            file.write(b",\n" if written else b"\n")
            file.write(line.encode("ascii"))
            written += 1

    file.write(b"[")
    yield write
    file.write(b"\n]\n")


@contextmanager
def _csv_file(file: Any, batches: Batches) -> Iterator[Write]:
    import csv

    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    writer = csv.writer(text)
    writer.writerow(batches.types)

    def write(columns: Columns) -> None:
        lists = [[_cell(value) for value in _plain(columns[path])] for path in columns]
        writer.writerows(zip(*lists, strict=True))

    yield write
    text.detach()


@contextmanager
def _parquet_file(file: Any, batches: Batches) -> Iterator[Write]:
    try:
        import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            'writing Parquet needs pyarrow: pip install "tensorwire[arrow]"'
        ) from error
    with parquet.ParquetWriter(file, pa.schema(batches.empty)) as writer:
        yield lambda columns: writer.write_batch(pa.record_batch(columns))


@contextmanager
def _npz_file(file: Any, batches: Batches) -> Iterator[Write]:
    import zipfile

    import numpy as np

    from tensorwire.columns.join import concatenate

    parts: list[Columns] = []
    yield lambda columns: parts.append(columns.compact())
    whole = concatenate(parts) if parts else batches.empty
    arrays: dict[str, Array] = {}
    for path in whole:
        arrays |= _arrays(path, whole[path])
    # Not numpy.savez: that takes names as keyword arguments, and has two of its own.
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _arrays(path: str, column: Column) -> dict[str, Array]:
    """The arrays of one column by their names in the archive."""
    found = {f"{path}/offsets/{i}": offsets for i, offsets in enumerate(column.offsets)}
    for i, valid in enumerate(column.list_validity):
        if valid is not None:
            found[f"{path}/list_validity/{i}"] = valid
    if column.validity is not None:
        found[f"{path}/validity"] = column.validity
    if column.kind in ("string", "bytes"):
        found[path], found[f"{path}/ends"] = _packed(column)
    else:
        found[path] = column.values
    return found


def _packed(column: Column) -> tuple[Array, Array]:
    """All strings behind one another, and where each begins, and the last one ends."""
    import numpy as np

    from tensorwire._core.spans import gather_spans

    spans, sources = np.ascontiguousarray(column.values), column.sources
    block, _ = gather_spans(sources.buffers, sources.starts, [spans])
    ends = np.zeros(len(spans) + 1, dtype=np.int64)
    np.cumsum(spans["length"], out=ends[1:])
    return block, ends


def _json_lines(columns: Columns) -> Iterator[str]:
    """One object per row, in ASCII: nothing that a terminal would act on."""
    dumps = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
    keys = [dumps(path) for path in columns]
    lists = [_plain(columns[path]) for path in columns]
    if not keys:
        yield from ["{}"] * len(columns)
        return
    for row in zip(*lists, strict=True):
        pairs = ",".join([f"{key}:{dumps(value)}" for key, value in zip(keys, row, strict=True)])
        yield "{" + pairs.replace("\x7f", "\\u007f") + "}"


def _plain(column: Column) -> list[Any]:
    """`Column.to_pylist` in what JSON has."""
    listed = column.to_pylist()
    kind = column.kind
    if kind in ("float32", "float64", "bytes", "string", "timestamp", "duration"):
        return [_value(item) for item in listed]
    return listed


def _value(item: Any) -> Any:
    """As Protobuf's JSON has them: bytes in base64, numbers that JSON lacks as strings."""
    if isinstance(item, list):
        return [_value(one) for one in item]
    if isinstance(item, float):
        if math.isfinite(item):
            return item
        return "NaN" if math.isnan(item) else "Infinity" if item > 0 else "-Infinity"
    if isinstance(item, bytes):
        from base64 import b64encode

        return b64encode(item).decode("ascii")
    if hasattr(item, "dtype"):  # NumPy's times
        return str(item) if item.dtype.kind == "M" else _duration(item)
    return item


def _duration(item: Any) -> str:
    """Seconds, with as many digits as the unit has: ``-1.500s``."""
    import numpy as np

    from tensorwire.columns.times import UNITS

    per_second = UNITS[np.datetime_data(item.dtype)[0]]
    count = int(item.astype(np.int64))
    whole, rest = divmod(abs(count), per_second)
    digits = f".{rest:0{len(str(per_second)) - 1}}" if per_second > 1 else ""
    return f"{'-' if count < 0 else ''}{whole}{digits}s"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


FORMATS: dict[str, Callable[[Any, Batches], AbstractContextManager[Write]]] = {
    ".parquet": _parquet_file,
    ".csv": _csv_file,
    ".jsonl": _json_lines_file,
    ".json": _json_file,
    ".npz": _npz_file,
}
