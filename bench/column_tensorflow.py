"""TensorFlow's ``decode_proto`` beside ours, in a process of its own: only where it is installed.

    python bench/column_tensorflow.py

TensorFlow runs eagerly with one thread of its own. Its answer is dense, padded tensors of the
fields asked for; ours are columns, and, as `proto.tf.decode_proto`, the same dense arrays.
"""

from __future__ import annotations

import importlib.util
import json
import os
import time
from typing import Any

FIELDS = ["id", "name", "score", "level", "active", "embedding"]


def is_there() -> bool:
    return importlib.util.find_spec("tensorflow") is not None


def times(quick: bool, rounds: int) -> dict[str, Any]:
    """Seconds of each side in turns, and whether the dense answers are equal."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np
    import tensorflow as tf
    from clock import in_turns
    from column_sides import Work
    from google.protobuf import descriptor_pb2
    from record_sets import SETS

    from tensorwire import proto

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    work = Work(SETS["sample"], quick)
    file = descriptor_pb2.FileDescriptorProto()
    work.cls.DESCRIPTOR.file.CopyToProto(file)
    source = descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString()
    records = tf.constant(work.records)
    dtypes = [tf.uint64, tf.string, tf.float64, tf.int32, tf.bool, tf.float32]

    def theirs() -> Any:
        given = b"bytes://" + source
        return tf.io.decode_proto(records, "bench.Sample", FIELDS, dtypes, descriptor_source=given)

    def dense() -> Any:
        kinds = [dtype.as_numpy_dtype for dtype in dtypes]
        given = b"bytes://" + source
        return proto.tf.decode_proto(
            work.records, "bench.Sample", FIELDS, kinds, descriptor_source=given
        )

    calls = {"columns": work.ours(), "dense": dense, "tensorflow": theirs}
    sizes, values = theirs()
    our_sizes, our_values = dense()
    equal = np.array_equal(sizes, our_sizes) and all(
        np.array_equal(a, b) for a, b in zip(values, our_values, strict=True)
    )
    assert equal, "TensorFlow's dense arrays differ"
    found = in_turns(calls, rounds, clock=time.process_time)
    return {"times": found, "version": tf.__version__, "records": len(work.records)}


if __name__ == "__main__":
    print(json.dumps(times(quick=False, rounds=7)))
