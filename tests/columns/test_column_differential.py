"""Columns of random records are what upstream's messages of the same bytes hold."""

import random
from dataclasses import replace

import column_cases
import column_oracle
import column_schemas
import pytest
from column_cases import Case
from hypothesis import given
from hypothesis import strategies as st

from proto import schemas
from proto.effort import examples, generators, named
from proto.encode import fixed32, group, number, run, varint
from proto.generate import Generator
from tensorwire import proto

SYNTAXES = ("proto2", "proto3")
COUNT = 120


def test_random_schemas():
    compared = 0
    for seed, rng in generators(COUNT):
        with named(seed):
            compared += column_cases.check(column_cases.random_case(rng))
    assert compared > 10 * COUNT


@examples(40)
@given(st.randoms(use_true_random=False))
def test_schemas_of_hypothesis(rng):
    column_cases.check(column_cases.random_case(rng))


def known(name: str) -> column_schemas.World:
    """The schema that has one of everything."""
    theirs, ours = schemas.BY_NAME[name].theirs["All"], schemas.BY_NAME[name].ours["All"]
    return column_schemas.World("", theirs, ours)


@pytest.mark.parametrize("name", SYNTAXES)
def test_the_schema_that_has_everything(name):
    for seed, rng in generators(30):
        with named(seed):
            column_cases.check(column_cases.random_case(rng, known(name), 6))


def check(rows, name, paths, **options):
    case = Case(known(name), rows, paths, options=options)
    column_cases.check(case)
    return {path: column.to_pylist() for path, column in case.decode().items()}


# -- by hand: what random bytes seldom are ---------------------------------------------------------

SUB, SUBS = schemas.SUB, schemas.SUBS
PACKED, REPEATED, MAP = schemas.PACKED, schemas.REPEATED, schemas.NEAR_MAP
C_INT, C_TEXT, C_SUB = schemas.C_INT, schemas.C_TEXT, schemas.C_SUB
INT32, STRING, INT64 = 5, 9, 3
R_INT32 = REPEATED + INT32


def one_sub(*parts: bytes) -> bytes:
    return run(SUB, b"".join(parts))


def entry(*parts: bytes) -> bytes:
    return run(MAP, b"".join(parts))


@pytest.mark.parametrize("name", SYNTAXES)
def test_pieces_of_a_submessage_merge(name):
    rows = [
        one_sub(number(INT32, 1)) + one_sub(number(INT64, 2)) + one_sub(number(INT32, 3)),
        one_sub() + number(INT32, 9) + one_sub(run(STRING, b"a")) + one_sub(),
        one_sub(one_sub(number(R_INT32, 1))) + one_sub(one_sub(number(R_INT32, 2))),
        one_sub(run(SUBS, number(INT32, 1))) + one_sub(run(SUBS, number(INT32, 2))),
        one_sub(number(C_INT, 1)) + one_sub(run(C_TEXT, b"x")) + one_sub(number(C_INT, 4)),
        b"",
    ]  # fmt: skip
    found = check(
        rows, name,
        ["s_int32", "sub.s_int32", "sub.s_int64", "sub.s_string", "sub.sub.r_int32",
         "sub.subs.s_int32", "sub.c_int", "sub.c_text"],
    )  # fmt: skip
    assert found["sub.s_int32"][0] == 3 and found["sub.sub.r_int32"][2] == [1, 2]
    assert found["sub.subs.s_int32"][3] == [1, 2]
    assert found["sub.c_text"][4] is None and found["sub.c_int"][4] == 4


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("paths", [
    ["c_int"], ["c_text"], ["c_sub.s_int32"], ["c_sub.r_int32"], ["c_sub.subs.s_int32"],
    ["c_sub.sub.s_int32"], ["c_int", "c_text", "c_sub.s_int32", "c_sub.r_int32"],
])  # fmt: skip
def test_members_of_a_oneof_take_turns(name, paths):
    """Also where the member that came between is not asked for."""
    parts = [
        number(C_INT, 1), run(C_TEXT, b"x"), run(C_SUB, number(INT32, 1)),
        run(C_SUB, number(REPEATED + INT32, 5) + run(SUBS, number(INT32, 6))),
        run(C_SUB, one_sub(number(INT32, 8))), number(C_INT, 0), number(27, 5), fixed32(27, 1),
        number(27, 99), run(C_SUB, b""), group(C_SUB, number(INT32, 3)),
    ]  # fmt: skip
    rng = random.Random(len(paths))
    rows = [b"".join(rng.choices(parts, k=rng.randrange(1, 7))) for _ in range(300)]
    check(rows, name, paths)
    check(rows, name, paths, absent="default", verify="all")


