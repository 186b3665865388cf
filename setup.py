"""Builds the compiled core: every ``_core/*.pyx`` becomes ``tensorwire._core.*``.

Environment switches, read here and nowhere else; each flavour has its own folder under ``build/``:

``TENSORWIRE_DEBUG=1``     bounds checks on in every Cython function, ``-O0 -g``
``TENSORWIRE_SANITIZE=1``  compile and link with AddressSanitizer and UBSan, ``-O1 -g1``
``TENSORWIRE_ANNOTATE=1``  write Cython's annotated HTML beside the C sources
"""

import os
import re
import sys
import tempfile
import threading
from pathlib import Path

from Cython import __version__ as cython_version
from Cython.Build import cythonize
from Cython.Compiler import ParseTreeTransforms
from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, PlatformError


def switch(name: str) -> bool:
    return os.environ.get(f"TENSORWIRE_{name}", "") not in ("", "0")


DEBUG, SANITIZE, ANNOTATE = switch("DEBUG"), switch("SANITIZE"), switch("ANNOTATE")
ROOT = Path(__file__).resolve().parent
CORE = "_core"
FLAVOUR = "debug" if DEBUG else "release"
if SANITIZE:
    FLAVOUR = "sanitize-debug" if DEBUG else "sanitize"

DIRECTIVES = {
    "language_level": 3,
    "freethreading_compatible": False,
    "auto_pickle": False,
    "autotestdict": False,
    "binding": False,
    "embedsignature": True,
    "embedsignature.format": "clinic",
    "boundscheck": True,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
}

# What to install when a piece is missing, by ``sys.platform``; "" is every other Unix.
COMPILER_ADVICE = {
    "darwin": "xcode-select --install",
    "win32": "Visual Studio Build Tools, workload 'Desktop development with C++'",
    "": "apt install build-essential (Debian, Ubuntu) or dnf install gcc (Fedora)",
}
HEADER_ADVICE = {
    "darwin": "brew install python, or the installer from python.org",
    "win32": "the installer from python.org, with its development files",
    "": "apt install python3-dev (Debian, Ubuntu) or dnf install python3-devel (Fedora)",
}

# Generated C compares int with size_t and drops const on its way through temporaries. Our own
# headers are held to far more than this by tests. clang calls the second by another name.
QUIET = ["-Wno-sign-compare", "-Wno-discarded-qualifiers", "-Wno-unknown-warning-option"]
# What clang 16 and gcc 14 refuse, older compilers only warn about.
REFUSED = [
    "-Werror=implicit-function-declaration",
    "-Werror=incompatible-pointer-types",
    "-Wno-incompatible-pointer-types-discards-qualifiers",   # clang has it in the same group
]


def compile_flags(compiler_type: str) -> tuple[list[str], list[str]]:
    """(compiler flags, linker flags) of this build flavour."""
    if compiler_type == "msvc":
        return ["/Od" if DEBUG else "/O2", "/std:c11"], []
    flags = ["-std=c11", "-D_GNU_SOURCE", "-fvisibility=hidden", *QUIET, *REFUSED]
    if SANITIZE:
        checks = "-fsanitize=address,undefined"
        flags += [checks, "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"]
        # -g1 has the functions and lines that reports name; with -g gcc takes 1.4 times as long.
        return [*flags, "-O1", "-g1"], [checks]
    return [*flags, *(["-O0", "-g"] if DEBUG else ["-O3", "-g0"])], []


def keep_bounds_checks() -> None:
    """Makes Cython read every ``boundscheck(False)`` as ``boundscheck(True)``.

    A directive given to ``cythonize`` is only a default: decorators and ``with`` blocks win over
    it, and Cython has no option that wins over them. So a debug build replaces the one method
    through which both are read. ``tests/project/test_build.py`` fails if that stops working.
    """
    transform = ParseTreeTransforms.InterpretCompilerDirectives
    read = transform.try_to_parse_directive

    def read_checked(self, name, args, kwds, pos):
        name, value = read(self, name, args, kwds, pos)
        return name, True if name == "boundscheck" else value

    transform.try_to_parse_directive = read_checked


def advice(table: dict[str, str]) -> str:
    return table.get(sys.platform, table[""])


