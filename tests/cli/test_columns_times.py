"""``columns`` of timestamps and durations: their units, and how each format has them."""

import csv
import json

import numpy as np
import pytest

from tensorwire import cli, proto

pytest.importorskip("grpc_tools")

PROTO = """
syntax = "proto3";
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
message Event { google.protobuf.Timestamp at = 1; google.protobuf.Duration took = 2; }
"""


@pytest.fixture
def run(tmp_path, capsys):
    schema = tmp_path / "event.proto"
    schema.write_text(PROTO)
    event = proto.Schema.from_proto(schema)["Event"]
    rows = [
        event(at={"seconds": 253402300799, "nanos": 5}, took={"seconds": -1, "nanos": -5 * 10**8}),
        event(took={"nanos": 7}),
    ]
    records = tmp_path / "rows"
    encoded = [row.SerializeToString() for row in rows]
    records.write_bytes(b"".join(bytes([len(one)]) + one for one in encoded))

    def run(*options: object) -> tuple[int, str, str]:
        given = ["columns", records, "--schema", schema, "--framing", "delimited"]
        given += ["--message", "Event", *options]
        code = cli.main(list(map(str, given)))
        return (code, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("unit", "at", "took"),
    [
        ("us", "9999-12-31T23:59:59.000000", ["-1.500000s", "0.000000s"]),
        ("ms", "9999-12-31T23:59:59.000", ["-1.500s", "0.000s"]),
        ("s", "9999-12-31T23:59:59", ["-1s", "0s"]),
    ],
)
def test_units(run, tmp_path, unit, at, took):
    code, out, _ = run("--timestamps", unit)
    assert code == 0
    wanted = [{"at": at, "took": took[0]}, {"at": None, "took": took[1]}]
    assert [json.loads(line) for line in out.splitlines()] == wanted
    assert run("--timestamps", unit, "--out", tmp_path / "t.csv")[0] == 0
    with (tmp_path / "t.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["at", "took"], [at, took[0]], ["", took[1]]]
    assert run("--timestamps", unit, "--out", tmp_path / "t.npz")[0] == 0
    with np.load(tmp_path / "t.npz") as arrays:
        assert arrays["at"][0] == np.datetime64(at, unit).astype(np.int64)
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    assert run("--timestamps", unit, "--out", tmp_path / "t.parquet")[0] == 0
    kind = parquet.read_schema(tmp_path / "t.parquet").field("took").type
    assert str(kind) == f"duration[{unit}]"


def test_a_time_beyond_nanoseconds_says_what_to_pass(run, tmp_path):
    code, _, err = run("--out", tmp_path / "t.csv")
    assert code == 2 and "row 0: a timestamp of 253402300799 s" in err
    assert "pass timestamps='us'" in err and not (tmp_path / "t.csv").exists()
    code, out, _ = run("--path", "took")
    assert code == 0 and json.loads(out.splitlines()[1]) == {"took": "0.000000007s"}
