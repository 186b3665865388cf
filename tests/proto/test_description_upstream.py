"""Descriptions say what upstream's descriptors say, over real schemas and made ones."""

from importlib import import_module

import pytest

from tensorwire import proto

from . import compiled, descriptors

WELL_KNOWN = (
    "any api descriptor duration empty field_mask source_context struct timestamp type wrappers"
).split()
ONNX = ("onnx_ml_pb2", "onnx_data_pb2", "onnx_operators_ml_pb2")


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_well_known_types(name):
    module = import_module(f"google.protobuf.{name}_pb2")
    for file in proto.Schema.from_pb2(module).files:
        theirs = module.DESCRIPTOR.pool.FindFileByName(file.name)
        assert list(descriptors.files(file, theirs)) == []


@pytest.mark.parametrize("name", ONNX)
def test_onnx(name):
    pytest.importorskip("onnx")
    module = import_module(f"onnx.{name}")
    ours = proto.Schema.from_pb2(module).files[0]
    assert list(descriptors.files(ours, module.DESCRIPTOR)) == []


@pytest.mark.parametrize("name", compiled.NAMES)
def test_made_schemas(name):
    schema, pool = compiled.compiled(name)
    for file in schema.files:
        assert list(descriptors.files(file, pool.FindFileByName(file.name))) == []
