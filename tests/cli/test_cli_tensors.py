"""Rows of tensors: chosen, sorted, folded, measured."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from cli_models import BIAS, WEIGHT, external, of_arrays, of_tensors, small
from onnx import TensorProto as T
from onnx import helper, numpy_helper

import tensorwire as tw


@pytest.fixture
def layers(tmp_path):
    """Three equal layers, and a last one of another shape."""
    arrays = {}
    for i in range(3):
        arrays[f"layers.{i}.conv1.weight"] = np.full((2, 2), i, "float32")
        arrays[f"layers.{i}.conv2.weight"] = np.full((2, 2), -i, "float32")
    arrays["layers.3.conv1.weight"] = np.zeros((5, 2), "float32")
    arrays["head"] = np.arange(9, dtype="int64")
    return of_arrays(tmp_path / "layers.onnx", arrays)


def rows(cli, path, *options):
    return json.loads(cli("tensors", path, *options, "--json").out)["tensors"]


def names(cli, path, *options):
    return [row["name"] for row in rows(cli, path, *options)]


def test_rows_say_what_the_tensor_says(cli, tmp_path):
    path = small(tmp_path)
    with tw.open(path) as model:
        for row, tensor in zip(rows(cli, path), model.tensors.values(), strict=True):
            assert row["name"] == tensor.name and row["dtype"] == tensor.dtype
            assert row["shape"] == list(tensor.shape) and row["nbytes"] == tensor.nbytes
            assert row["offset"] == tensor.offset and row["aligned"] is tensor.aligned
            data = path.read_bytes()[row["offset"] : row["offset"] + row["nbytes"]]
            assert data == tensor.tobytes() and row["file"] == str(path)


def test_the_table(cli, tmp_path):
    result = cli("tensors", small(tmp_path))
    assert result.lines[0].split() == ["NAME", "DTYPE", "SHAPE", "BYTES", "OFFSET", "ALIGNED"]
    assert result.lines[1].split()[:5] == ["weight", "float32", "[6,", "8]", "192"]
    assert result.lines[-1] == "  2 tensors, 256 B"
    starts = {
        line.index(word) for line, word in zip(result.lines[1:3], ("float32", "int64"), strict=True)
    }
    assert len(starts) == 1, "columns are aligned"


def test_select_and_exclude(cli, layers):
    assert names(cli, layers, "--select", "layers.0.*") == [
        "layers.0.conv1.weight",
        "layers.0.conv2.weight",
    ]
    assert names(cli, layers, "--select", "layers.?.conv1.*", "--select", "head") == [
        *(f"layers.{i}.conv1.weight" for i in range(4)),
        "head",
    ]
    assert names(cli, layers, "--exclude", "layers.*") == ["head"]
    assert names(cli, layers, "--exclude", "*.conv1.*", "--exclude", "*.conv2.*") == ["head"]
    assert names(cli, layers, "--select", "layers.1.*", "--exclude", "*2.weight") == [
        "layers.1.conv1.weight"
    ]


def test_nothing_selected_is_said(cli, layers):
    result = cli("tensors", layers, "--select", "none")
    assert (result.code, result.out) == (0, "  0 tensors of 8, 0 B\n")


def test_excluding_takes_names_as_they_are(cli, tmp_path):
    path = of_arrays(tmp_path / "m.onnx", dict.fromkeys(("a*", "ab"), np.zeros(1, "int8")))
    assert names(cli, path, "--exclude", "a?", "--exclude", "none") == []
    assert names(cli, path, "--exclude", "ab") == ["a*"]


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("name", lambda row: row["name"]),
        ("dtype", lambda row: row["dtype"]),
        ("size", lambda row: -row["nbytes"]),
        ("offset", lambda row: row["offset"]),
    ],
)
def test_sort(cli, layers, order, key):
    assert rows(cli, layers, "--sort", order) == sorted(rows(cli, layers), key=key)


def test_absent_values_are_sorted_last(cli, tmp_path):
    tensors = [
        helper.make_tensor("split", T.STRING, [1], [b"a"]),
        T(name="impossible", data_type=T.FLOAT, dims=[-1]),
        helper.make_tensor("plain", T.FLOAT, [1], [1.0]),
    ]
    path = of_tensors(tmp_path / "m.onnx", *tensors)
    assert names(cli, path, "--sort", "size") == ["plain", "split", "impossible"]
    assert names(cli, path, "--sort", "offset")[-1] == "split"


def test_fold(cli, layers):
    found = json.loads(cli("tensors", layers, "--fold", "--json").out)["patterns"]
    assert [(each["pattern"], each["count"], each["nbytes"]) for each in found] == [
        ("layers.*.conv1.weight", 3, 48),
        ("layers.*.conv2.weight", 3, 48),
        ("layers.3.conv1.weight", 1, 40),
        ("head", 1, 72),
    ]
    found = json.loads(cli("tensors", layers, "--fold", "--sort", "size", "--json").out)["patterns"]
    assert [each["nbytes"] for each in found] == [72, 48, 48, 40]
    result = cli("tensors", layers, "--fold")
    assert result.lines[0].split() == ["PATTERN", "COUNT", "DTYPE", "SHAPE", "BYTES"]
    assert result.lines[-1] == "  8 tensors, 208 B"


def test_patterns_select_what_they_fold(cli, layers):
    pattern = "layers.*.conv2.weight"
    assert names(cli, layers, "--select", pattern) == [f"layers.{i}.conv2.weight" for i in range(3)]


def test_stats_of_a_fold_are_those_of_all_elements(cli, layers):
    (found,) = json.loads(
        cli("tensors", layers, "--fold", "--stats", "--select", "*conv2*", "--json").out
    )["patterns"]
    expected = np.concatenate([np.full(4, -i) for i in range(3)])
    assert found["stats"] == {
        "elements": 12,
        "min": expected.min(),
        "max": 0,
        "mean": expected.mean(),
        "nan": 0,
        "inf": 0,
        "zeros": 4,
        "zero_share": 4 / 12,
    }


def test_stats(cli, tmp_path):
    by_name = {row["name"]: row["stats"] for row in rows(cli, small(tmp_path), "--stats")}
    for name, array in (("weight", WEIGHT), ("bias", BIAS)):
        found = by_name[name]
        assert (found["min"], found["max"]) == (array.min(), array.max())
        assert found["mean"] == pytest.approx(array.mean(dtype="float64"))
        assert found["zero_share"] == np.mean(array == 0)
    table = cli("tensors", small(tmp_path), "--stats").lines
    assert table[0].split()[-6:] == ["MIN", "MAX", "MEAN", "NAN", "INF", "ZEROS"]
    assert table[2].split()[-6:] == ["0", "7", "1.625", "0", "0", "50.0%"]


@pytest.mark.parametrize("data_type", [T.FLOAT, T.BFLOAT16, T.INT4])
def test_stats_take_bounded_memory(cli, tmp_path, data_type):
    """Elements a chunk at a time: less than one byte for each of them."""
    count = 8 << 20
    bits = {T.FLOAT: 32, T.BFLOAT16: 16, T.INT4: 4}[data_type]
    zeros = T(name="w", data_type=data_type, dims=[count], raw_data=bytes(count * bits // 8))
    path = of_tensors(tmp_path / "m.onnx", zeros)
    cli("tensors", path, "--stats")  # what is imported on first use is no memory of the work
    tracemalloc.start()
    (row,) = rows(cli, path, "--stats")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert row["stats"]["zeros"] == count and peak < count / 2


def test_missing_data_is_shown_and_not_fatal(cli, tmp_path):
    present = numpy_helper.from_array(np.ones(2, "float32"), "here")
    path = of_tensors(tmp_path / "m.onnx", external("gone", "none.bin", [2, 2]), present)
    result = cli("tensors", path, "--stats")
    assert result.code == 0
    assert result.lines[1].split()[:5] == ["gone", "float32", "[2,", "2]", "16"]
    assert "missing" in result.lines[1] and result.lines[2].split()[-6:-3] == ["1", "1", "1"]
    assert result.lines[-2] == "  2 tensors, 24 B, 1 missing"
    assert result.lines[-1] == f"  gone: {tmp_path / 'none.bin'}: No such file or directory"
    folded = cli("tensors", path, "--stats", "--fold")
    assert folded.code == 0 and "1 missing" in folded.out


def test_faulty_data_is_a_finding(cli, tmp_path):
    short = T(name="short", data_type=T.FLOAT, dims=[4], raw_data=b"123")
    path = of_tensors(tmp_path / "m.onnx", short)
    assert cli("tensors", path).code == 0
    result = cli("tensors", path, "--stats")
    assert result.code == 1 and "3 bytes stored, but 4 elements" in result.out
    (row,) = rows(cli, path, "--stats")
    assert row["stats"] is None and row["stats_error"]["kind"] == "decode"
    assert row["stats_error"]["offset"] == row["offset"]
