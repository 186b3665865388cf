"""Builds the wheel for the interpreter that runs this, with the lowest tag it can honestly carry.

    python wheels/build.py [--out FOLDER] [--sdist PATH] [--compiler auto|zig|cc] [--at-most X_Y]

The wheel is built from the sdist, so both are tried. On Linux it is compiled by ``zig cc`` against
an old glibc where the ziglang package can be had, and by ``$CC`` else; auditwheel then gives it
the lowest tag that its symbols allow. With zig a tag above ``--at-most`` fails the build. Without
it the tag follows this machine's glibc, which is said, and fails only if ``--at-most`` was given.
"""

import argparse
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "build" / "wheel-tools"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ZIG = "ziglang>=0.13"
GLIBC = (2, 17)  # the glibc that zig links against: that of manylinux2014
OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
SOURCE_SUFFIXES = {".pyx", ".pxd", ".c", ".h"}
EXTENSION_SUFFIXES = {".so", ".pyd"}


def run(*command: object, quiet: bool = False, **options: object) -> None:
    """Runs it, and shows what it printed in one piece; if ``quiet``, only where it failed."""
    words = list(map(str, command))
    print("+", shlex.join(words), flush=True)
    options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(words, check=False, **options)
    if done.stdout and (done.returncode or not quiet):
        print(done.stdout, end="", flush=True)
    done.check_returncode()


def python_of(environment: Path) -> Path:
    windows = environment / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else environment / "bin" / "python"