def require_toolchain(compiler, include_dirs: list[str]) -> None:
    """Compiles two tiny files, so that a missing piece is named before anything else fails."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "probe.c"
        for header, lack, table in (
            ("stdint.h", "a C compiler", COMPILER_ADVICE),
            ("Python.h", "the headers of this Python", HEADER_ADVICE),
        ):
            source.write_text(f"#include <{header}>\nint probe(void) {{ return 0; }}\n")
            try:
                compiler.compile([str(source)], output_dir=folder, include_dirs=include_dirs)
            except (CompileError, PlatformError) as error:
                raise PlatformError(f"tensorwire needs {lack}: {advice(table)}") from error


INCLUDED = re.compile(r'^ *# *include "([^"]+)"', re.MULTILINE)
DECLARED = re.compile(r"^from tensorwire\._core\.(\w+) cimport", re.MULTILINE)
DECLARATIONS = Path("src", "tensorwire", CORE)


class BuildCore(build_ext):
    """Translates and compiles each module; Cython works on one while the C compiler is at others.

    Cython keeps global state and runs under a lock; the C compiler is a process of its own.
    """

    translating = threading.Lock()

    def initialize_options(self):
        super().initialize_options()
        self.parallel = os.cpu_count()

    def build_extensions(self):
        if DEBUG:
            keep_bounds_checks()
        require_toolchain(self.compiler, list(self.include_dirs))
        super().build_extensions()

    def build_extension(self, ext):
        ext.extra_compile_args, ext.extra_link_args = compile_flags(self.compiler.compiler_type)
        with self.translating:
            translated = self.translate(ext)
        ext.sources = translated.sources
        ext.depends = [*translated.depends, *headers_of(Path(ext.sources[0])), "setup.py"]
        super().build_extension(ext)

    def translate(self, ext: Extension) -> Extension:
        # One folder for each flavour and Cython: a change of either translates anew, and so
        # does a change of this file, whose directives Cython does not track.
        folder = Path("build", FLAVOUR, f"cython-{cython_version}")
        written = (folder / ext.sources[0]).with_suffix(".c")
        newest = max(one.stat().st_mtime for one in [Path(__file__), *declarations_of(ext)])
        stale = written.exists() and written.stat().st_mtime < newest
        translated = cythonize(
            ext,
            include_path=["src", CORE],
            build_dir=str(folder),
            compiler_directives=DIRECTIVES,
            annotate=ANNOTATE,
            force=bool(self.force) or stale,
        )[0]
        # Cython copies headers beside what it wrote, where a compiler finds them first, and renews
        # the copies only when it translates again.
        for copy in (folder / CORE).glob("*.h"):
            copy.unlink(missing_ok=True)
        return translated


class Build(build):
    """Leaves nothing in the build folder from a module that is gone: it would enter the wheel."""

    def run(self):
        super().run()
        made = [self.get_finalized_command(name) for name in self.get_sub_commands()]
        wanted = {Path(path).resolve() for command in made for path in command.get_outputs()}
        for path in Path(self.build_lib).rglob("*"):
            if path.is_file() and path.resolve() not in wanted:
                path.unlink()


def headers_of(source: Path) -> list[str]:
    """Our headers that a C source includes, or that one of those does."""
    found, waiting = set(), [source]
    while waiting:
        for name in INCLUDED.findall(waiting.pop().read_text(encoding="utf-8")):
            header = ROOT / CORE / name
            if name not in found and header.exists():
                found.add(name)
                waiting.append(header)
    return sorted(f"{CORE}/{name}" for name in found)


def declarations_of(ext: Extension) -> list[Path]:
    """The ``.pxd`` of a module, and those that one needs: Cython does not look for them where a
    module's own lies in another folder."""
    found, waiting = [], [ext.name.rpartition(".")[2]]
    for name in waiting:
        path = DECLARATIONS / f"{name}.pxd"
        if path.exists() and path not in found:
            found.append(path)
            waiting += DECLARED.findall(path.read_text(encoding="utf-8"))
    return found


def extensions() -> list[Extension]:
    """One extension for each ``.pyx``; a change of its headers or of this file builds it anew."""
    return [
        Extension(
            f"tensorwire._core.{source.stem}",
            [str(source.relative_to(ROOT))],
            include_dirs=[CORE],
        )
        for source in sorted((ROOT / CORE).glob("*.pyx"))
    ]


setup(
    ext_modules=extensions(),
    cmdclass={"build": Build, "build_ext": BuildCore},
    options={"build": {"build_base": f"build/{FLAVOUR}"}},
)
