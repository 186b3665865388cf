"""Statistics in chunks against NumPy on the whole; patterns of names."""

from __future__ import annotations

import json
import math
import warnings

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tensorwire.cli.fold import fold
from tensorwire.cli.statistics import Statistics, merged

PLAIN = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64".split()
CUSTOM = "bfloat16 float8_e4m3fn float8_e5m2 float8_e8m0fnu int4 uint4 int2 float4_e2m1fn".split()


def gathered(array: np.ndarray, parts: int = 1) -> dict:
    statistics = Statistics()
    for part in np.array_split(array.reshape(-1), parts):
        if part.size:
            statistics.add(part)
    return statistics.document()


def expected(array: np.ndarray) -> dict:
    """By NumPy, of elements as float64 (integers as they are)."""
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        real = array.astype("float64")
    finite = np.isfinite(real)
    exact = array[finite] if array.dtype.kind in "iu" else real[finite]
    zeros = int(np.count_nonzero(real == 0))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        mean = float(real[finite].mean()) if finite.any() else None
    return {
        "elements": array.size,
        "min": exact.min().item() if finite.any() else None,
        "max": exact.max().item() if finite.any() else None,
        "mean": mean if mean is not None and math.isfinite(mean) else None,
        "nan": int(np.count_nonzero(np.isnan(real))),
        "inf": int(np.count_nonzero(np.isinf(real))),
        "zeros": zeros,
        "zero_share": zeros / array.size if array.size else None,
    }


def agree(found: dict, wanted: dict) -> None:
    found, wanted = dict(found), dict(wanted)
    mean, right = found.pop("mean"), wanted.pop("mean")
    assert found == wanted
    # Rounding is relative to the summands: large ones of both signs leave little of the mean.
    largest = max([abs(wanted[end]) for end in ("min", "max") if wanted[end] is not None] + [1])
    assert mean == right or mean == pytest.approx(right, rel=1e-9, abs=1e-9 * largest)
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("kind", PLAIN)
@given(data=st.data(), parts=st.integers(1, 4))
def test_plain_numbers(kind, data, parts):
    array = data.draw(hnp.arrays(kind, st.integers(0, 30)))
    agree(gathered(array, parts), expected(array))


@pytest.mark.parametrize("kind", CUSTOM)
def test_numbers_of_ml_dtypes(kind):
    width = 1 if kind != "bfloat16" else 2
    bits = {"int4": 16, "uint4": 16, "int2": 4, "float4_e2m1fn": 16}.get(kind, 256**width)
    codes = np.arange(bits, dtype=f"u{width}")
    array = codes.view(getattr(ml_dtypes, kind))
    agree(gathered(array, 3), expected(array))


def test_integers_beyond_float64_are_exact():
    array = np.array([2**64 - 1, 1, 2**63], dtype="uint64")
    assert gathered(array)["max"] == 2**64 - 1
    assert gathered(np.array([-(2**63), 2**63 - 1]))["min"] == -(2**63)


def test_only_what_is_not_finite():
    found = gathered(np.array([np.nan, np.inf, -np.inf, np.nan], "float32"))
    assert found["min"] is found["max"] is found["mean"] is None
    assert (found["nan"], found["inf"], found["zeros"]) == (2, 2, 0)


def test_a_mean_that_no_float_holds_is_none():
    found = gathered(np.array([1.7e308, 1.7e308]))
    assert found["mean"] is None and found["max"] == 1.7e308


def test_complex_numbers_have_no_order():
    found = gathered(np.array([0, 1 + 1j, complex(np.nan, 0), complex(0, np.inf)], "complex64"))
    assert (found["elements"], found["nan"], found["inf"], found["zeros"]) == (4, 1, 1, 1)
    assert found["min"] is found["mean"] is None


def test_strings_are_counted():
    found = gathered(np.array(["a", "", "b"], dtype=object), 2)
    assert found["elements"] == 3 and found["zeros"] is None and found["min"] is None


def test_nothing():
    assert gathered(np.empty(0, "float32"))["zero_share"] is None
    assert merged([]) is None


@pytest.mark.parametrize("kind", ["float64", "int64", "complex128", "object"])
@given(data=st.data())
def test_merged_is_of_all_together(kind, data):
    length = st.integers(0, 9)
    if kind == "object":
        parts = [np.array(["a"] * data.draw(length), dtype=object) for _ in range(3)]
    else:
        bounded = {"elements": st.integers(-9, 9)} if kind == "int64" else {}
        parts = [data.draw(hnp.arrays(kind, length, **bounded)) for _ in range(3)]
    sound = [part for part in parts if part.size]
    whole = gathered(np.concatenate(parts))
    found = merged(map(gathered, sound))
    if sound and whole["mean"] is not None and abs(whole["mean"]) < 1e300:
        agree(found, whole)
    elif sound:
        assert found["elements"] == whole["elements"] and found["nan"] == whole["nan"]


def folded(*names: str) -> list[tuple[str, int]]:
    like = {"dtype": "int8", "shape": [1], "nbytes": 1, "error": None, "available": True}
    return [(each["pattern"], each["count"]) for each in fold([{"name": n, **like} for n in names])]


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        (["h.0.w", "h.1.w", "h.10.w"], [("h.*.w", 3)]),
        (["a.0.b.0", "a.0.b.1", "a.1.b.0"], [("a.*.b.*", 3)]),
        (["a.0.b.7", "a.1.b.7"], [("a.*.b.7", 2)]),
        (["0.conv1.w", "0.conv2.w", "1.conv1.w"], [("*.conv1.w", 2), ("0.conv2.w", 1)]),
        (["conv1/w", "conv2/w"], [("conv*/w", 2)]),
        (["MatMul_12", "MatMul_345", "MatMul"], [("MatMul_*", 2), ("MatMul", 1)]),
        (["/layer.1/q/MatMul", "/layer.2/q/MatMul"], [("/layer.*/q/MatMul", 2)]),
        (["x", "y", ""], [("x", 1), ("y", 1), ("", 1)]),
        (["7", "8"], [("*", 2)]),
    ],
)
def test_patterns(names, patterns):
    assert folded(*names) == patterns


@given(st.lists(st.text("ab.0_1", max_size=8), unique=True, max_size=20))
def test_every_name_is_in_one_pattern(names):
    assert sum(count for _, count in folded(*names)) == len(names)
