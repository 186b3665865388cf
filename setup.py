"""Builds the compiled core: every ``_core/*.pyx`` becomes ``tensorwire._core.*``.

Environment switches, read here and nowhere else:

``TENSORWIRE_DEBUG=1``     bounds checks on in every Cython function, ``-O0 -g``
``TENSORWIRE_SANITIZE=1``  compile and link with AddressSanitizer and UBSan
``TENSORWIRE_ANNOTATE=1``  write Cython's annotated HTML beside the C sources
"""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup


def switch(name: str) -> bool:
    return os.environ.get(f"TENSORWIRE_{name}", "") not in ("", "0")


DEBUG, SANITIZE, ANNOTATE = switch("DEBUG"), switch("SANITIZE"), switch("ANNOTATE")
ROOT = Path(__file__).parent
CORE = "_core"
FLAVOUR = "debug" if DEBUG else "sanitize" if SANITIZE else "release"


def compile_flags() -> tuple[list[str], list[str]]:
    """(compiler flags, linker flags) of this build flavour."""
    if sys.platform == "win32":
        return ["/O2", "/std:c11"], []
    if DEBUG:
        return ["-O0", "-g", "-std=c11", "-D_GNU_SOURCE"], []
    if SANITIZE:
        checks = "-fsanitize=address,undefined"
        keep = ["-O1", "-g", "-std=c11", "-D_GNU_SOURCE", "-fno-omit-frame-pointer"]
        return [*keep, checks, "-fno-sanitize-recover=undefined"], [checks]
    return ["-O3", "-std=c11", "-D_GNU_SOURCE", "-fvisibility=hidden"], []


def directives() -> dict[str, object]:
    return {
        "language_level": 3,
        "freethreading_compatible": True,
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


def extensions() -> list[Extension]:
    flags, link = compile_flags()
    headers = sorted(str(p.relative_to(ROOT)) for p in (ROOT / CORE).glob("*.h"))
    return [
        Extension(
            f"tensorwire._core.{source.stem}",
            [str(source.relative_to(ROOT))],
            include_dirs=[CORE],
            depends=headers,
            extra_compile_args=flags,
            extra_link_args=link,
        )
        for source in sorted((ROOT / CORE).glob("*.pyx"))
    ]


setup(
    ext_modules=cythonize(
        extensions(),
        include_path=["src", CORE],
        build_dir=f"build/cython-{FLAVOUR}",
        compiler_directives=directives(),
        annotate=ANNOTATE,
    )
)
