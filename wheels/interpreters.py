"""Which CPythons lie on this machine, and which of them can build and try a wheel."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 10)
NAME = re.compile(r"python3(\.\d+t?)?(\.exe)?|python\.exe")

PROBE = """
import json, os, sys, sysconfig
def has(name):
    try: __import__(name)
    except ImportError: return False
    return True
headers = os.path.join(sysconfig.get_paths()["include"], "Python.h")
print(json.dumps({
    "name": sys.implementation.name,
    "version": list(sys.version_info[:3]),
    "threads": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "path": os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable),
    "venv": has("venv") and has("ensurepip"),
    "headers": os.path.exists(headers),
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """One CPython, by its own word."""

    path: str
    version: tuple[int, ...]
    free_threaded: bool
    lacks: str  # why it cannot be used, or ""

    @property
    def tag(self) -> str:
        """As in a wheel's name: ``cp313``, ``cp314t``."""
        return f"cp{self.version[0]}{self.version[1]}" + "t" * self.free_threaded

    def __str__(self) -> str:
        return ".".join(map(str, self.version)) + "t" * self.free_threaded + f" at {self.path}"


def candidates() -> list[Path]:
    """Programs that may be a Python: on PATH, in the usual folders, in every pyenv version."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    folders += [Path("/usr/local/bin"), Path("/usr/bin"), *sorted(pyenv.glob("versions/*/bin"))]
    found = [Path(sys.executable)]
    for folder in dict.fromkeys(folders):
        if folder.is_dir() and folder != pyenv / "shims":
            found += sorted(p for p in folder.iterdir() if NAME.fullmatch(p.name))
    return found


def ask(program: Path) -> Interpreter | None:
    """What ``program`` says of itself; None if it is no CPython 3 at all."""
    try:
        done = subprocess.run(
            [program, "-I", "-c", PROBE], capture_output=True, timeout=60, check=True
        )
        said = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    version = tuple(said["version"])
    reasons = {
        f"{said['name']} is not CPython": said["name"] != "cpython",
        "free-threaded, which the core is not made for yet": said["threads"],
        "older than {}.{}".format(*OLDEST): version < OLDEST,
        "no venv module": not said["venv"],
        "no Python.h": not said["headers"],
    }
    lacks = ", ".join(reason for reason, holds in reasons.items() if holds)
    return Interpreter(said["path"], version, said["threads"], lacks)


def interpreters() -> list[Interpreter]:
    """Each once, oldest first, whatever links lead to it."""
    asked = [ask(program) for program in candidates()]
    found = {interpreter.path: interpreter for interpreter in asked if interpreter}
    return sorted(found.values(), key=lambda one: (one.version, one.free_threaded, one.path))
