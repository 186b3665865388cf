"""Partitions of a RaggedFeature, against rows of rows in plain Python."""

import random

import numpy as np
import pytest

from tensorwire.errors import DecodeError, LimitError
from tensorwire.proto import tf

from .effort import generators, named
from .tf_partitions import KINDS, random_numbers, rows_of, spoiled, uniform

Example = tf.schema()["tensorflow.Example"]
SequenceExample = tf.schema()["tensorflow.SequenceExample"]
Ragged = tf.RaggedFeature
REFUSED = "feature 'r' has .* values, which do not fit|names more than 67108864 rows"


def example(**features) -> bytes:
    made = Example()
    for key, values in features.items():
        made.features.feature[key].int64_list.value.extend(values)
    return made.SerializeToString()


def drawn(rng: random.Random) -> tuple[list, list[dict[str, list[int]]]]:
    """Partitions, outermost first, and what some records have."""
    partitions = [
        Ragged.UniformRowLength(rng.randrange(1, 3))
        if rng.random() < 0.25
        else getattr(Ragged, rng.choice(KINDS))(f"p{level}")
        for level in range(rng.randrange(1, 4))
    ]
    records = [record_of(rng, partitions) for _ in range(rng.randrange(1, 6))]
    return partitions, records


def record_of(rng: random.Random, partitions: list) -> dict[str, list[int]]:
    """Values, and numbers that fit them mostly."""
    unit = 1
    for partition in partitions:
        unit *= getattr(partition, "length", 1)
    count = unit * rng.randrange(4)
    record = {"v": list(range(count))}
    for partition in reversed(partitions):
        kind = type(partition).__name__
        if kind == "UniformRowLength":
            count //= partition.length
        else:
            record[partition.key], count = random_numbers(rng, kind, count)
    if rng.random() < 0.1:
        key = rng.choice(list(record))
        record[key] = spoiled(rng, record[key])
    return record


def wanted(record: dict[str, list[int]], partitions: list) -> list:
    """Raises: ``ValueError``."""
    items = record["v"]
    for partition in reversed(partitions):
        kind = type(partition).__name__
        if kind == "UniformRowLength":
            items = uniform(partition.length, items)
        else:
            items = rows_of(kind, record[partition.key], items)
    return items


def fits(record: dict[str, list[int]], partitions: list) -> bool:
    try:
        wanted(record, partitions)
    except ValueError:
        return False
    return True


def test_random_partitions():
    for seed, rng in generators(400):
        with named(seed):
            partitions, records = drawn(rng)
            feature = {"r": Ragged("int64", "v", partitions)}
            encoded = [example(**record) for record in records]
            bad = [i for i, one in enumerate(records) if not fits(one, partitions)]
            if bad:
                with pytest.raises((DecodeError, LimitError), match=REFUSED):
                    tf.parse_example(encoded, feature)
                continue
            found = tf.parse_example(encoded, feature)["r"]
            assert found.to_list() == [wanted(record, partitions) for record in records]
            single = tf.parse_single_example(encoded[0], feature)["r"]
            single = single.to_list() if isinstance(single, tf.Ragged) else single.tolist()
            assert single == wanted(records[0], partitions)


def test_innermost_rows_of_one_length_are_a_dimension():
    records = [example(v=range(12), s=[0, 1, 3]), example()]
    partitions = [Ragged.RowSplits("s"), Ragged.UniformRowLength(2), Ragged.UniformRowLength(2)]
    found = tf.parse_example(records, {"v": Ragged("int64", partitions=partitions)})["v"]
    assert found.values.shape == (3, 2, 2) and found.values.dtype == np.int64
    assert [level.tolist() for level in found.splits] == [[0, 2, 2], [0, 1, 3]]
    assert found.offsets is found.splits[-1]
    dense = tf.parse_single_example(
        records[0], {"v": Ragged("int64", partitions=[Ragged.UniformRowLength(3)])}
    )
    assert dense["v"].tolist() == np.arange(12).reshape(4, 3).tolist()


def test_a_record_never_reaches_into_another():
    """As many values as lengths say in all, but not in each: TensorFlow moves values then."""
    records = [example(v=[1, 2, 3], n=[1]), example(v=[4], n=[3])]
    with pytest.raises(DecodeError, match=r"row [01]: feature 'v' has .* fit its RowLengths 'n'"):
        tf.parse_example(records, {"v": Ragged("int64", partitions=[Ragged.RowLengths("n")])})