@pytest.mark.parametrize("name", SYNTAXES)
def test_entries_of_maps(name):
    rows = [
        entry(number(1, 1), number(2, 1)) + entry(number(1, 1), number(2, 2)),
        entry(number(2, 5)) + entry(number(1, 0), number(2, 6)) + entry(number(1, 3)) + entry(),
        entry(number(2, 5), number(1, 4)) + entry(number(1, 4), number(1, 9), number(2, 1)),
        entry(number(1, 7), number(3, 1)) + entry(fixed32(1, 1), number(2, 3)),
        entry(number(1, 7), number(2, 3)) + entry(number(1, 7), number(2, 4), number(77, 1)),
        entry(number(1, 7), number(2, 3)) + entry(number(1, 7), number(2, 4), group(9, b"")),
        group(MAP, number(1, 1)) + number(MAP, 1),
    ]  # fmt: skip
    paths = ["m_int32_int64.key", "m_int32_int64.value"]
    check(rows, name, paths)
    check(rows, name, paths, verify="all")


@pytest.mark.parametrize("name", SYNTAXES)
def test_maps_of_messages_and_text(name):
    rng = random.Random(5)
    keys = [run(1, b"a"), run(1, b"b"), run(1, b""), b""]
    values = [
        run(2, number(INT32, 1)), run(2, number(INT64, 2)), run(2, number(REPEATED + INT32, 3)),
        run(2, b""), b"", run(2, run(schemas.MAPS, run(1, b"a") + run(2, number(INT32, 7)))),
        run(2, run(SUBS, number(INT32, 6))), number(99, 1),
    ]  # fmt: skip
    rows = []
    for _ in range(300):
        entries = []
        for _ in range(rng.randrange(5)):
            parts = [rng.choice(keys), rng.choice(values), rng.choice(values[:-1])]
            rng.shuffle(parts)
            entries.append(run(schemas.MAPS, b"".join(parts)))
        rows.append(b"".join(entries))
    top = "m_string_all"
    paths = [f"{top}.key", f"{top}.value.s_int32", f"{top}.value.r_int32", f"{top}.value.s_int64",
             f"{top}.value.{top}.key", f"{top}.value.{top}.value.s_int32",
             f"{top}.value.subs.s_int32"]  # fmt: skip
    check(rows, name, paths)
    check(rows, name, paths, absent="default", verify="all")


