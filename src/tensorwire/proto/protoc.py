"""Compiling ``.proto`` text with the compiler of the package ``grpcio-tools``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec

from tensorwire.errors import SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Path = str | os.PathLike[str]

# What protoc says of a wrong file: "name.proto:3:14: reason". Some reasons have no place.
_COMPLAINT = re.compile(r"^(?P<file>.+?\.proto):(?:(?P<line>\d+):(?P<column>\d+):)? (?P<text>.*)$")
_WARNING = re.compile(r"^(.+?: )?warning: ", re.IGNORECASE)

TEXT_NAME = "schema.proto"


def compile_file(path: Path, include: Path | Iterable[Path]) -> tuple[bytes, str]:
    """``(encoded FileDescriptorSet, the file's name in it)``.

    Raises: ``SchemaError`` for what does not compile, ``FileNotFoundError`` for what is not there.
    """
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"no such file: {path}")
    folders = _folders(include)
    root = next((folder for folder in folders if _inside(path, folder)), None)
    if root is None:
        root = os.path.dirname(path)
        folders.insert(0, root)
    name = os.path.relpath(path, root).replace(os.sep, "/")
    return _compile(name, folders), name


def compile_text(text: str, include: Path | Iterable[Path]) -> tuple[bytes, str]:
    """The same for a text, which is called ``schema.proto``."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, TEXT_NAME), "w", encoding="utf-8") as file:
            file.write(text)
        folders = [folder, *_folders(include)]
        try:
            return _compile(TEXT_NAME, folders), TEXT_NAME
        except SchemaError as error:  # nobody else knows the folder
            if error.file == os.path.join(folder, TEXT_NAME):
                error.file = TEXT_NAME
            raise


def _folders(include: Path | Iterable[Path]) -> list[str]:
    """Folders as given, or the only one: a ``str`` would else be taken letter by letter."""
    given = [include] if isinstance(include, str | os.PathLike) else include
    return [os.path.abspath(folder) for folder in given]


def _inside(path: str, folder: str) -> bool:
    return os.path.splitdrive(path)[0] == os.path.splitdrive(folder)[0] and (
        os.path.commonpath([path, folder]) == folder
    )


def _compile(name: str, folders: list[str]) -> bytes:
    """Runs the compiler in a process of its own: it writes its complaints to the screen."""
    folders = [*folders, _bundled_protos()]
    with tempfile.TemporaryDirectory() as out:
        target = os.path.join(out, "set")
        command = [sys.executable, "-m", "grpc_tools.protoc", "--include_imports"]
        command += [f"-I{folder}" for folder in folders]
        command += [f"--descriptor_set_out={target}", name]
        run = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if run.returncode != 0:
            raise _error(run.stderr, name)
        with open(target, "rb") as file:
            return file.read()


def _bundled_protos() -> str:
    """The folder with google/protobuf/*.proto. Raises ``ImportError`` where there is none."""
    found = find_spec("grpc_tools")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if not places:
        raise ImportError(
            "compiling .proto text needs grpcio-tools: pip install 'tensorwire[schema]'"
        )
    return os.path.join(places[0], "_proto")


def _error(output: str, name: str) -> SchemaError:
    """All complaints; file and line of the first that has them."""
    lines = [line for line in output.splitlines() if line.strip() and not _WARNING.match(line)]
    matches = [match for match in map(_COMPLAINT.match, lines) if match is not None]
    placed = [match for match in matches if match["line"]]
    first = next(iter(placed or matches), None)
    if first is None:
        return SchemaError("; ".join(lines) or "does not compile", file=name)
    texts = [match["text"] for match in matches if match is not first]
    reason = "; ".join([first["text"], *texts])
    if first["line"]:
        reason = f"line {first['line']}, column {first['column']}: {reason}"
    error = SchemaError(reason, file=first["file"])
    error.line = int(first["line"]) if first["line"] else None
    return error
