"""User stories of columns: records in, table out; a decoder that travels."""

import asyncio
import multiprocessing
import struct

import onnx
import pytest
from onnx import helper

import tensorwire as tw
from proto.generated import EVENT, run_program, write_module
from tensorwire import proto

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def Event():  # noqa: N802  a class
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

    file = text_format.Parse(EVENT, descriptor_pb2.FileDescriptorProto())
    file.syntax = "proto3"  # whose strings are text in Arrow
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Event"))


@pytest.fixture
def path(tmp_path):
    nodes = [helper.make_node("MatMul", ["a", "w"], ["p"]), helper.make_node("Relu", ["p"], ["c"])]
    graph = helper.make_graph(nodes, "two nodes", [], [])
    onnx.save(helper.make_model(graph), tmp_path / "model.onnx")
    return tmp_path / "model.onnx"


def test_records_in_table_out_no_glue_bad_rows_set_aside(Event, path):  # noqa: N803
    rows = pl.Series([Event(id=1).SerializeToString(), b"\xff", None])
    c = proto.decode_batch(rows, Event, ["id", "user.name"], on_error="null", threads=2)
    df = pl.DataFrame(c)
    assert df.columns == ["id", "user.name"] and df["id"].to_list() == [1, None, None]
    assert [e.row for e in c.errors] == [1] and c.errors[0].offset == 0
    assert duckdb.sql("select count(id) from c").fetchall() == [(1,)]
    assert proto.decode_batch(rows[:1], Event)["id"].values[0] == 1  # all fields
    nodes = pl.DataFrame(proto.columns(tw.open(path).root, ["op_type", "input"], each="graph.node"))
    assert nodes["op_type"].to_list() == [b"MatMul", b"Relu"]  # proto2 promises no UTF-8
    nodes = pl.DataFrame(
        proto.columns(
            tw.open(path).root, ["op_type", "input"], each="graph.node", utf8="check"
        )
    )
    assert nodes["op_type"].to_list() == ["MatMul", "Relu"]
    assert nodes["input"].to_list() == [["a", "w"], ["p"]]


def crc(data: bytes) -> int:
    """TFRecord's masked crc32c, bit by bit."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def framed(record: bytes) -> bytes:
    length = struct.pack("<Q", len(record))
    masks = struct.pack("<I", crc(length)), struct.pack("<I", crc(record))
    return length + masks[0] + record + masks[1]


def test_a_decoder_travels(Event, path, tmp_path, monkeypatch):  # noqa: N803
    record = Event(id=7, user={"name": "a"}).SerializeToString()
    dec = proto.Decoder(Event, ["id", "user.name"], arrow="spark")
    assert pa.schema(dec.arrow_schema).field("user.name").type == pa.string()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert all(len(c) == 100 for c in pool.map(dec, [[record] * 100] * 4))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.tfrecord").write_bytes(framed(record) * 1000)
    for batch_rows in (65536, 300):
        total = sum(
            len(c)
            for c in proto.scan(
                "events.tfrecord", Event, ["id"], framing="tfrecord", batch_rows=batch_rows
            )
        )
        assert total == 1000

    async def opened():
        return await asyncio.to_thread(tw.open, path)

    assert asyncio.run(opened()).format == "onnx"


def test_a_decoder_of_a_generated_class_travels(tmp_path):
    """A class of a module that protoc wrote, as users have it."""
    write_module(tmp_path, EVENT)
    run_program(tmp_path, """
        import pickle
        import event_pb2
        from tensorwire import proto

        decoder = proto.Decoder(event_pb2.Event, ["id", "user.name", "tags"])
        record = event_pb2.Event(id=7, user={"name": "a"}, tags=["x", "y"]).SerializeToString()
        open("decoder", "wb").write(pickle.dumps((decoder, [record, None])))
    """)  # fmt: skip
    run_program(tmp_path, """
        import pickle, sys
        decoder, records = pickle.loads(open("decoder", "rb").read())
        columns = decoder(records)
        assert columns["id"].to_pylist() == [7, None]
        assert columns["user.name"].to_pylist() == ["a", None]
        assert columns["tags"].to_pylist() == [["x", "y"], None]
        assert "event_pb2" not in sys.modules and "google.protobuf" not in sys.modules
    """)  # fmt: skip
