"""Each C header stands alone and is clean under every warning that is asked of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[2] / "_core"
HEADERS = sorted(path.name for path in CORE.glob("*.h"))
STRICT = "-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wconversion -Wsign-conversion -Werror".split()
COMPILER = shutil.which(os.environ.get("CC", "cc").split()[0])

pytestmark = pytest.mark.skipif(
    COMPILER is None or sys.platform == "win32", reason="no C compiler that takes gcc's flags"
)


def check(text: str) -> subprocess.CompletedProcess:
    command = [COMPILER, *STRICT, "-O2", f"-I{CORE}", "-x", "c", "-c", "-o", os.devnull, "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("header", HEADERS)
def test_header_is_clean(header):
    # Twice, so that a missing include guard is found too.
    done = check(f'#include "{header}"\n' * 2)
    assert done.returncode == 0, done.stderr


def test_there_are_headers():
    assert HEADERS


def test_an_unclean_header_is_found():
    done = check("static inline int narrow(long x) { return x; }\n")
    assert done.returncode != 0 and "conversion" in done.stderr


def test_no_header_needs_python():
    # The fuzzers and sanitizer harnesses compile them without an interpreter.
    users = [name for name in HEADERS if "Python.h>" in (CORE / name).read_text(encoding="utf-8")]
    assert users == []
