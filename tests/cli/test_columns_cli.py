"""``columns``: tables of records and of models, in every format, and what happens to mistakes."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import subprocess
import sys

import cli_schema as schema
import numpy as np
import pytest
from cli_models import small
from cli_process import command, environment

from tensorwire.cli import main, progress

descriptor_pb2 = pytest.importorskip("google.protobuf.descriptor_pb2")

PROTO = """
syntax = "proto3";
package shop;
enum Kind { NONE = 0; SALE = 1; }
message Item { string name = 1; double price = 2; }
message Event {
  int64 id = 1;
  optional string user = 2;
  repeated Item items = 3;
  bytes raw = 4;
  bool ok = 5;
  Kind kind = 6;
}
"""
COLUMNS = {
    **schema.HEAD,
    "target": schema.TEXT,
    "rows": schema.WHOLE,
    "bad_rows": schema.WHOLE,
    "columns": [{"path": schema.TEXT, "type": schema.TEXT}],
    "errors": [
        {"row": schema.WHOLE, "offset": schema.WHOLE, "path": schema.TEXT, "reason": schema.TEXT}
    ],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The .proto file, its descriptor set, and the class of Event."""
    pytest.importorskip("grpc_tools")
    from google.protobuf import descriptor_pool, message_factory
    from grpc_tools import protoc

    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.proto").write_text(PROTO)
    made = protoc.main(["", f"-I{folder}", f"-o{folder / 'shop.binpb'}", "shop.proto"])
    assert made == 0
    files = descriptor_pb2.FileDescriptorSet.FromString((folder / "shop.binpb").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(files.file[0])
    event = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Event"))
    return folder / "shop.proto", folder / "shop.binpb", event


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def delimited(records) -> bytes:
    return b"".join(varint(len(record)) + record for record in records)


@pytest.fixture
def events(shop):
    """Three records: full, empty, and with what JSON and CSV have no words for."""
    event = shop[2]
    return [
        event(
            id=1, user="a,b", items=[{"name": "x", "price": 1.5}, {"name": "ü"}], raw=b"\xff\0",
            ok=True, kind=1,
        ),
        event(),
        event(id=-3, user='"\x7f\n', items=[{"price": float("inf")}, {"price": float("nan")}]),
    ]  # fmt: skip


@pytest.fixture
def stream(events, tmp_path):
    path = tmp_path / "events.bin"
    path.write_bytes(delimited(event.SerializeToString() for event in events))
    return path


@pytest.fixture
def run(cli, shop, stream):
    """The verb on the stream, with its schema."""

    def run(*options, path=None):
        given = ["--schema", shop[0], "--message", "shop.Event", "--framing", "delimited"]
        return cli("columns", path or stream, *given, *options)

    return run


ROWS = [
    {"id": 1, "user": "a,b", "items.name": ["x", "ü"], "items.price": [1.5, 0.0],
     "raw": base64.b64encode(b"\xff\0").decode(), "ok": True, "kind": 1},
    {"id": 0, "user": None, "items.name": [], "items.price": [], "raw": "", "ok": False, "kind": 0},
    {"id": -3, "user": '"\x7f\n', "items.name": ["", ""], "items.price": ["Infinity", "NaN"],
     "raw": "", "ok": False, "kind": 0},
]  # fmt: skip


def test_lines_of_json(run):
    result = run()
    assert result.code == 0, result.err
    assert [json.loads(line) for line in result.lines] == ROWS
    assert result.out.isascii() and "\x7f" not in result.out and result.err == ""


def test_files_of_json(run, tmp_path):
    lines, array = tmp_path / "out.jsonl", tmp_path / "out.json"
    assert run("--out", lines, "--batch-rows", 2).code == 0
    assert [json.loads(line) for line in lines.read_text().splitlines()] == ROWS
    assert run("--out", array, "--batch-rows", 1).code == 0
    assert json.loads(array.read_text()) == ROWS


def test_csv(run, tmp_path):
    target = tmp_path / "out.csv"
    result = run("--out", target, "--path", "id", "--path", "user", "--path", "items.price",
                 "--path", "ok")  # fmt: skip
    assert result.code == 0, result.err
    with open(target, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["id", "user", "items.price", "ok"],
        ["1", "a,b", "[1.5,0.0]", "true"],
        ["0", "", "[]", "false"],
        ["-3", '"\x7f\n', '["Infinity","NaN"]', "false"],
    ]
    assert str(target) in result.lines[0] and "3 rows" in result.lines[0]
    assert [line.split() for line in result.lines[2:]][2] == ["items.price", "list<float64>"]


def test_npz(run, tmp_path):
    target = tmp_path / "out.npz"
    assert run("--out", target, "--batch-rows", 2).code == 0
    with np.load(target, allow_pickle=False) as found:
        arrays = dict(found)
    assert arrays["id"].tolist() == [1, 0, -3]
    assert arrays["items.price/offsets/0"].tolist() == [0, 2, 2, 4]
    assert arrays["items.price"][0] == 1.5 and len(arrays["items.price"]) == 4
    ends = arrays["items.name/ends"].tolist()
    assert ends == [0, 1, 3, 3, 3]
    assert arrays["items.name"].tobytes() == "xü".encode()
    assert arrays["user/validity"].tolist() == [True, False, True]
    assert arrays["raw"].tobytes() == b"\xff\0"
    assert arrays["kind"].dtype == np.int32


def test_parquet(run, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "out.parquet"
    result = run("--out", target, "--batch-rows", 2, "--enums", "name")
    assert result.code == 0, result.err
    table = parquet.read_table(target).to_pylist()
    assert [row["id"] for row in table] == [1, 0, -3]
    assert table[0]["items.name"] == ["x", "ü"] and table[0]["raw"] == b"\xff\0"
    assert [row["kind"] for row in table] == ["SALE", "NONE", "NONE"]
    assert table[1]["user"] is None


def test_parquet_without_pyarrow(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("--out", tmp_path / "out.parquet")
    assert result.code == 2 and 'pip install "tensorwire[arrow]"' in result.err
    assert not (tmp_path / "out.parquet").exists()


def test_a_descriptor_set_will_do(cli, shop, stream):
    given = ["--schema", shop[1], "--message", "shop.Event", "--framing", "delimited"]
    result = cli("columns", stream, *given, "--path", "id")
    assert [json.loads(line)["id"] for line in result.lines] == [1, 0, -3]


def test_one_record(cli, shop, events, tmp_path):
    path = tmp_path / "event.bin"
    path.write_bytes(events[0].SerializeToString())
    given = ["--schema", shop[0], "--message", "shop.Event"]
    assert [json.loads(line) for line in cli("columns", path, *given).lines] == ROWS[:1]
    result = cli("columns", path, *given, "--each", "items", "--path", "name")
    assert [json.loads(line) for line in result.lines] == [{"name": "x"}, {"name": "ü"}]


def test_a_model_needs_no_schema(cli, tmp_path):
    path = small(tmp_path)
    result = cli("columns", path, "--each", "graph.node", "--path", "op_type", "--path", "input")
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in result.lines]
    assert rows and all(isinstance(row["op_type"], str) for row in rows)


FBS = """
enum Kind : byte { NONE, SALE }
table Item { name: string; price: double; tags: [short]; }
table Shop { id: long; items: [Item]; raw: [ubyte]; kind: Kind = SALE; }
root_type Shop;
file_identifier "SHOP";
"""


@pytest.fixture
def flat_shop(tmp_path):
    """A schema of FlatBuffers, and a buffer of it."""
    from tensorwire import flat

    (tmp_path / "shop.fbs").write_text(FBS)
    schema = flat.Schema.from_fbs(tmp_path / "shop.fbs")
    items = [{"name": "x", "price": 1.5, "tags": [-1, 2]}, {"name": "ü"}]
    built = schema.build({"id": 7, "items": items, "raw": b"\xff\0"})
    (tmp_path / "shop.bin").write_bytes(built)
    return tmp_path / "shop.bin", tmp_path / "shop.fbs"


def test_a_flatbuffer_with_its_schema(cli, flat_shop, tmp_path):
    result = cli("columns", flat_shop[0], "--schema", flat_shop[1])
    assert result.code == 0, result.err
    raw = base64.b64encode(b"\xff\0").decode()
    row = {"id": 7, "items.name": ["x", "ü"], "items.price": [1.5, 0.0],
           "items.tags": [[-1, 2], []], "raw": raw, "kind": 1}  # fmt: skip
    assert [json.loads(line) for line in result.lines] == [row]
    given = ["--schema", flat_shop[1], "--each", "items", "--path", "name", "--message", "Shop"]
    result = cli("columns", flat_shop[0], *given)
    assert [json.loads(line) for line in result.lines] == [{"name": "x"}, {"name": "ü"}]
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "out.parquet"
    result = cli("columns", flat_shop[0], "--schema", flat_shop[1], "--out", target,
                 "--enums", "name")  # fmt: skip
    assert result.code == 0, result.err
    table = parquet.read_table(target)
    assert table.to_pylist()[0]["kind"] == "SALE"
    assert "int16" in str(table.schema.field("items.tags").type)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--path", "itms"], "no field 'itms'; near: 'items'"),
        (["--each", "id"], "must name a vector of tables"),
        (["--message", "Shp"], "no type 'Shp'"),
        (["--framing", "delimited"], "--framing is about records"),
        (["--crc"], "--crc is about records"),
        (["--schema", "gone.fbs"], "gone.fbs"),
    ],
)
def test_mistakes_about_flatbuffers(cli, flat_shop, options, said):
    result = cli("columns", flat_shop[0], "--schema", flat_shop[1], *options)
    assert result.code == 2 and said in result.err and result.err.count("\n") == 1


