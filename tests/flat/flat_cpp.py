"""The generated C++ verifier of a schema, as a program: who makes labels, and a partner in fuzzing.

Needs flatc (``TENSORWIRE_FLATC``, or on the path), g++, and upstream's headers, of the same
version (``TENSORWIRE_FLATBUFFERS``: a checkout of google/flatbuffers). No test needs it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

MAIN = r"""
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#define FLATBUFFERS_ASSERT(x)  /* the size limit is an assertion, and release builds have none */
#include "schema_generated.h"

typedef flatbuffers::Verifier Verifier;

template <typename T>
static bool check(const uint8_t *data, size_t size, const Verifier::Options &options, int prefix,
                  const char *identifier)
{
    Verifier verifier(data, size, options);
    if (prefix == 4) return verifier.VerifySizePrefixedBuffer<T, uint32_t>(identifier);
    if (prefix == 8) return verifier.VerifySizePrefixedBuffer<T, uint64_t>(identifier);
    return verifier.VerifyBuffer<T>(identifier);
}

int main()
{
    struct {
        uint8_t type, prefix, has_identifier, flush;
        char identifier[4];
        uint32_t depth, tables, size;
    } ask;
    while (fread(&ask, sizeof ask, 1, stdin) == 1) {
        uint8_t *data = (uint8_t *)aligned_alloc(64, ((size_t)ask.size + 64) & ~(size_t)63);
        if (!data || fread(data, 1, ask.size, stdin) != ask.size) return 2;
        char name[5] = {0};
        memcpy(name, ask.identifier, 4);
        const char *identifier = ask.has_identifier ? name : nullptr;
        Verifier::Options options;
        options.max_depth = ask.depth;
        options.max_tables = ask.tables;
        bool ok = false;
        switch (ask.type) {
CASES
        }
        putchar(ok ? '1' : '0');
        if (ask.flush) fflush(stdout);
        free(data);
    }
    return 0;
}
"""
CASE = "        case {}: ok = check<::{}>(data, ask.size, options, ask.prefix, identifier); break;"
HEAD = struct.Struct("<4B4s3I")


def tools() -> tuple[str, Path] | None:
    """flatc and the folder of the headers, or None where something is missing."""
    flatc = os.environ.get("TENSORWIRE_FLATC") or shutil.which("flatc")
    checkout = os.environ.get("TENSORWIRE_FLATBUFFERS")
    if not flatc or not checkout or shutil.which("g++") is None:
        return None
    return flatc, Path(checkout) / "include"


class Cpp:
    """The verifiers of all ``tables`` of a schema's text, built in ``folder`` if not there yet.

    Raises: ``RuntimeError`` with the compilers' complaints.
    """

    def __init__(self, text: str, tables: list[str], folder: Path) -> None:
        found = tools()
        if found is None:
            raise RuntimeError(__doc__)
        self.tables = tables
        stamp = hashlib.sha256((text + MAIN).encode()).hexdigest()[:16]
        self.folder = folder / stamp
        self.program = self.folder / "verify"
        if not self.program.exists():
            self.build(text, *found)

    def build(self, text: str, flatc: str, headers: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        schema, main = self.folder / "schema.fbs", self.folder / "main.cpp"
        schema.write_text(text, encoding="utf-8")
        names = [name.replace(".", "::") for name in self.tables]
        cases = "\n".join(CASE.format(i, name) for i, name in enumerate(names))
        main.write_text(MAIN.replace("CASES", cases), encoding="utf-8")
        run(flatc, "--cpp", "--cpp-std", "c++17", "-o", self.folder, schema)
        run("g++", "-O1", "-std=c++17", "-w", f"-I{headers}", f"-I{self.folder}", main,
            "-o", self.program)  # fmt: skip

    def request(
        self, data: bytes, root: str, *, prefix: int = 0, identifier: str | None = None,
        max_depth: int = 64, max_tables: int = 1_000_000,
    ) -> bytes:  # fmt: skip
        """One question, for `ask`."""
        name = (identifier or "").encode()[:4].ljust(4, b"\0")
        here = (self.tables.index(root), prefix, identifier is not None, 0, name)
        return HEAD.pack(*here, max_depth, max_tables, len(data)) + data

    def ask(self, requests: list[bytes]) -> list[bool]:
        """The verdict of each."""
        asked = b"".join(requests)
        done = subprocess.run([self.program], input=asked, capture_output=True, check=False)
        if done.returncode or len(done.stdout) != len(requests):
            raise RuntimeError(f"{done.returncode}, {len(done.stdout)} of {len(requests)} answers")
        return [answer == ord("1") for answer in done.stdout]


def run(*command: Any) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
