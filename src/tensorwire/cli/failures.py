"""Errors about a file: as one line for people, as a document for programs."""

from __future__ import annotations

from tensorwire.errors import ModelError, attach_file
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["failed", "finding_document", "finding_line", "line"]


def line(error: ModelError | OSError, name: str) -> str:
    """File, field path, reason and byte offset; for an unknown file the names that are near."""
    if isinstance(error, ModelError):
        return str(attach_file(error, name))
    file = name if error.filename is None else str(error.filename)
    near = _near(name) if isinstance(error, FileNotFoundError) and file == name else []
    hint = f"; near: {', '.join(near)}" if near else ""
    return f"{file}: {error.strerror or error}{hint}"


def failed(error: ModelError | OSError, name: str) -> dict[str, object]:
    """The document of a file that could not be read."""
    return {"file": name, "error": finding_document(Finding.of(error))}


def finding_document(finding: Finding) -> dict[str, object]:
    """Plain values; ``path``, ``offset`` and ``file`` are "" or None where they are not known."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "reason": finding.reason,
        "path": finding.path,
        "offset": finding.offset,
        "file": finding.file,
    }


def finding_line(finding: Mapping[str, object], model: str) -> str:
    """A finding's document for people, without its severity; names every file but the model's."""
    offset = finding["offset"]
    where = f" at byte {offset} ({offset:#x})" if isinstance(offset, int) else ""
    path = f"{finding['path']}: " if finding["path"] else ""
    other = f"{finding['file']}: " if finding["file"] not in (None, model) else ""
    return f"{path}{other}{finding['reason']}{where}"


def _near(name: str) -> list[str]:
    """Paths of files whose names are like that of ``name``, in the same folder."""
    import os

    from tensorwire.near import near_names

    folder, base = os.path.split(name)
    try:
        with os.scandir(folder or os.curdir) as entries:
            near = near_names(base, (entry.name for entry in entries))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in near]
