"""Records that lie: refused or read, never past their end, never into their neighbours."""

import random

import column_cases
import column_hostile
import column_oracle
import numpy as np
import pytest
from column_cases import Case
from test_column_differential import known

from guard import Guarded, needs_guard_pages
from proto import corpus_files, schemas
from proto.effort import generators, named
from proto.encode import group, nested, number, run, tag, varint
from proto.subprocesses import runs
from tensorwire import DecodeError, proto

All = schemas.PROTO2.theirs["All"]
SUB, SUBS, PACKED, REPEATED = schemas.SUB, schemas.SUBS, schemas.PACKED, schemas.REPEATED
SYNTAXES = ("proto2", "proto3")


def test_corrupted_records_of_random_schemas():
    for seed, rng in generators(120):
        case = column_hostile.corrupted(column_cases.random_case(rng), rng)
        with named(seed):
            column_hostile.check(case)


@pytest.mark.parametrize("name", SYNTAXES)
def test_corrupted_records(name):
    for seed, rng in generators(20):
        case = column_hostile.corrupted(column_cases.random_case(rng, known(name), 8), rng)
        with named(seed):
            column_hostile.check(case)


@pytest.mark.parametrize("verify", ["visited", "all"])
@pytest.mark.parametrize("name", SYNTAXES)
def test_the_corpus(name, verify):
    cases = [case for case in corpus_files.cases() if name in case.schemas]
    rows = [case.data for case in cases]
    paths = list(column_oracle.leaf_paths(known(name).descriptor, 0))
    columns = column_hostile.check(Case(known(name), rows, paths, options={"verify": verify}))
    assert columns
    columns = Case(known(name), rows, paths, options={"verify": verify}).decode()
    by_row = {error.row: error.offset for error in columns.errors}
    if verify == "all":
        wanted = {i: case.offset for i, case in enumerate(cases) if case.reason is not None}
        assert by_row == wanted


@pytest.mark.parametrize("name", SYNTAXES)
def test_every_prefix_of_a_record(name):
    rng = random.Random(3)
    paths = ["s_int32", "s_string", "sub.s_double", "subs.r_int32", "m_int32_int64.value",
             "p_sint64", "p_double", "c_text"]  # fmt: skip
    for _ in range(6):
        rows = column_cases.rows_of(rng, known(name), 50)
        row = max((row for row in rows if row), key=len)
        prefixes = [row[:stop] for stop in range(min(len(row), 400))]
        for verify in ("visited", "all"):
            column_hostile.check(Case(known(name), prefixes, paths, options={"verify": verify}))


# -- the end of memory -----------------------------------------------------------------------------


def placings(rows: list[bytes]):
    """``(buffer, offsets)`` with the rows at either end of readable memory."""
    data = b"".join(rows)
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    room = Guarded(max(len(data), 1))
    yield room.at_end(data), offsets
    yield room.at_start(data), offsets


@needs_guard_pages
def test_nothing_is_read_behind_the_last_row_or_before_the_first():
    for seed, rng in generators(40):
        name = rng.choice(SYNTAXES)
        case = column_cases.random_case(rng, known(name), 4)
        case = column_hostile.corrupted(case, rng) if rng.random() < 0.7 else case
        rows = [row for row in case.rows if row is not None]
        with named(seed):
            for records in placings(rows):
                column_cases.lists_of(case.decode(records))


@needs_guard_pages
def test_prefixes_at_the_end_of_memory():
    paths = ["p_int64", "p_sint32", "p_bool", "p_enum", "p_double", "s_string", "sub.s_fixed64"]
    row = All(
        p_int64=[1, 300, -1] * 9, p_sint32=[-1] * 40, p_bool=[True] * 33, p_enum=[1] * 40,
        p_double=[1.0] * 9, s_string="x" * 20, sub=All(s_fixed64=1),
    ).SerializeToString()  # fmt: skip
    room = Guarded(len(row))
    for stop in range(len(row)):
        for records in (room.at_end(row[:stop]), room.at_end(row[-stop:] if stop else b"")):
            offsets = np.array([0, stop], np.int64)
            proto.decode_batch((records, offsets), All, paths, on_error="null")


# -- depth and size --------------------------------------------------------------------------------


@pytest.mark.parametrize("verify", ["visited", "all"])
def test_depth(verify):
    paths = ["sub.sub.sub.s_int32", "subs.s_int32", "group.number"]
    rows = [
        *(nested(SUB, levels, number(5, 1)) for levels in (99, 100, 101)), nested(SUB, 10_000),
        nested(SUBS, 10_000), tag(22, 3) * 10_000, tag(19, 3) * 10_000,
        tag(19, 3) * 5_000 + tag(19, 4) * 5_000, nested(SUB, 101)[:-1] + b"\xff",
    ]  # fmt: skip
    column_hostile.check(Case(known("proto2"), rows, paths, options={"verify": verify}))


