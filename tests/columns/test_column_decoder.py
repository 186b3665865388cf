"""The decoder as an object, and what callers get wrong."""

import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from column_inputs import plain_lists

import tensorwire
from proto import contract_schemas, schemas
from tensorwire import proto

All = schemas.PROTO2.theirs["All"]
PATHS = ["s_int32", "s_string", "subs.s_int32", "sub.m_int32_int64.key"]
ROWS = [
    All(s_int32=i, s_string=str(i), subs=[All(s_int32=i)]).SerializeToString() for i in range(50)
]
HERE = Path(__file__).resolve().parent
FOLDERS = [Path(tensorwire.__file__).resolve().parents[1], HERE.parent, HERE]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, FOLDERS))}


def run_python(program: str, data: bytes = b"", **environment: str) -> bytes:
    command = [sys.executable, "-c", program]
    environment = ENVIRONMENT | environment
    done = subprocess.run(command, input=data, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# -- arguments -------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [
    lambda: proto.decode_batch(All, ROWS, PATHS),
    lambda: proto.decode_batch(PATHS, ROWS, All),
    lambda: proto.decode_batch(ROWS, PATHS, All),
    lambda: proto.decode_batch(ROWS, PATHS),
    lambda: proto.decode_batch(All, PATHS, ROWS),
    lambda: proto.Decoder(PATHS, All),
    lambda: proto.Decoder(ROWS, All, PATHS),
    lambda: proto.columns(PATHS, All()),
    lambda: proto.columns(ROWS, PATHS),
    lambda: proto.decode_batch(ROWS, "All", PATHS),
    lambda: proto.decode_batch(ROWS, All(), PATHS),
    lambda: proto.decode_batch(ROWS, All, [1]),
    lambda: proto.decode_batch(ROWS, All, 1),
    lambda: proto.decode_batch(ROWS, All, "s_int32"),
])  # fmt: skip
def test_swapped_arguments_are_a_type_error(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_the_error_of_swapped_arguments_shows_the_right_call():
    with pytest.raises(TypeError, match=r"decode_batch\(records, cls"):
        proto.decode_batch(All, ROWS, PATHS)
    with pytest.raises(TypeError, match=r"Decoder\(cls"):
        proto.Decoder(PATHS, All)


@pytest.mark.parametrize(("path", "near"), [
    ("s_in32", "s_int32"), ("sub.s_strin", "s_string"), ("subs.sub.far_", "far"),
    ("m_int32_int64.vale", "value"), ("grup.number", "group"), ("subs.s_int23", "s_int32"),
])  # fmt: skip
def test_a_wrong_path_names_near_ones(path, near):
    with pytest.raises((KeyError, ValueError), match=near):
        proto.Decoder(All, [path])
    with pytest.raises((KeyError, ValueError), match=near):
        proto.decode_batch(ROWS, All, ["s_int32", path])


@pytest.mark.parametrize("path", [
    "", ".", "s_int32.", ".s_int32", "sub..s_int32", "[", "]", "[]", "[a", "sub.[x", " s_int32",
    "s_int32.x", "s_string.length", "subs[0].s_int32", "subs[]", "m_int32_int64.keys",
    "[tests.proto2.nothing]", "sub/s_int32", "S_INT32", "s_int32\0",
])  # fmt: skip
def test_a_malformed_path_is_refused(path):
    with pytest.raises((KeyError, ValueError)):
        proto.Decoder(All, [path])


@pytest.mark.parametrize("options", [
    {"on_error": "ignore"}, {"on_error": None}, {"verify": "none"}, {"verify": True},
    {"absent": "zero"}, {"depth": -1}, {"depth": 0}, {"depth": 1.5},
    {"each": "s_int32"}, {"each": "sub"},
    {"each": "nothing"}, {"layout": "deep"}, {"strings": "text"}, {"arrow": "pandas"},
    {"enums": "label"}, {"unsigned": "no"}, {"timestamps": "h"}, {"lists": "tuple"},
])  # fmt: skip
def test_options_that_do_not_exist(options):
    with pytest.raises((ValueError, KeyError, TypeError)):
        proto.Decoder(All, None if "each" in options else PATHS, **options)
    with pytest.raises((ValueError, KeyError, TypeError)):
        proto.decode_batch(ROWS, All, None if "each" in options else PATHS, **options)


@pytest.mark.parametrize("threads", [0, -1, "two", 1.5])
def test_numbers_of_threads_that_are_none(threads):
    with pytest.raises((ValueError, TypeError)):
        proto.decode_batch(ROWS, All, PATHS, threads=threads)


def test_an_unknown_option_is_a_type_error():
    for call in (lambda: proto.Decoder(All, PATHS, thread=1),
                 lambda: proto.decode_batch(ROWS, All, PATHS, onerror="null")):  # fmt: skip
        with pytest.raises(TypeError):
            call()


# -- classes and views -----------------------------------------------------------------------------


def test_upstreams_class_and_ours_are_the_same():
    ours = proto.message_class(All)
    first = plain_lists(proto.decode_batch(ROWS, All, PATHS))
    assert plain_lists(proto.decode_batch(ROWS, ours, PATHS)) == first
    assert plain_lists(proto.Decoder(ours, PATHS)(ROWS)) == first


def test_columns_of_a_view():
    ours = proto.message_class(All)
    view = ours.FromString(All(s_int32=3, subs=[All(s_int32=1), All()]).SerializeToString())
    columns = proto.columns(view, ["s_int32", "subs.s_int32"])
    assert len(columns) == 1 and columns["s_int32"].to_pylist() == [3]
    assert columns["subs.s_int32"].to_pylist() == [[1, None]]
    columns = proto.columns(view, ["s_int32"], each="subs")
    assert len(columns) == 2 and columns["s_int32"].to_pylist() == [1, None]
    child = proto.columns(view.subs[0], ["s_int32"])
    assert child["s_int32"].to_pylist() == [1]


def test_a_message_of_another_type_is_no_record():
    need = proto.message_class(schemas.PROTO2.theirs["Need"])(must=1)
    for call in (
        lambda: proto.decode_batch(need, All, PATHS),
        lambda: proto.Decoder(All, PATHS)(need),
    ):
        with pytest.raises(TypeError, match="Need"):
            call()


def test_a_descriptor_stands_for_its_class():
    first = plain_lists(proto.decode_batch(ROWS, All, PATHS))
    assert plain_lists(proto.decode_batch(ROWS, All.DESCRIPTOR, PATHS)) == first
    assert plain_lists(proto.Decoder(All.DESCRIPTOR, PATHS)(ROWS)) == first


def test_columns_of_upstreams_message():
    columns = proto.columns(All(s_int32=3, subs=[All(s_int32=1)]), ["s_int32", "subs.s_int32"])
    assert [columns[path].to_pylist() for path in columns] == [[3], [[1]]]


def test_a_message_without_fields():
    two = contract_schemas.upstream("proto2")
    assert len(proto.decode_batch([b"", b"", None], two.Empty)) == 3


def test_a_path_twice_is_one_column():
    assert list(proto.Decoder(All, ["s_int32", "s_int32"])(ROWS)) == ["s_int32"]
    two = contract_schemas.upstream("proto2")
    whole = list(proto.Decoder(two.All, ["sub", "sub.a", "sub.b"])(ROWS[:0]))
    assert whole == ["sub.a", "sub.b", "sub.c", "sub.m.key"]


def test_columns_of_a_changed_message():
    message = proto.message_class(All)(s_int32=3)
    message.subs.add(s_int32=5)
    columns = proto.columns(message, ["s_int32", "subs.s_int32"])
    assert columns["s_int32"].to_pylist() == [3] and columns["subs.s_int32"].to_pylist() == [[5]]
    message.s_int32 = 4
    assert proto.columns(message, ["s_int32"])["s_int32"].to_pylist() == [4]


def test_extensions_by_their_full_name():
    two = contract_schemas.upstream("proto2")
    row = two.Extended(a=1)
    row.Extensions[two.ext["x_int"]] = 5
    row.Extensions[two.ext["x_sub"]].b = "deep"
    row.Extensions[two.ext["x_ints"]].extend([1, 2])
    extensions = "[contract.proto2.x_int]", "[contract.proto2.x_sub].b", "[contract.proto2.x_ints]"
    paths = ["a", *extensions]
    columns = proto.decode_batch([row.SerializeToString(), b""], two.Extended, paths)
    found = [columns[path].to_pylist() for path in paths]
    assert found == [[1, None], [5, None], ["deep", None], [[1, 2], []]]
    assert list(columns) == paths
    with pytest.raises((KeyError, ValueError), match="x_ints"):
        proto.Decoder(two.Extended, ["[contract.proto2.x_intz]"])


# -- travelling ------------------------------------------------------------------------------------

TOKEN = """
from test_column_decoder import All, PATHS, proto
for options in ({}, {"absent": "default"}, {"each": "subs"}):
    print(proto.Decoder(All, None if "each" in options else PATHS, **options).__dask_tokenize__())
"""


def test_tokens_are_equal_in_two_processes_and_differ_with_options():
    environment = [run_python(f"import os; os.environ['X'] = {i!r}\n{TOKEN}") for i in "12"]
    assert environment[0] == environment[1]
    lines = environment[0].decode().splitlines()
    assert len(set(lines)) == len(lines) == 3
    token = proto.Decoder(All, PATHS).__dask_tokenize__()
    assert str(token) == lines[0]
    assert token == proto.Decoder(All, list(PATHS)).__dask_tokenize__()
    assert token != proto.Decoder(All, PATHS[:2]).__dask_tokenize__()
    assert token != proto.Decoder(schemas.PROTO3.theirs["All"], PATHS).__dask_tokenize__()


def test_a_decoder_travels_as_bytes():
    decoder = proto.Decoder(All, PATHS, on_error="null", absent="default")
    again = pickle.loads(pickle.dumps(decoder))
    assert plain_lists(again(ROWS)) == plain_lists(decoder(ROWS))
    assert again.__dask_tokenize__() == decoder.__dask_tokenize__()
    assert [error.row for error in again([b"\xff"]).errors] == [0]


def test_a_decoder_wakes_in_a_process_that_never_saw_its_class():
    program = """
import pickle, sys
decoder, rows = pickle.loads(sys.stdin.buffer.read())
columns = decoder(rows)
assert "google.protobuf" not in sys.modules
print(len(columns), columns["subs.s_int32"].to_pylist()[-1], decoder.__dask_tokenize__())
"""
    decoder = proto.Decoder(All, PATHS)
    out = run_python(program, pickle.dumps((decoder, ROWS))).decode()
    assert out == f"50 [49] {decoder.__dask_tokenize__()}\n"


def test_a_decoder_is_frozen():
    decoder = proto.Decoder(All, PATHS)
    for name in ("each", "threads", "paths", "new"):
        with pytest.raises(AttributeError, match=f"make another one to change {name}"):
            setattr(decoder, name, None)
    assert decoder == proto.Decoder(All, PATHS) and decoder.each is None


def test_decoders_of_equal_arguments_are_equal():
    same = proto.Decoder(All, PATHS), proto.Decoder(proto.message_class(All), tuple(PATHS))
    others = [
        proto.Decoder(All, PATHS[:2]), proto.Decoder(All, PATHS, absent="default"),
        proto.Decoder(All, PATHS, arrow="spark"), proto.Decoder(All, each="subs"),
    ]  # fmt: skip
    assert same[0] == same[1] and hash(same[0]) == hash(same[1])
    assert pickle.loads(pickle.dumps(same[0])) == same[0]
    assert len({*same, *others}) == 5 and all(other != same[0] for other in others)


def test_columns_travel_as_bytes():
    columns = proto.decode_batch([*ROWS, None, b"\xff"], All, PATHS, on_error="null")
    again = pickle.loads(pickle.dumps(columns))
    assert plain_lists(again) == plain_lists(columns) and len(again) == len(columns) == 52
    assert [error.row for error in again.errors] == [51]
    assert plain_lists(columns.compact()) == plain_lists(columns)


COLLECTED = """
import gc
from test_column_decoder import All, PATHS, proto
for _ in range(20):
    decoder = proto.Decoder(All, PATHS, on_error="null", threads=2)
    errors = decoder([b"\\xff"] * 3).errors
    errors.cycle = errors, decoder, [errors]  # which the collector takes apart
    del errors, decoder
    gc.collect()
print("fine")
"""


def test_the_collector_takes_what_is_left_of_a_batch():
    assert run_python(COLLECTED, PYTHONMALLOC="debug") == b"fine\n"


def test_eight_threads_on_one_decoder():
    decoder = proto.Decoder(All, PATHS, threads=2)
    batches = [ROWS[i:] * 20 for i in range(8)]
    wanted = [plain_lists(decoder(batch)) for batch in batches]
    ready = threading.Barrier(8)

    def work(at):
        ready.wait()
        return [plain_lists(decoder(batches[at])) == wanted[at] for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        assert all(all(found) for found in pool.map(work, range(8)))


def test_the_schema_is_known_before_any_data():
    pa = pytest.importorskip("pyarrow")
    for options in ({}, {"arrow": "spark"}, {"layout": "nested"}, {"strings": "large_string"}):
        decoder = proto.Decoder(All, PATHS, **options)
        assert pa.schema(decoder.arrow_schema) == pa.table(decoder(ROWS)).schema, options
        assert pa.schema(decoder.arrow_schema) == pa.table(decoder([])).schema, options
        everything = proto.Decoder(schemas.PROTO3.theirs["All"], **options)
        assert pa.schema(everything.arrow_schema) == pa.table(everything([b""])).schema, options


def test_repr_says_what_is_decoded():
    assert "All" in repr(proto.Decoder(All, PATHS))


def test_what_is_cut_is_no_struct_without_fields(tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    schema = proto.Schema.from_proto_text("""
        syntax = "proto3";
        import "google/protobuf/struct.proto";
        message Node { Node left = 1; int32 id = 2; google.protobuf.Struct more = 3; Nothing no = 4;
                       Chain chain = 5; }
        message Nothing {}
        message Chain { Chain next = 1; }
    """)
    decoder = proto.Decoder(schema["Node"], layout="nested", strings="string")
    table = pa.table(decoder([b"\x10\x05\x0a\x02\x10\x06"]))
    assert table.column_names == ["id", "more", "no"]  # nothing of the others is left
    parquet.write_table(table.drop_columns("no"), tmp_path / "rows.parquet")
    assert parquet.read_table(tmp_path / "rows.parquet")["id"].to_pylist() == [5]
    named = proto.Decoder(schema["Node"], ["chain", "id"], layout="nested")
    found = pa.table(named([b"\x2a\x00", b""]))["chain"].to_pylist()
    assert found == [{}, None]  # but it may be asked for, to know whether it is there