def test_strings_and_spans_are_partitioned():
    made = Example()
    made.features.feature["v"].bytes_list.value.extend([b"a", b"bb", b"ccc"])
    made.features.feature["at"].int64_list.value.extend([0, 2, 2])
    feature = {"v": Ragged("string", partitions=[Ragged.ValueRowIds("at")])}
    record = made.SerializeToString()
    found = tf.parse_example([record], feature)["v"]
    assert found.to_list() == [[[b"a"], [], [b"bb", b"ccc"]]]
    spans = tf.parse_example([record], feature, strings="spans")["v"]
    texts = [record[start : start + length] for start, length in spans.values.tolist()]
    assert texts == [b"a", b"bb", b"ccc"]


def sequence(steps: list[dict[str, list[int]]], **more: list[list[int]]) -> bytes:
    made = SequenceExample()
    for step in steps:
        for key, values in step.items():
            added = made.feature_lists.feature_list[key].feature.add()
            added.int64_list.value.extend(values)
            added.int64_list.SetInParent()
    for key, lists in more.items():
        for values in lists:
            made.feature_lists.feature_list[key].feature.add().int64_list.value.extend(values)
    return made.SerializeToString()


def test_partitions_of_sequences():
    for seed, rng in generators(200):
        with named(seed):
            partitions = drawn(rng)[0]
            records = [
                [record_of(rng, partitions) for _ in range(rng.randrange(4))] for _ in range(3)
            ]
            feature = {"r": Ragged("int64", "v", partitions)}
            encoded = [sequence(steps) for steps in records]
            bad = [not all(fits(step, partitions) for step in steps) for steps in records]
            if any(bad):
                with pytest.raises((DecodeError, LimitError), match=REFUSED) as caught:
                    tf.parse_sequence_example(encoded, {}, feature)
                assert isinstance(caught.value, LimitError) or bad[caught.value.row]
                continue
            found = tf.parse_sequence_example(encoded, {}, feature)[1]["r"]
            assert found.to_list() == [
                [wanted(step, partitions) for step in steps] for steps in records
            ]
            single = tf.parse_single_sequence_example(encoded[0], {}, feature)[1]["r"]
            assert single.to_list() == [wanted(step, partitions) for step in records[0]]


def test_two_features_of_one_key_in_a_sequence():
    record = sequence([{"v": [1, 2]}, {"v": [3]}])
    features = {"a": Ragged("int64", "v"), "b": Ragged("int64", "v")}
    features["v"] = tf.VarLenFeature("int64")
    _, found, _ = tf.parse_sequence_example([record], {}, features)
    assert found["a"].to_list() == found["b"].to_list() == [[[1, 2], [3]]]
    assert found["v"].indices.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_sequences_of_unlike_steps():
    record = sequence([{"v": [1], "n": [1]}, {"v": [2], "n": [1]}], n=[[1]])
    with pytest.raises(DecodeError, match="features 'v' and 'n' differ in their steps"):
        tf.parse_sequence_example(
            [record], {}, {"v": Ragged("int64", partitions=[Ragged.RowLengths("n")])}
        )


def test_row_ids_that_would_fill_the_memory():
    feature = {"v": Ragged("int64", partitions=[Ragged.ValueRowIds("at")])}
    for ids in ([2**62], [2**63 - 1], [2**26 + 1]):
        with pytest.raises(LimitError, match="names more than 67108864 rows"):
            tf.parse_example([example(v=[1], at=ids)] * 3, feature)
    with pytest.raises(LimitError):
        tf.parse_example([example(v=[1], at=[2**25])] * 3, feature)


@pytest.mark.parametrize(
    ("partition", "kind", "text"),
    [
        (Ragged.UniformRowLength(0), ValueError, "rows of length 0"),
        ("RowSplits", TypeError, "a partition is one of RaggedFeature.RowSplits"),
        (None, TypeError, "a partition is one of"),
    ],
)
def test_partitions_that_are_none(partition, kind, text):
    with pytest.raises(kind, match=text):
        tf.parse_example([b""], {"v": Ragged("int64", partitions=[partition])})


def test_a_key_of_a_partition_may_be_a_feature_as_well():
    features = {"v": Ragged("int64", partitions=[Ragged.RowLengths("n")]), "n": Ragged("int64")}
    found = tf.parse_example([example(v=[1, 2], n=[2, 0])], features)
    assert found["v"].to_list() == [[[1, 2], []]] and found["n"].to_list() == [[2, 0]]
    features["n"] = tf.FixedLenFeature([2], "int64")
    with pytest.raises(ValueError, match="feature 'n' is asked for in two ways"):
        tf.parse_example([example(v=[1, 2], n=[2, 0])], features)
