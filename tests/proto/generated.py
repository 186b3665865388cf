"""Modules as protoc generates them, written without protoc, and programs that import them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from google.protobuf import descriptor_pb2

import tensorwire

PACKAGES = str(Path(tensorwire.__file__).resolve().parents[1])

MODULE = """
from google.protobuf import descriptor_pool
from google.protobuf.internal import builder
{imports}
DESCRIPTOR = descriptor_pool.Default().AddSerializedFile({data!r})
builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, globals())
builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, {name!r}, globals())
"""

EVENT = """
    name: "event.proto"
    message_type {
      name: "Event"
      field { name: "id" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }
      field { name: "user" number: 2 type: TYPE_MESSAGE label: LABEL_OPTIONAL
              type_name: ".Event.User" }
      field { name: "tags" number: 3 type: TYPE_STRING label: LABEL_REPEATED }
      nested_type {
        name: "User"
        field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      }
    }
"""

# Holds an Event, of another module, and a type of upstream's own.
LOG = """
    name: "log.proto"
    dependency: "event.proto"
    dependency: "google/protobuf/timestamp.proto"
    message_type {
      name: "Log"
      field { name: "events" number: 1 type: TYPE_MESSAGE label: LABEL_REPEATED
              type_name: ".Event" }
      field { name: "at" number: 2 type: TYPE_MESSAGE label: LABEL_OPTIONAL
              type_name: ".google.protobuf.Timestamp" }
    }
"""


def write_module(folder: Path, text: str) -> str:
    """Writes the module of one file, given as the text of its FileDescriptorProto; its name."""
    from google.protobuf import text_format

    file = text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
    name = module_name(file.name)
    imports = [f"import {module_name(dependency)}" for dependency in file.dependency]
    source = MODULE.format(imports="\n".join(imports), data=file.SerializeToString(), name=name)
    (folder / f"{name}.py").write_text(source)
    return name


def module_name(path: str) -> str:
    return path.removesuffix(".proto").replace("/", ".") + "_pb2"


def run_program(folder: Path, program: str, *arguments: str) -> str:
    """What a program prints that runs in ``folder``, with warnings as errors."""
    path = folder / "program.py"
    path.write_text(textwrap.dedent(program))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path), *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": PACKAGES},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