@pytest.mark.parametrize("count", [8, 9, 16, 17, 500])
@pytest.mark.parametrize("path", [
    "m_int32_int64", "m_string_string", "m_bool_double", "m_sint64_bytes", "m_fixed32_float",
    "m_int32_color", "m_string_all.value.m_string_string",
])  # fmt: skip
def test_maps_of_many_entries(path, count):
    """Keys that come again, near and far, in several rows."""
    rng = random.Random(count)
    outer = path.partition(".")[0]
    field = known("proto2").descriptor.fields_by_name[outer]
    generator = Generator(rng, 0.02)
    parts = [generator.item(field, 2) for _ in range(count)]
    rows = []
    for keys in (3, count // 2, count):
        chosen = [rng.choice(parts[:keys]) for _ in range(count)]
        rows += [b"".join(chosen), None, b"".join(parts[:keys] + chosen[:2])]
    paths = [f"{outer}.key"]
    if outer == path:
        paths.append(f"{path}.value")
    else:
        paths += [f"{path}.key", f"{path}.value"]
    check(rows, "proto2", paths)
    check(rows, "proto2", paths[-1:], absent="default")


@pytest.mark.parametrize("name", SYNTAXES)
def test_closed_and_open_enums(name):
    numbers = [0, 1, 70, 71, -1, -2, 2**31, 2**32 + 1, 2**40 + 3]
    rows = [number(14, n) for n in numbers]
    rows += [number(14, 1) + number(14, n) for n in numbers]
    rows += [number(REPEATED + 14, n) + number(REPEATED + 14, 1) for n in numbers]
    rows += [run(PACKED + 14, b"".join(varint(n) for n in numbers))]
    rows += [run(REPEATED + 14, b"".join(varint(n) for n in numbers * 9))]
    rows += [run(schemas.MAPS + 1, number(1, 5) + number(2, n)) for n in numbers]
    rows += [number(C_INT, 4) + number(schemas.C_COLOR, n) for n in numbers]
    paths = ["s_enum", "r_enum", "p_enum", "m_int32_color.key", "m_int32_color.value",
             "c_color", "c_int"]  # fmt: skip
    check(rows, name, paths)
    check(rows, name, paths, absent="default")
    for path in ("s_enum", "c_int", "c_color"):
        check(rows, name, [path])


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("count", [0, 1, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 300])
def test_runs_of_numbers_packed_and_not(name, count):
    rng = random.Random(count)
    paths, row = [], []
    for kind, at in schemas.KINDS.items():
        if kind in schemas.UNPACKABLE:
            continue
        wide = kind in ("double", "fixed64", "sfixed64")
        for base, prefix in ((PACKED, "p"), (REPEATED, "r")):
            paths.append(f"{prefix}_{kind}")
            if wide or kind in ("float", "fixed32", "sfixed32"):
                content = rng.randbytes(count * (8 if wide else 4))
            else:
                content = b"".join(
                    varint(rng.choice((0, 1, 127, 128, 2**31, 2**63, rng.getrandbits(64))),
                           rng.choice((0, 0, 0, 3, 10)))
                    for _ in range(count)
                )  # fmt: skip
            row.append(run(base + at, content))
    check([b"".join(row), b"".join(row + row), None, b"", row[0], row[-1]], name, paths)


@pytest.mark.parametrize("name", SYNTAXES)
def test_no_rows_and_empty_rows(name):
    paths = ["s_int32", "subs.r_string", "m_int32_int64.value", "sub.r_int32"]
    assert all(values == [] for values in check([], name, paths).values())
    check([b""], name, paths)
    assert all(values == [None] * 3 for values in check([None] * 3, name, paths).values())
    check([None, b"", None], name, paths, absent="default")


@pytest.mark.parametrize("absent", ["null", "default"])
def test_defaults_of_proto2(absent):
    paths = [f"d_{kind}" for kind in schemas.DEFAULT_TEXTS]
    paths += [f"sub.{path}" for path in paths] + [f"subs.{path}" for path in paths]
    rows = [b"", None, run(SUB, b""), run(SUBS, b"") * 3, run(schemas.DEFAULTS + STRING, b"own")]
    check(rows, "proto2", paths, absent=absent)


def test_each_goes_through_maps():
    top = "m_string_all"
    entries = [
        run(schemas.MAPS, run(1, key) + run(2, b"".join(run(SUBS, number(INT32, i)) for i in subs)))
        for key, subs in ((b"a", [1, 2]), (b"b", []), (b"a", [3]), (b"c", [4, 5]))
    ]
    rows = [b"".join(entries), None, entries[0]]
    world = known("proto2").theirs
    columns = proto.decode_batch(rows, world, ["s_int32"], each=f"{top}.value.subs")
    assert columns["s_int32"].to_pylist() == [3, 4, 5, 1, 2]
    columns = proto.decode_batch(rows, world, ["key", "value.subs.s_int32"], each=top)
    found = list(zip(*(columns[path].to_pylist() for path in columns), strict=True))
    assert found == [("b", []), ("a", [3]), ("c", [4, 5]), ("a", [1, 2])]


def test_each_gives_a_row_for_each_element():
    for seed, rng in generators(60):
        case = column_cases.random_case(rng, known("proto2"), 4)
        each = rng.choice(("subs", "sub.subs", "subs.subs", "groups", "farthest"))
        kind = schemas.PROTO2.theirs["All"].DESCRIPTOR
        for part in each.split("."):
            kind = kind.fields_by_name[part].message_type
        every = [path for path in column_oracle.leaf_paths(kind, 0) if "." not in path]
        paths = rng.sample(every, min(len(every), 5))
        with named(seed):
            column_cases.check(replace(case, each=each, paths=paths))
