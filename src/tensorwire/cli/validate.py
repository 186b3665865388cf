"""``validate``: everything that is wrong with a model."""

from __future__ import annotations

from tensorwire import api
from tensorwire.cli.arguments import add_files
from tensorwire.cli.failures import finding_document, finding_line
from tensorwire.cli.models import readable
from tensorwire.cli.screen import LEFT, Mark
from tensorwire.cli.text import plural

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from tensorwire.cli.screen import Screen

SCHEMA = "tensorwire.validate/1"
HEADED = "never"
JSON = """\
JSON: {schema, file, format: name or null if no format could be read,
       ok: no finding is an error,
       findings: [{kind, severity: "error" or "warning", reason, path: of the field, or "",
                   offset: in bytes or null, file: where it is not this one, or null}]}
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Files, and how far to look."""
    add_files(parser)
    parser.add_argument(
        "--checksums",
        action="store_true",
        help="also read external files whole, where the model has a checksum for them",
    )


def collect(name: str, options: Namespace) -> dict[str, Any]:
    """Raises: ``OSError`` for a file that cannot be opened."""
    report = api.validate(readable(name), checksums=options.checksums)
    return {
        "file": name,
        "format": report.format,
        "ok": report.ok,
        "findings": [finding_document(finding) for finding in report],
    }


def code(document: dict[str, Any]) -> int:
    """1 for errors; 2 for a file that is no model at all."""
    kinds = {finding["kind"] for finding in document["findings"]}
    if document["format"] is None and "unsupported" in kinds:
        return 2
    return 0 if document["ok"] else 1


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:  # noqa: ARG001
    """A verdict, and the findings below it."""
    findings = document["findings"]
    screen.line(f"{document['file']}: {_verdict(findings)}")
    if findings:
        rows = [
            (_severity(each), each["kind"], finding_line(each, document["file"]))
            for each in findings
        ]
        screen.table({"severity": LEFT, "kind": LEFT, "finding": LEFT}, rows)


def _verdict(findings: list[dict[str, Any]]) -> str:
    severities = [finding["severity"] for finding in findings]
    counted = [
        plural(severities.count(severity), severity)
        for severity in ("error", "warning")
        if severity in severities
    ]
    return ", ".join(counted) or "ok"


def _severity(finding: dict[str, Any]) -> str:
    severity = finding["severity"]
    return Mark(severity, "bad" if severity == "error" else "faint")
