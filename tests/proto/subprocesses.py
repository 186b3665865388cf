"""Programs that run in a process of their own."""

from __future__ import annotations

import subprocess
import sys

# What hangs shows where, before the time is over.
TRACED = "import faulthandler; faulthandler.dump_traceback_later(200, exit=True)\n"


def runs(program: str) -> str:
    """What a program prints that ends well."""
    command = [sys.executable, "-c", TRACED + program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, (done.returncode, done.stdout[-300:], done.stderr[-2000:])
    return done.stdout
