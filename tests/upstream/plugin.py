"""Inside upstream's environment: our classes before any test is imported, and what came out.

``TENSORWIRE_UPSTREAM_RESULTS`` names the file for the results: one line of JSON for each test.
``TENSORWIRE_UPSTREAM_PLAIN=1`` leaves upstream's classes in place, for comparison.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

RESULTS = Path(os.environ["TENSORWIRE_UPSTREAM_RESULTS"])

if os.environ.get("TENSORWIRE_UPSTREAM_PLAIN", "") in {"", "0"}:
    from tensorwire import proto

    proto.install()


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test counts once: by its call, or by what kept it from being called, or broke after it."""
    if report.when != "call" and report.passed:
        return
    path, _, name = report.nodeid.partition("::")
    text = str(report.longrepr.reprcrash.message) if _crashed(report) else ""
    _write(Path(path).stem, name, report.outcome, text)


@pytest.hookimpl
def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be imported is one failure."""
    if report.failed:
        last = str(report.longrepr).strip().splitlines()[-1]
        _write(Path(report.nodeid).stem, "import", "failed", last)


def _crashed(report: pytest.TestReport) -> bool:
    return report.failed and hasattr(report.longrepr, "reprcrash")


def _write(file: str, test: str, outcome: str, text: str) -> None:
    line = json.dumps({"file": file, "test": test, "outcome": outcome, "text": text})
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(line + "\n")
