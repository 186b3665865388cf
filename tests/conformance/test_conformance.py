"""Upstream's official conformance suite, from binary to binary and through JSON and text."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from . import runner

HERE = Path(__file__).parent

# The cases of runner 36.2 up to edition 2023 that have binary on both sides, and all of them.
BINARY, ALL_BINARY_AND_JSON, ALL_TEXT = 2835, 5649, 909

# What upb passes with protobuf 7.36; the others are in the two lists of failures, with reasons.
JSON, TEXT = 5641, 857
UPSTREAM = "7.36."

COUNTS = re.compile(
    r"SUITE (?:PASSED|FAILED): (\d+) successes, (\d+) skipped, "
    r"(\d+) expected failures, (\d+) unexpected failures"
)


@pytest.fixture(scope="module")
def tools() -> runner.Tools:
    try:
        return runner.find()
    except runner.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def descriptors(tools, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("conformance") / "conformance.descriptors"
    path.write_bytes(tools.descriptors())
    return path


def suites(tools: runner.Tools, folder: Path, testee: list[str], *options: str):
    """(successes, skipped, expected, unexpected) of each suite, then the names of the failures."""
    command = [
        *tools.runner, "--enforce_recommended", "--maximum_edition", "2023",
        "--output_dir", str(folder), *options, sys.executable, str(HERE / "testee.py"), *testee,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    counts = [tuple(map(int, found)) for found in COUNTS.findall(done.stdout + done.stderr)]
    assert counts, done.stdout + done.stderr
    names = [path.read_text() for path in sorted(folder.glob("*.txt"))]
    return counts, "".join(names)


def test_from_binary_to_binary(tools, descriptors, tmp_path):
    counts, failures = suites(tools, tmp_path, [str(descriptors)])
    assert failures == ""
    assert counts == [(BINARY, ALL_BINARY_AND_JSON - BINARY, 0, 0), (0, ALL_TEXT, 0, 0)]


def test_json_and_text_by_upstreams_modules(tools, descriptors, tmp_path):
    pytest.importorskip("google.protobuf")
    version = metadata.version("protobuf")
    if not version.startswith(UPSTREAM):
        pytest.skip(f"failures are known of protobuf {UPSTREAM}x, not of {version}")
    counts, failures = suites(
        tools, tmp_path, [str(descriptors), "--text"],
        "--failure_list", str(HERE / "json_failures.txt"),
        "--text_format_failure_list", str(HERE / "text_failures.txt"),
    )  # fmt: skip
    assert failures == ""
    assert counts == [
        (JSON, 0, ALL_BINARY_AND_JSON - JSON, 0),
        (TEXT, 0, ALL_TEXT - TEXT, 0),
    ]
