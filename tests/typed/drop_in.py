"""What type checkers see of drop-in classes. Checked by mypy; nothing here runs."""

from typing import assert_type

import onnx

from tensorwire import proto

Fast = proto.message_class(onnx.ModelProto)
assert_type(Fast, type[onnx.ModelProto])

model = Fast.FromString(b"")
assert_type(model, onnx.ModelProto)
assert_type(model.graph.node[0].name, str)
assert_type(proto.to_upstream(model.graph.node[0]), onnx.NodeProto)
assert_type(proto.from_upstream(onnx.NodeProto()), onnx.NodeProto)
assert_type(proto.view(model.graph.initializer[0], "raw_data"), memoryview)
