"""A small schema with one of each shape, for tests that are written by hand."""

from functools import cache
from types import SimpleNamespace

import pytest
from google.protobuf import message_factory

from proto.compiled import upstream_pool
from tensorwire import proto
from tensorwire.columns.data import StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import StructType

TEXT = """
syntax = "proto3";
package orders;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
enum Color { RED = 0; GREEN = 5; BLUE = -1; }
message Order {
  int64 id = 1;
  string name = 2;
  User user = 3;
  repeated Item items = 4;
  map<string, int32> counts = 5;
  oneof pay { int32 card = 6; string cash = 7; User friend = 18; }
  optional int32 opt = 8;
  google.protobuf.Timestamp at = 9;
  google.protobuf.Duration took = 10;
  google.protobuf.Int64Value wrapped = 11;
  Color color = 12;
  repeated sint32 deltas = 13;
  bytes blob = 14;
  float real = 15;
  uint32 small = 16;
  bool ok = 17;
  map<int32, User> users = 19;
  repeated google.protobuf.Timestamp times = 20;
  double wide = 21;
}
message User { string name = 1; repeated string tags = 2; User boss = 3; int32 age = 4; }
message Item { double price = 1; string label = 2; repeated int32 codes = 3; User by = 4; }
"""
LEGACY = """
syntax = "proto2";
package legacy_orders;
enum Shut { NONE = 0; ONE = 1; MANY = 100; }
message Row {
  required int32 must = 1;
  optional Shut shut = 2;
  repeated Shut shuts = 3;
  optional Row row = 4;
  optional string text = 5 [default = "x"];
  optional group Pair = 6 { optional int32 left = 1; repeated int32 right = 2 [packed = true]; }
  map<int32, Shut> by_number = 7;
  extensions 100 to 200;
}
extend Row { optional int64 extra = 100; repeated Row rows = 101; }
"""


@cache
def orders():
    return _classes(TEXT, "orders", ("Order", "User", "Item"))


@cache
def legacy():
    return _classes(LEGACY, "legacy_orders", ("Row",))


def _classes(text, package, names):
    """Upstream's classes by name, and ours as ``ours``."""
    pytest.importorskip("grpc_tools")
    schema = proto.Schema.from_proto_text(text)
    pool = upstream_pool(schema)
    theirs = {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in names
    }
    return SimpleNamespace(
        **theirs,
        schema=schema,
        pool=pool,
        ours={name: schema[f"{package}.{name}"] for name in names},
    )


def encoded(*messages):
    """None stays None."""
    return [m if m is None else m.SerializeToString(deterministic=True) for m in messages]


def check(columns, kinds, *messages, **options):
    found = proto.encode_batch(columns, kinds.Order, **options)
    assert found.to_pylist() == encoded(*messages)
    again = proto.encode_batch(columns, kinds.ours["Order"], **options)
    assert again.to_pylist() == found.to_pylist()
    return found


def tree(*fields, length, valid=None, name=""):
    kind = StructType(name, tuple([field.type for field in fields]))
    return StructData(kind, length, fields, valid)


class Given:
    """What has data and sources is columns."""

    def __init__(self, data, buffers=()):
        self.data = data
        self.sources = Sources.of(buffers)
