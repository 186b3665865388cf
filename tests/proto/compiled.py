"""The ``.proto`` files of the tests, compiled once: as upstream's pool and as our schema."""

from functools import cache
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool

from tensorwire import proto

PROTOS = Path(__file__).with_name("protos")
NAMES = ("legacy", "plain", "edition", "names")


def upstream_pool(schema):
    """A pool of upstream's with the files of a schema."""
    pool = descriptor_pool.DescriptorPool()
    pending, done = list(schema.files), set()
    while pending:
        file = pending.pop(0)
        if all(one.name in done for one in file.dependencies):
            pool.AddSerializedFile(file.serialized_pb)
            done.add(file.name)
        else:
            pending.append(file)
    return pool


@cache
def compiled(name):
    """``(our schema, upstream's pool)`` of a file in the folder ``protos``."""
    pytest.importorskip("grpc_tools")
    schema = proto.Schema.from_proto(PROTOS / f"{name}.proto")
    return schema, upstream_pool(schema)


def file_proto(file):
    """A file's declaration, as upstream reads it."""
    return descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
