"""Columns hold together, whatever they were made from, and leave as they are."""

import column_cases
import column_results
import column_return
import numpy as np
import pytest
from test_column_differential import known

from proto import schemas
from proto.effort import generators, named
from proto.encode import number, run
from tensorwire import proto

pytest.importorskip("pyarrow")
All = schemas.PROTO2.theirs["All"]


def test_parts_fit_and_copies_are_equal():
    for seed, rng in generators(30):
        with named(seed):
            column_results.check(column_cases.random_case(rng))


@pytest.mark.parametrize("name", ["proto2", "proto3"])
def test_parts_fit_in_the_schema_that_has_everything(name):
    for seed, rng in generators(12):
        with named(seed):
            column_results.check(column_cases.random_case(rng, known(name), 20))


def test_messages_are_records_too():
    for seed, rng in generators(30):
        with named(seed):
            column_results.check_views(column_cases.random_case(rng))


def test_a_submessage_in_pieces_is_a_record():
    pieces = [run(schemas.SUB, number(5, 1)), number(5, 9), run(schemas.SUB, number(3, 2)),
              run(schemas.SUB, run(schemas.SUBS, number(5, 7)))]  # fmt: skip
    message = proto.message_class(All).FromString(b"".join(pieces))
    columns = proto.columns(message.sub, ["s_int32", "s_int64", "subs.s_int32"])
    found = [columns[path].to_pylist() for path in columns]
    assert found == [[1], [2], [[7]]]


def test_strings_are_checked_on_request():
    rows = [run(9, b"ok"), run(9, b"\xff"), run(schemas.REPEATED + 9, b"\x80"), run(12, b"\xff")]
    paths = ["s_string", "r_string"]
    columns = proto.decode_batch(rows, All, [*paths, "s_bytes"], utf8="check", on_error="null")
    assert [error.row for error in columns.errors] == [1, 2]
    assert columns["s_string"].to_pylist() == ["ok", None, None, None]
    columns = proto.decode_batch(rows, All, paths)
    assert columns["s_string"].to_pylist() == ["ok", b"\xff", None, None]
    assert columns["r_string"].to_pylist() == [[], [], [b"\x80"], []]
    with pytest.raises(ValueError, match="UTF-8"):
        proto.decode_batch(rows, schemas.PROTO3.theirs["All"], paths)


def test_numbers_are_arrays_of_their_own_type():
    row = All(s_int32=-1, s_uint64=2**64 - 1, s_float=0.5, s_bool=True, r_sint64=[-1, 1])
    columns = proto.decode_batch([row.SerializeToString(), b""], All, [
        "s_int32", "s_uint64", "s_float", "s_bool", "r_sint64", "s_enum",
    ])  # fmt: skip
    types = [columns[path].values.dtype.str for path in columns]
    assert types == ["<i4", "<u8", "<f4", "|b1", "<i8", "<i4"]
    assert columns["s_uint64"].values.tolist() == [2**64 - 1, 0]
    assert columns["s_bool"].validity.tolist() == [True, False]
    assert columns["r_sint64"].offsets[0].tolist() == [0, 2, 2]
    assert not columns["r_sint64"].values.flags.writeable
    assert np.shares_memory(columns["s_int32"].values, columns["s_int32"].values)


def test_columns_are_written_back():
    for seed, rng in generators(25):
        with named(seed):
            column_return.check_encoded(column_cases.random_case(rng))


def test_files_give_the_columns_of_their_records():
    for seed, rng in generators(25):
        with named(seed):
            column_return.check_scanned(column_cases.random_case(rng))
