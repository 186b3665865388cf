"""Partitions of a RaggedFeature against TensorFlow's own, on random records."""

import os
import random

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
tensorflow = pytest.importorskip("tensorflow")

from proto import test_tf_partitions as cases  # noqa: E402
from tensorwire.errors import DecodeError, LimitError  # noqa: E402
from tensorwire.proto import tf  # noqa: E402

Theirs = tensorflow.io.RaggedFeature


def theirs(partitions: list) -> dict:
    made = [getattr(Theirs, type(one).__name__)(*one) for one in partitions]
    return {
        "r": Theirs(
            tensorflow.int64, "v", made, row_splits_dtype=tensorflow.int64, validate=True
        )
    }


def listed(found) -> list:
    if isinstance(found, tensorflow.RaggedTensor):
        return found.to_list()
    return np.asarray(found.numpy()).tolist()


@pytest.mark.parametrize("seed", range(300))
def test_records(seed):
    partitions, records = cases.drawn(random.Random(seed))
    features = theirs(partitions)
    encoded = [cases.example(**record) for record in records]
    if any(not cases.fits(record, partitions) for record in records):
        with pytest.raises((DecodeError, LimitError)):  # TensorFlow may not notice
            tf.parse_example(encoded, features)
        return
    found = tf.parse_example(encoded, features)["r"]
    wanted = tensorflow.io.parse_example(encoded, features)["r"]
    assert found.to_list() == listed(wanted)
    dense = wanted.flat_values.numpy()
    assert found.values.shape == dense.shape and np.array_equal(found.values, dense)
    nested = [splits.numpy().tolist() for splits in wanted.nested_row_splits]
    assert [splits.tolist() for splits in found.splits] == nested
    lacks = [not records[0][one.key] for one in partitions if type(one).__name__ == "RowSplits"]
    if any(lacks):  # no rows in TensorFlow's batches, and an error of its single records
        return
    single = tf.parse_single_example(encoded[0], features)["r"]
    single = single.to_list() if isinstance(single, tf.Ragged) else single.tolist()
    assert single == listed(tensorflow.io.parse_single_example(encoded[0], features)["r"])


@pytest.mark.parametrize("seed", range(150))
def test_sequences(seed):
    rng = random.Random(seed)
    partitions = cases.drawn(rng)[0]
    features = theirs(partitions)
    lengths = [rng.randrange(4) for _ in range(3)]
    records = [[cases.record_of(rng, partitions) for _ in range(length)] for length in lengths]
    encoded = [cases.sequence(steps) for steps in records]
    if not all(cases.fits(step, partitions) for steps in records for step in steps):
        with pytest.raises((DecodeError, LimitError)):
            tf.parse_sequence_example(encoded, {}, features)
        return
    found = tf.parse_sequence_example(encoded, {}, features)[1]["r"]
    wanted = tensorflow.io.parse_sequence_example(encoded, {}, features)[1]["r"]
    assert found.to_list() == listed(wanted)
    single = tf.parse_single_sequence_example(encoded[0], {}, features)[1]["r"]
    other = tensorflow.io.parse_single_sequence_example(encoded[0], {}, features)[1]["r"]
    assert single.to_list() == listed(other)
