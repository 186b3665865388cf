"""What `validate` has to say about a model."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tensorwire.errors import ModelError

__all__ = ["Finding", "Report"]


class Finding:
    """One thing that is wrong (``severity`` "error") or odd ("warning").

    ``kind`` names the check in a stable word; ``path`` is a field path or ``""``; ``offset`` the
    byte it is about, or None; ``file`` the file, where that is not the model itself.
    """

    __slots__ = ("file", "kind", "offset", "path", "reason", "severity")

    def __init__(
        self,
        kind: str,
        reason: str,
        path: str = "",
        *,
        severity: str = "error",
        offset: int | None = None,
        file: str | None = None,
    ) -> None:
        self.kind = kind
        self.reason = reason
        self.path = path
        self.severity = severity
        self.offset = offset
        self.file = file

    @classmethod
    def of(cls, error: ModelError | OSError, path: str = "") -> Finding:
        """An error as a finding, named after its class: ``DecodeError`` is of kind ``"decode"``."""
        if isinstance(error, OSError):
            return cls("file", error.strerror or str(error), path, file=error.filename)
        kind = type(error).__name__.removesuffix("Error").lower()
        where = error.path or path
        return cls(kind, error.reason, where, offset=error.offset, file=error.file)

    def __str__(self) -> str:
        where = "" if self.offset is None else f" at byte {self.offset} ({self.offset:#x})"
        path = f"{self.path}: " if self.path else ""
        return f"{self.severity}: {path}{self.reason}{where}"

    def __repr__(self) -> str:
        return f"<Finding {self}>"


class Report:
    """The findings about one file. True, and ``ok``, when none of them is an error."""

    __slots__ = ("file", "findings", "format")

    def __init__(self, file: str | None, format: str | None, findings: Iterable[Finding]) -> None:
        self.file = file
        self.format = format
        self.findings = tuple(findings)

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)

    def __bool__(self) -> bool:
        return self.ok

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __str__(self) -> str:
        name = "model" if self.file is None else self.file
        verdict = "ok" if self.ok else f"{sum(f.severity == 'error' for f in self.findings)} errors"
        return "\n".join([f"{name}: {verdict}", *(f"  {finding}" for finding in self.findings)])

    def __repr__(self) -> str:
        verdict = "ok" if self.ok else "not ok"
        return f"<Report on {self.file!r}: {verdict}, {len(self.findings)} findings>"
