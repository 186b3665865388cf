"""What TensorFlow's ops for Protobuf answer, without TensorFlow: arrays in place of tensors.

``decode_proto`` and ``encode_proto`` take and give what the ops of those names in ``tf.io`` do;
``parse_example`` and its relatives read ``tf.train.Example`` and ``SequenceExample``.
"""

from __future__ import annotations

from tensorwire.proto.tf.decoding import DecodedProto, decode_proto
from tensorwire.proto.tf.encoding import encode_proto
from tensorwire.proto.tf.examples import parse_example, parse_single_example
from tensorwire.proto.tf.features import (
    FixedLenFeature,
    FixedLenSequenceFeature,
    Ragged,
    RaggedFeature,
    Sparse,
    SparseFeature,
    VarLenFeature,
)
from tensorwire.proto.tf.schema import schema
from tensorwire.proto.tf.sequences import parse_sequence_example, parse_single_sequence_example

__all__ = [
    "DecodedProto",
    "FixedLenFeature",
    "FixedLenSequenceFeature",
    "Ragged",
    "RaggedFeature",
    "Sparse",
    "SparseFeature",
    "VarLenFeature",
    "decode_proto",
    "encode_proto",
    "parse_example",
    "parse_sequence_example",
    "parse_single_example",
    "parse_single_sequence_example",
    "schema",
]