def test_a_bad_flatbuffer(cli, flat_shop):
    flat_shop[0].write_bytes(flat_shop[0].read_bytes()[:40])
    result = cli("columns", flat_shop[0], "--schema", flat_shop[1])
    assert result.code == 2 and "shop.bin" in result.err and result.err.count("\n") == 1


def test_standard_input(shop, events):
    data = gzip.compress(delimited(event.SerializeToString() for event in events))
    given = ["--schema", shop[0], "--message", "shop.Event", "--framing", "delimited"]
    done = subprocess.run(
        command("columns", "-", *given, "--compression", "gzip", "--path", "id"),
        input=data, capture_output=True, env=environment(), check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 0, -3]


def test_bad_rows(run, stream, tmp_path):
    data = stream.read_bytes() + b"\x02\x12\xff"
    path = tmp_path / "bad.bin"
    path.write_bytes(data)
    target = tmp_path / "out.jsonl"
    result = run("--out", target, path=path)
    assert result.code == 2 and "row 3" in result.err and result.err.count("\n") == 1
    assert not target.exists()
    result = run("--out", target, "--on-error", "null", "--json", path=path)
    assert result.code == 1 and "row 3: user: item runs past" in result.err
    document = json.loads(result.out)
    assert schema.misfits(document, COLUMNS) == []
    assert (document["rows"], document["bad_rows"]) == (4, 1)
    assert document["errors"][0]["row"] == 3 and document["errors"][0]["path"] == "user"
    result = run("--out", target, "--on-error", "drop", path=path)
    assert result.code == 1 and len(target.read_text().splitlines()) == 3
    assert "3 rows, 1 bad row" in result.lines[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--path", "usr"], "user"),
        (["--each", "id"], "must name a repeated message field"),
        (["--out", "out.xlsx"], "the ending must be one of .parquet, .csv"),
        (["--json"], "name a file"),
        (["--message", "shop.Evnt"], "shop.Ev"),
        (["--skip-prefix", "few"], "'few' is no number"),
        (["--crc"], "checksums"),
        (["--batch-rows", "0"], "batch_rows must be 1 or more"),
        (["--schema", "none.proto"], "none.proto"),
        (["--out", "gone/out.csv"], "gone/out.csv"),
    ],
)
def test_mistakes(run, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = run(*options)
    assert result.code == 2 and said in result.err and result.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_about_records_needs_a_schema(cli, tmp_path):
    for options in (["--message", "a.B"], ["--framing", "delimited"], ["--crc"]):
        result = cli("columns", small(tmp_path), *options)
        assert result.code == 2 and f"{options[0]} is about records" in result.err


def test_the_type_must_be_named_where_there_are_several(cli, shop, stream):
    result = cli("columns", stream, "--schema", shop[0])
    assert result.code == 2 and "--message" in result.err and "shop.Event" in result.err


def test_the_reader_goes_away(shop, events, tmp_path):
    path = tmp_path / "many.bin"
    path.write_bytes(delimited([events[0].SerializeToString()] * 20000))
    given = ["--schema", shop[0], "--message", "shop.Event", "--framing", "delimited"]
    process = subprocess.Popen(
        command("columns", path, *given), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(),
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait(60) == 141
    process.stderr.close()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_far_it_is(shop, stream, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "PERIOD", 0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    given = ["--schema", str(shop[0]), "--message", "shop.Event", "--framing", "delimited"]
    out = str(tmp_path / "out.csv")
    assert main(["columns", str(stream), *given, "--out", out, "--batch-rows", "1"]) == 0
    assert "decoding [" in sys.stderr.getvalue() and "100%" in sys.stderr.getvalue()


def test_help(process):
    result = process("columns", "--help")
    assert result.code == 0 and "--framing" in result.out and "PATH/offsets/0" in result.out
    assert "columns" in process("--help").out
