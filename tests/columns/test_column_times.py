"""Times in one number: exact wherever they fit, an error that names the way out elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from column_trees import table
from hypothesis import given
from hypothesis import strategies as st

from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.columns import Columns
from tensorwire.columns.data import ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.times import UNITS, counted
from tensorwire.columns.types import ListType, ScalarType, StructType
from tensorwire.errors import LimitError

SECONDS = ScalarType("seconds", "int64")
NANOS = ScalarType("nanos", "int32")
LOW, HIGH = -(2**63), 2**63 - 1


def exact(seconds: int, nanos: int, unit: str, is_duration: bool) -> int:
    each = 10**9 // UNITS[unit]
    if is_duration and nanos < 0:
        return seconds * UNITS[unit] - -nanos // each
    return seconds * UNITS[unit] + nanos // each


def edges() -> st.SearchStrategy[int]:
    """Seconds anywhere, and around where each unit ends."""
    ends = [sign * (HIGH // per_second) for per_second in UNITS.values() for sign in (1, -1)]
    near = st.tuples(st.sampled_from(ends), st.integers(-4, 4)).map(sum)
    return st.one_of(st.integers(LOW, HIGH), near.map(lambda n: min(max(n, LOW), HIGH)))


@given(
    st.lists(st.tuples(edges(), st.integers(-(2**31), 2**31 - 1)), max_size=5),
    st.sampled_from(sorted(UNITS)),
    st.booleans(),
)
def test_times_are_exact_or_named(times, unit, is_duration):
    seconds = np.array([time[0] for time in times], dtype="<i8")
    nanos = np.array([time[1] for time in times], dtype="<i4")
    made, bad = counted(seconds, nanos, unit, is_duration)
    wanted = [exact(*time, unit, is_duration) for time in times]
    wrong = [not LOW < number <= HIGH for number in wanted]
    assert bad == (wrong.index(True) if any(wrong) else None)
    assert made.dtype == np.int64
    fit = [place for place, no in enumerate(wrong) if not no]
    assert [made.tolist()[place] for place in fit] == [wanted[place] for place in fit]


def stamps(rows: list, special: str = "timestamp", **options: str) -> Columns:
    kind = StructType("", (ListType("t", StructType("", (SECONDS, NANOS), special)),))
    made = table(kind, rows)
    return Columns(made.data, made.paths, made.sources, (), ArrowOptions.of(**options))


def test_a_time_beyond_the_unit_names_row_and_option():
    rows = [{"t": [(0, 5)]}, None, {"t": []}, {"t": [(1, 0), (10**11, 0)]}, {"t": [(2, 0)]}]
    with pytest.raises(
        LimitError, match=r"t: row 3: a timestamp of 100000000000 s and 0 ns .*'us'"
    ):
        stamps(rows)["t"]
    column = stamps(rows, timestamps="us")["t"]
    assert column.unit == "us" and column.dtype_text() == "list<timestamp[us]>"
    assert column.values.tolist() == [0, 10**6, 10**17, 2 * 10**6]
    with pytest.raises(LimitError, match="pass timestamps='ms'"):
        stamps([{"t": [(10**15, 0)]}])["t"]
    with pytest.raises(LimitError, match=r"read its \.seconds"):
        stamps([{"t": [(HIGH, 2 * 10**9)]}])["t"]


def test_what_is_cut_off():
    assert stamps([{"t": [(-1, 999_999_999)]}], timestamps="s")["t"].values.tolist() == [-1]
    assert stamps([{"t": [(-2, 1)]}], timestamps="us")["t"].values.tolist() == [-2_000_000]
    made = stamps([{"t": [(-1, -1999), (1, 1999)]}], "duration", timestamps="us")["t"]
    assert made.values.tolist() == [-1_000_001, 1_000_001]


def test_times_as_numpy_has_them():
    kind = StructType("", (StructType("t", (SECONDS, NANOS), "duration"),))
    column = table(kind, [{"t": (1, 5)}, {"t": None}, None])["t"]
    assert column.to_pylist() == [np.timedelta64(1_000_000_005, "ns"), None, None]
    made = column.to_numpy()
    assert made.dtype == "m8[ns]" and np.isnat(made).tolist() == [False, True, True]
    zero = np.timedelta64(0, "ns")
    assert column.to_numpy(fill=zero)[1:].tolist() == [0, 0]
    assert column.to_numpy(fill=np.ma.masked).mask.tolist() == [False, True, True]
    lists = stamps([{"t": [(1, 0)]}, {"t": []}, None])["t"]
    assert np.isnat(lists.to_numpy(pad=True)).tolist() == [[False], [True], [True]]
    assert lists.to_pylist() == [[np.datetime64(10**9, "ns")], [], None]


def test_a_time_without_its_fields_is_zero():
    kind = StructType("", (StructType("t", (), "timestamp"),))
    data = StructData(kind, 2, (StructData(kind.fields[0], 2, ()),))
    assert Columns(data, ("t",), Sources.of([]))["t"].values.tolist() == [0, 0]


def test_what_stands_where_a_time_is_absent_does_not_count():
    kind = StructType("", (StructType("t", (SECONDS, NANOS), "timestamp"),))
    wild = ScalarData(SECONDS, np.array([HIGH, 1]))
    struct = StructData(kind.fields[0], 2, (wild, ScalarData(NANOS, np.zeros(2, "<i4"))))
    data = StructData(kind, 2, (struct,), np.array([False, True]))
    column = Columns(data, ("t",), Sources.of([]))["t"]
    assert column.values.tolist() == [0, 10**9] and column.to_pylist()[0] is None
