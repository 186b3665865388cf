"""What type checkers see of columns. Checked by mypy; nothing here runs."""

import pickle
from typing import Any, assert_type

import numpy as np
import onnx

from tensorwire import proto
from tensorwire.columns import ArrowOptions, BinaryColumn, Column, Columns

records = [onnx.NodeProto(op_type="Relu").SerializeToString(), None]

columns = proto.decode_batch(records, onnx.NodeProto, ["op_type", "input"], on_error="null")
assert_type(columns, Columns)
assert_type(len(columns), int)
assert_type(columns["op_type"], Column)
assert_type(columns["op_type"].values, np.ndarray[Any, Any])
assert_type(columns["input"].offsets, tuple[np.ndarray[Any, Any], ...])
assert_type(columns["input"].validity, np.ndarray[Any, Any] | None)
assert_type(columns.errors[0].row, int)
assert_type(columns.compact(), Columns)
assert_type(list(columns), list[str])
assert_type(dict(columns.items()), dict[str, Column])

Fast = proto.message_class(onnx.ModelProto)
assert_type(proto.columns(Fast.FromString(b""), ["op_type"], each="graph.node"), Columns)

decoder = proto.Decoder(onnx.NodeProto, strings="string", arrow=ArrowOptions(layout="nested"))
assert_type(decoder, proto.Decoder)
assert_type(decoder(records), Columns)
assert_type(decoder.paths, tuple[str, ...])
decoder = pickle.loads(pickle.dumps(decoder))

with proto.scan("nodes.bin", onnx.NodeProto, ["op_type"], framing="delimited", threads=1) as scan:
    assert_type(scan, proto.Scan)
    for batch in scan:
        assert_type(batch, Columns)
    assert_type(scan.bad_rows, int)

encoded = proto.encode_batch({"op_type": ["Add", "Mul"]}, onnx.NodeProto)
assert_type(encoded, BinaryColumn)
assert_type(encoded[0], bytes | None)

decoded = proto.tf.decode_proto(records, onnx.NodeProto, ["op_type"], ["string"])
assert_type(decoded, proto.tf.DecodedProto)
sizes, values = decoded
assert_type(sizes, np.ndarray[Any, Any])
assert_type(values, list[np.ndarray[Any, Any]])
again = proto.tf.encode_proto(sizes, values, ["op_type"], onnx.NodeProto)
assert_type(again, np.ndarray[Any, Any])
features = {"age": proto.tf.FixedLenFeature([], "int64"), "name": proto.tf.VarLenFeature("string")}
assert_type(proto.tf.parse_example(records, features), dict[Any, Any])