def test_a_path_as_deep_as_records_may_be():
    path = "sub." * 100 + "s_int32"
    rows = [nested(SUB, 100, number(5, 7)), nested(SUB, 99), b""]
    columns = proto.decode_batch(rows, All, [path])
    assert columns[path].to_pylist() == [7, None, None]
    longer = "sub." * 5000 + "s_int32"
    try:
        columns = proto.decode_batch([*rows, nested(SUB, 101, b"")], All, [longer], on_error="null")
    except ValueError:
        return
    assert columns[longer].to_pylist() == [None] * 4


def test_lists_in_lists_as_deep_as_records_may_be():
    path = "subs." * 60 + "s_int32"
    columns = proto.decode_batch([nested(SUBS, 60, number(5, 7)), b""], All, [path])
    found = columns[path].to_pylist()
    assert found[1] == []
    inner = found[0]
    for _ in range(59):
        (inner,) = inner
    assert inner == [7]


def test_lengths_and_counts_that_are_not_there():
    huge = (2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**35, 2**63 - 1, 2**63, 2**64 - 1)
    tags = [tag(at, 2) for at in (PACKED + 3, PACKED + 1, REPEATED + 3, 9, SUB, SUBS, 28)]
    rows = [head + varint(length) + b"\x01" * 8 for head in tags for length in huge]
    paths = ["p_int64", "p_double", "r_int64", "s_string", "sub.s_int32", "subs.s_int32",
             "m_int32_int64.key"]  # fmt: skip
    column_hostile.check(Case(known("proto2"), rows, paths))
    column_hostile.check(Case(known("proto2"), rows, paths, options={"verify": "all"}))


MEMORY = """
import resource, sys
from proto import schemas
from proto.encode import *
from tensorwire import proto
All = schemas.PROTO2.theirs["All"]
paths = ["p_int64", "p_double", "r_int64", "s_string", "subs.s_int32", "m_int32_int64.key"]
decode = proto.Decoder(All, paths, on_error="null")
decode([b""] * 3)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for at in (63, 61, 43, 9, 21, 28):
    for length in (2**31 - 1, 2**32 - 1, 2**63, 2**20):
        decode([tag(at, 2) + varint(length) + b"x"])
        decode([run(at, b""), run(at, b"")])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_short_row_takes_little_memory():
    pytest.importorskip("resource")
    assert int(runs("import sys; sys.path.insert(0, 'tests')\n" + MEMORY)) < 2000  # KiB


def test_a_row_that_fails_leaves_nothing_in_lists():
    """What was laid down before the fault goes again, at every level."""
    good = run(SUBS, number(5, 1) + run(SUBS, number(5, 2))) + number(REPEATED + 5, 3)
    bad = good + run(SUBS, run(SUBS, number(5, 9))) + run(28, number(1, 1)) + b"\x0a\xff"
    paths = ["subs.s_int32", "subs.subs.s_int32", "r_int32", "m_int32_int64.key", "s_int32"]
    for rows in ([good, bad, good], [bad, good], [good, bad], [bad], [bad, bad, good, bad]):
        column_hostile.check(Case(known("proto2"), rows, paths))
    columns = proto.decode_batch([good, bad, good], All, paths, on_error="drop")
    assert columns["subs.subs.s_int32"].to_pylist() == [[[2]], [[2]]]
    assert columns["subs.s_int32"].values.tolist() == [1, 1]
    assert columns["r_int32"].values.tolist() == [3, 3]


def test_an_error_names_row_byte_path_and_reason():
    bad = run(SUB, run(SUBS, b"") + run(SUBS, b"\x29\x01"))
    with pytest.raises(DecodeError, match=r"row 2\b") as raised:
        proto.decode_batch([b"", b"", bad], All, ["sub.subs.s_int32", "sub.subs.s_fixed64"])
    assert raised.value.offset == bad.index(b"\x29") and "sub.subs" in raised.value.path
    columns = proto.decode_batch([bad], All, ["sub.subs.s_sint64"], on_error="null")
    (error,) = columns.errors
    assert (error.row, error.offset) == (0, bad.index(b"\x29"))
    assert error.path == raised.value.path and error.reason


def test_verify_visited_looks_at_what_is_asked_for_only():
    hidden = number(5, 1) + run(SUB, b"\xff\xff\xff") + run(9, b"\xff")
    assert proto.decode_batch([hidden], All, ["s_int32"])["s_int32"].to_pylist() == [1]
    with pytest.raises(DecodeError):
        proto.decode_batch([hidden], All, ["s_int32"], verify="all")
    with pytest.raises(DecodeError):
        proto.decode_batch([hidden], All, ["sub.s_int32"])


def test_groups_end_where_they_began():
    rows = [group(22, number(1, 5)), tag(22, 3), tag(22, 4), tag(22, 3) + tag(23, 4),
            run(SUB, tag(22, 3)) + tag(22, 4), group(19, group(19, b"") + tag(19, 3))]  # fmt: skip
    for paths in (["group.number"], ["s_int32"], ["groups.number", "sub.group.number"]):
        for verify in ("visited", "all"):
            column_hostile.check(Case(known("proto2"), rows, paths, options={"verify": verify}))
