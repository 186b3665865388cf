"""Opening, recognising and checking model files: the functions of the package's top level."""

from __future__ import annotations

import os

from tensorwire import formats
from tensorwire.errors import DecodeError, ModelError, attach_file
from tensorwire.limits import DEFAULT, Limits
from tensorwire.mapping import FileIdentity, Source, open_source
from tensorwire.model import Model

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np
    from _typeshed import ReadableBuffer as Buffer

    from tensorwire.model import Recipe
    from tensorwire.reader import Reader
    from tensorwire.report import Report

    Path = str | os.PathLike[str]

__all__ = ["file_names", "from_buffer", "identify", "load_file", "open", "validate"]

# A finding takes some 200 bytes of memory, and may be about as few as 3 bytes of the file.
FINDINGS_MAX = 10_000


def open(
    path: Path | BinaryIO,
    *,
    format: str | None = None,
    mode: str = "auto",
    limits: Limits | None = None,
) -> Model:
    """Opens a model file: verifies its structure, reads no weights.

    ``path``: a name or a binary file. ``format`` names the format where the bytes leave it open.
    ``mode``: ``"map"``, ``"read"`` (for files that others write in place) or ``"auto"``.
    Raises: ``DecodeError`` for wrong bytes, ``UnsupportedError`` saying what the file is otherwise,
    ``LimitError``; ``OSError`` as the system has it.
    """
    limits = DEFAULT if limits is None else limits
    source = open_source(path, mode)
    reader = _read(source, format, _folder_of(source), mode, limits)
    return Model(reader, _recipe(source, reader.format, None, mode, limits))


def from_buffer(
    data: Buffer,
    *,
    base: Path | None = None,
    format: str | None = None,
    limits: Limits | None = None,
) -> Model:
    """Opens a model in memory; ``base`` is the folder of its external data, if it has any.

    Copies: everything but ``bytes``. Raises: as `open`.
    """
    limits = DEFAULT if limits is None else limits
    folder = None if base is None else os.path.abspath(os.fspath(base))
    source = Source(data)
    reader = _read(source, format, folder, "auto", limits)
    return Model(reader, _recipe(source, reader.format, folder, "auto", limits))


def load_file(path: Path | BinaryIO) -> dict[str, np.ndarray]:
    """Every tensor of a model file, read-only, on the file itself where layouts allow."""
    with open(path) as model:
        return dict(model.items())


def identify(path: Path | BinaryIO) -> str | None:
    """The format of a file by its bytes; None if they are of no format that this version reads."""
    try:
        found = formats.matching(open_source(path))
    except DecodeError:  # an empty file
        return None
    return found[0] if len(found) == 1 else None


def file_names(model: Model) -> list[str]:
    """`Model.files` as text, for the command line: pathlib costs 4 ms to import."""
    return model._open().file_names()


def validate(
    path: Path | BinaryIO, *, checksums: bool = False, limits: Limits | None = None
) -> Report:
    """Everything that is wrong with a model file, as far as it can be read; never raises about it.

    ``checksums`` also reads external files whole, where the model gives a checksum for them. The
    search ends after 10,000 findings, and the last then says so.
    Raises: ``OSError`` if the file itself cannot be opened.
    """
    from itertools import islice

    from tensorwire.report import Finding, Report

    limits = DEFAULT if limits is None else limits
    format = None
    findings: list[Finding] = []
    try:
        source = open_source(path)
        reader = _read(source, None, _folder_of(source), "auto", limits)
        format = reader.format
        findings.extend(islice(reader.findings(checksums), FINDINGS_MAX + 1))
    except ModelError as error:
        findings.append(Finding.of(error))
    if len(findings) > FINDINGS_MAX:
        reason = f"more than {FINDINGS_MAX} findings; the others were not looked for"
        findings[FINDINGS_MAX:] = [Finding("limit", reason)]
    return Report(_name_of(path), format, findings)


def _read(
    source: Source, format: str | None, folder: str | None, mode: str, limits: Limits
) -> Reader:
    options = formats.ReadOptions(folder, _canonical_folder(source, folder), mode, limits)
    try:
        reader: Reader = formats.choose(source, format).read(source, options)
    except ModelError as error:
        raise attach_file(error, source.path) from error.__cause__
    return reader


def _canonical_folder(source: Source, folder: str | None) -> str | None:
    """Where the opened file lies once links are followed.

    It is ``folder`` if the name leads to another file by now: whoever can turn it into a link must
    not choose the folder that external data is read from.
    """
    if source.absolute_path is None or source.identity is None:
        return folder
    real = os.path.realpath(source.absolute_path)
    try:
        found = os.stat(real)
    except OSError:
        return folder
    opened = source.identity
    is_opened = (found.st_dev, found.st_ino) == (opened.device, opened.inode)
    return os.path.dirname(real) if is_opened else folder


def _folder_of(source: Source) -> str | None:
    return None if source.absolute_path is None else os.path.dirname(source.absolute_path)


def _name_of(path: Path | BinaryIO) -> str | None:
    name = path if isinstance(path, (str, bytes, os.PathLike)) else getattr(path, "name", None)
    return os.fsdecode(name) if isinstance(name, (str, bytes, os.PathLike)) else None


def _recipe(source: Source, format: str, folder: str | None, mode: str, limits: Limits) -> Recipe:
    """What makes the pickled form of a model, when it is pickled."""
    if source.absolute_path is None or source.identity is None:
        return lambda: (_reopen_bytes, (bytes(source.span(0, source.size)), folder, format, limits))
    options = (source.absolute_path, source.identity, format, mode, limits)
    return lambda: (_reopen_file, options)


def _reopen_bytes(data: bytes, folder: str | None, format: str, limits: Limits) -> Model:
    return from_buffer(data, base=folder, format=format, limits=limits)


def _reopen_file(
    path: str, identity: FileIdentity, format: str, mode: str, limits: Limits
) -> Model:
    """Raises: ``ModelError`` if size or time of last write are not those of the pickled model."""
    model = open(path, format=format, mode=mode, limits=limits)
    now = model._open().source.identity
    if now is None or (now.size, now.mtime_ns) != (identity.size, identity.mtime_ns):
        model.close()
        changes = "it is no file" if now is None else identity.changes(now)
        raise ModelError(f"file changed since the model was pickled: {changes}", file=path)
    return model
