"""tf.train.Example and SequenceExample, as a schema table.

Source: tensorflow/core/example/example.proto and feature.proto of TensorFlow 2.21.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.proto.tables import EnumRow, FieldRow, MessageRow

SYNTAX = "proto3"
PACKAGE = "tensorflow"
NAME = "tensorflow/core/example/example.proto"


def _one(number: int, name: str, kind: str, type_name: str = "", oneof: str = "") -> FieldRow:
    return (number, name, "optional", kind, type_name, False, None, oneof)


def _many(number: int, name: str, kind: str, type_name: str = "", packed: bool = False) -> FieldRow:
    return (number, name, "repeated", kind, type_name, packed, None, "")


def _entry(value: str) -> tuple[FieldRow, ...]:
    return (_one(1, "key", "string"), _one(2, "value", "message", value))


MESSAGES: tuple[MessageRow, ...] = (
    ("tensorflow.BytesList", (_many(1, "value", "bytes"),)),
    ("tensorflow.FloatList", (_many(1, "value", "float", packed=True),)),
    ("tensorflow.Int64List", (_many(1, "value", "int64", packed=True),)),
    (
        "tensorflow.Feature",
        (
            _one(1, "bytes_list", "message", "tensorflow.BytesList", "kind"),
            _one(2, "float_list", "message", "tensorflow.FloatList", "kind"),
            _one(3, "int64_list", "message", "tensorflow.Int64List", "kind"),
        ),
    ),
    ("tensorflow.Features", (_many(1, "feature", "message", "tensorflow.Features.FeatureEntry"),)),
    ("tensorflow.Features.FeatureEntry", _entry("tensorflow.Feature")),
    ("tensorflow.FeatureList", (_many(1, "feature", "message", "tensorflow.Feature"),)),
    (
        "tensorflow.FeatureLists",
        (_many(1, "feature_list", "message", "tensorflow.FeatureLists.FeatureListEntry"),),
    ),
    ("tensorflow.FeatureLists.FeatureListEntry", _entry("tensorflow.FeatureList")),
    ("tensorflow.Example", (_one(1, "features", "message", "tensorflow.Features"),)),
    (
        "tensorflow.SequenceExample",
        (
            _one(1, "context", "message", "tensorflow.Features"),
            _one(2, "feature_lists", "message", "tensorflow.FeatureLists"),
        ),
    ),
)
ENUMS: tuple[EnumRow, ...] = ()
MAP_ENTRIES = frozenset(
    {"tensorflow.Features.FeatureEntry", "tensorflow.FeatureLists.FeatureListEntry"}
)