def tools_environment() -> Path:
    """The interpreter of ``build/wheel-tools``, made on first use and shared by all builds."""
    python, stamp = python_of(TOOLS), TOOLS / "complete"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        usable = subprocess.run([python, "-c", ""], check=False, capture_output=True)
        if usable.returncode == 0:
            return python
    run(sys.executable, "-m", "venv", "--clear", TOOLS)
    run(python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def has_zig(python: Path) -> bool:
    """Whether ``python -m ziglang`` runs; installs it first where that works."""
    probe = [python, "-m", "ziglang", "version"]
    if subprocess.run(probe, check=False, capture_output=True).returncode == 0:
        return True
    subprocess.run([python, "-m", "pip", "install", "-q", ZIG], check=False)
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def zig_environment(tools: Path, folder: Path) -> dict[str, str]:
    """What makes setuptools compile with zig; ``folder`` is for what that needs beside it."""
    # An explicit target also means the baseline CPU instead of this machine's.
    target = f"{platform.machine()}-linux-gnu.{GLIBC[0]}.{GLIBC[1]}"
    compiler = f"{shlex.quote(str(tools))} -m ziglang cc -target {target}"
    flags = [os.environ.get("CFLAGS", ""), multiarch_headers(folder)]
    return {
        "CC": compiler,
        "LDSHARED": f"{compiler} -shared",
        "CFLAGS": " ".join(filter(None, flags)),
        # zig keeps what it compiles of libc; without these it writes to the home folder.
        "ZIG_GLOBAL_CACHE_DIR": str(TOOLS / "zig-cache"),
        "ZIG_LOCAL_CACHE_DIR": str(TOOLS / "zig-cache"),
    }


def choose_compiler(tools: Path, wanted: str) -> str:
    """ "zig" or "cc"."""
    glibc = sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
    if wanted == "cc" or (wanted == "auto" and not glibc):
        return "cc"
    if has_zig(tools):
        return "zig"
    if wanted == "zig":
        raise SystemExit("wheels/build.py: ziglang cannot be installed")
    return "cc"


def glibc_of(wheel_name: str) -> tuple[int, int] | None:
    """The glibc that the wheel asks for, by its lowest manylinux tag; None without such a tag."""
    tags = wheel_name.removesuffix(".whl").rpartition("-")[2].split(".")
    found = [OLD_NAMES[tag.partition("_")[0]] for tag in tags if tag.partition("_")[0] in OLD_NAMES]
    for tag in tags:
        match = re.match(r"manylinux_(\d+)_(\d+)_", tag)
        if match:
            found.append((int(match[1]), int(match[2])))
    return min(found, default=None)


def require_tag(wheel_name: str, at_most: tuple[int, int] | None) -> None:
    """Ends the run if the tag is a plain ``linux``, or asks for a newer glibc than ``at_most``."""
    if "musllinux" in wheel_name:
        return
    needs = glibc_of(wheel_name)
    if needs is None:
        raise SystemExit(f"wheels/build.py: {wheel_name} has no manylinux tag")
    if at_most and needs > at_most:
        limit = "glibc {}.{}".format(*at_most)
        raise SystemExit(f"wheels/build.py: {wheel_name} needs a newer glibc than {limit}")


def require_contents(wheel: Path) -> None:
    """Ends the run unless the wheel has the compiled core and the type marker, and no sources."""
    names = [Path(name) for name in zipfile.ZipFile(wheel).namelist()]
    sources = [str(name) for name in names if name.suffix in SOURCE_SUFFIXES]
    if sources:
        raise SystemExit(f"wheels/build.py: {wheel.name} holds sources: {', '.join(sources)}")
    if not any(name.suffix in EXTENSION_SUFFIXES for name in names):
        raise SystemExit(f"wheels/build.py: {wheel.name} holds no compiled module")
    if Path("tensorwire/py.typed") not in names:
        raise SystemExit(f"wheels/build.py: {wheel.name} holds no py.typed")


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def make_sdist(tools: Path, folder: Path) -> Path:
    """The source distribution, in ``folder``."""
    run(tools, "-m", "build", "--sdist", "--outdir", folder, ROOT, quiet=True)
    return only(folder, "*.tar.gz")


def multiarch_headers(folder: Path) -> str:
    """A compiler flag for Debian's Python, whose ``pyconfig.h`` only its own gcc finds; or "".

    That file includes ``<MULTIARCH/pythonX.Y/pyconfig.h>``. Adding all of ``/usr/include`` would
    mix this machine's libc headers into zig's, so ``folder`` gets a link to the one directory.
    """
    include = Path(sysconfig.get_paths()["include"])
    triplet = sysconfig.get_config_var("MULTIARCH") or ""
    actual = include.parent / triplet / include.name
    if not triplet or not actual.is_dir():
        return ""
    link = folder / "include" / triplet / include.name
    link.parent.mkdir(parents=True)
    link.symlink_to(actual)
    return f"-I{folder / 'include'}"


def build_wheel(sdist: Path, folder: Path, environment: dict[str, str]) -> Path:
    """The wheel as setuptools makes it, in ``folder``."""
    run(sys.executable, "-m", "venv", folder / "venv")
    pip = [python_of(folder / "venv"), "-m", "pip", "wheel", "-q", "--no-deps"]
    run(*pip, "--wheel-dir", folder / "raw", sdist, env=os.environ | environment)
    return only(folder / "raw", "*.whl")


def repair(tools: Path, raw: Path, folder: Path) -> Path:
    """The wheel under its lowest honest tag, stripped of debug information."""
    path = os.pathsep.join([str(tools.parent), os.environ.get("PATH", os.defpath)])
    command = [tools, "-m", "auditwheel", "repair", "--strip", "-w", folder, raw]
    run(*command, env=os.environ | {"PATH": path}, quiet=True)
    return only(folder, "*.whl")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "wheels" / "out")
    parser.add_argument("--sdist", type=Path, help="an sdist or its tree, instead of a fresh one")
    parser.add_argument("--compiler", choices=["auto", "zig", "cc"], default="auto")
    parser.add_argument("--at-most", metavar="X_Y", help="newest glibc the tag may ask for")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    tools = tools_environment()
    compiler = choose_compiler(tools, options.compiler)
    at_most = GLIBC if compiler == "zig" else None
    if options.at_most:
        major, minor = options.at_most.split("_")
        at_most = int(major), int(minor)
    with tempfile.TemporaryDirectory() as scratch:
        sdist = options.sdist or make_sdist(tools, Path(scratch))
        environment = zig_environment(tools, Path(scratch)) if compiler == "zig" else {}
        wheel = build_wheel(sdist, Path(scratch), environment)
        if sys.platform == "linux":
            wheel = repair(tools, wheel, Path(scratch, "repaired"))
            require_tag(wheel.name, at_most)
        require_contents(wheel)
        options.out.mkdir(parents=True, exist_ok=True)
        final = Path(shutil.copy(wheel, options.out))
    if sys.platform == "linux" and compiler != "zig":
        print("note: built without zig, so the tag follows this machine's glibc")
    print(f"{final} ({final.stat().st_size / 1024:.0f} KiB, compiled by {compiler})")


if __name__ == "__main__":
    main()
