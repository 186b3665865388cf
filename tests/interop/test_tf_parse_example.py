"""parse_example and parse_sequence_example against TensorFlow's own ops, on random records."""

import os
import random

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
tensorflow = pytest.importorskip("tensorflow")

import tensorwire as tw  # noqa: E402
from tensorwire.proto import tf  # noqa: E402

KEYS = ("a", "name", "an image of sixteen", "ключ", "", "k" * 200)
ERRORS = (tensorflow.errors.InvalidArgumentError,)


def fill(feature, rng, kind, count):
    if kind == "int64":
        feature.int64_list.value.extend(
            rng.choice((0, 1, -1, 300, 2**40, -(2**63))) for _ in range(count)
        )
        feature.int64_list.SetInParent()
    elif kind == "float32":
        feature.float_list.value.extend(rng.choice((0.0, 1.5, -2.0)) for _ in range(count))
        feature.float_list.SetInParent()
    elif kind == "string":
        feature.bytes_list.value.extend(
            rng.choice((b"", b"x", b"nul\0", b"longer" * 30)) for _ in range(count)
        )
        feature.bytes_list.SetInParent()


def as_numpy(found):
    if isinstance(found, tensorflow.sparse.SparseTensor):
        return [found.indices.numpy(), found.values.numpy(), found.dense_shape.numpy()]
    if isinstance(found, tensorflow.RaggedTensor):
        return [found.to_list()]
    return [found.numpy()]


def own(found):
    if isinstance(found, tf.Sparse):
        return [found.indices, found.values, found.dense_shape]
    if isinstance(found, tf.Ragged):
        return [found.to_list()]
    return [found]


def assert_same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name in ours:
        for mine, other in zip(own(ours[name]), as_numpy(theirs[name]), strict=True):
            if isinstance(mine, list):
                assert mine == other, name
                continue
            assert mine.dtype == other.dtype and mine.shape == other.shape, name
            assert np.array_equal(mine, other), name


def random_features(rng, kinds, counts):
    features = {}
    for key, kind in kinds.items():
        dtype = tensorflow.as_dtype(kind)
        zero = b"?" if kind == "string" else 7
        way = rng.randrange(5)
        if way == 0:
            shape = rng.choice([[counts[key]], [1, counts[key]]])
            features[key] = tensorflow.io.FixedLenFeature(shape, dtype, [zero] * counts[key])
        elif way == 1:
            features[key] = tensorflow.io.VarLenFeature(dtype)
        elif way == 2:
            features[key] = tensorflow.io.RaggedFeature(dtype, row_splits_dtype=tensorflow.int64)
        elif way == 3:
            features[key] = tensorflow.io.FixedLenSequenceFeature([], dtype, True, zero)
    return features


@pytest.mark.parametrize("seed", range(200))
def test_examples(seed):
    rng = random.Random(seed)
    kinds = {key: rng.choice(("int64", "float32", "string")) for key in KEYS}
    counts = {key: rng.randrange(1, 4) for key in KEYS}
    features = random_features(rng, kinds, counts)
    if not features:
        return
    records = []
    for _ in range(rng.randrange(1, 6)):
        example = tensorflow.train.Example()
        for key, kind in kinds.items():
            if rng.random() < 0.8:
                wanted = features.get(key)
                fixed = isinstance(wanted, tensorflow.io.FixedLenFeature)
                count = counts[key] if fixed else rng.randrange(6)
                if rng.random() < 0.02:
                    kind, count = rng.choice(("int64", "float32", "string")), rng.randrange(4)
                fill(example.features.feature[key], rng, kind, count)
                if rng.random() < 0.05:
                    example.features.feature[key].Clear()
        records.append(example.SerializeToString())
    try:
        theirs = tensorflow.io.parse_example(records, features)
    except ERRORS:
        with pytest.raises(tw.DecodeError):
            tf.parse_example(records, features)
        return
    assert_same(tf.parse_example(records, features), theirs)


@pytest.mark.parametrize("seed", range(100))
def test_sequences(seed):
    rng = random.Random(seed)
    kinds = {key: rng.choice(("int64", "float32", "string")) for key in KEYS[:4]}
    lists, counts = {}, {}
    for key, kind in kinds.items():
        dtype = tensorflow.as_dtype(kind)
        counts[key] = None
        way = rng.randrange(3)
        if way == 0:
            counts[key] = rng.randrange(1, 3)
            lists[key] = tensorflow.io.FixedLenSequenceFeature([counts[key]], dtype, True)
        elif way == 1:
            lists[key] = tensorflow.io.VarLenFeature(dtype)
        else:
            lists[key] = tensorflow.io.RaggedFeature(dtype, row_splits_dtype=tensorflow.int64)
    context = {"id": tensorflow.io.FixedLenFeature([], tensorflow.int64, -1)}
    records = []
    for _ in range(rng.randrange(1, 5)):
        example = tensorflow.train.SequenceExample()
        if rng.random() < 0.7:
            fill(example.context.feature["id"], rng, "int64", 1)
        for key, kind in kinds.items():
            if rng.random() < 0.8:
                steps = example.feature_lists.feature_list[key]
                for _ in range(rng.randrange(4)):
                    count = rng.randrange(4) if counts[key] is None else counts[key]
                    fill(steps.feature.add(), rng, kind, count)
        records.append(example.SerializeToString())
    theirs = tensorflow.io.parse_sequence_example(records, context, lists)
    ours = tf.parse_sequence_example(records, context, lists)
    assert_same(ours[0], theirs[0])
    assert_same(ours[1], theirs[1])
    for key, lengths in ours[2].items():
        assert np.array_equal(lengths, theirs[2][key].numpy())


def test_one_record_without_a_batch():
    example = tensorflow.train.Example()
    example.features.feature["a"].int64_list.value.extend([1, 2])
    record = example.SerializeToString()
    kinds = (
        tensorflow.io.VarLenFeature(tensorflow.int64),
        tensorflow.io.FixedLenFeature([2], tensorflow.int64),
        tensorflow.io.RaggedFeature(tensorflow.int64),
        tensorflow.io.FixedLenSequenceFeature([], tensorflow.int64, True),
    )
    for feature in kinds:
        for given in (record, tensorflow.constant(record)):
            theirs = tensorflow.io.parse_example(given, {"a": feature})
            assert_same(tf.parse_example(given, {"a": feature}), theirs)


def test_sparse_features():
    records = []
    for places, values in (([3, 0], [1.0, 2.0]), ([], []), ([9], [3.0])):
        example = tensorflow.train.Example()
        example.features.feature["at"].int64_list.value.extend(places)
        example.features.feature["of"].float_list.value.extend(values)
        records.append(example.SerializeToString())
    features = {"s": tensorflow.io.SparseFeature("at", "of", tensorflow.float32, 10)}
    theirs = tensorflow.io.parse_example(records, features)
    assert_same(tf.parse_example(records, features), theirs)


@pytest.mark.parametrize("strings", ["spans"])
def test_repeated_keys_and_kinds(strings):
    """What no writer makes: a key twice, and two kinds in one feature."""
    one = tensorflow.train.Example()
    one.features.feature["a"].int64_list.value.append(1)
    two = tensorflow.train.Example()
    two.features.feature["a"].int64_list.value.append(2)
    record = one.SerializeToString() + two.SerializeToString()
    features = {"a": tensorflow.io.VarLenFeature(tensorflow.int64)}
    theirs = tensorflow.io.parse_example([record], features)
    assert_same(tf.parse_example([record], features), theirs)
