"""Calls that are wrong say what is right, before anything is read."""

import io

import numpy as np
import pytest

from proto import schemas
from tensorwire import proto
from tensorwire.columns import ArrowOptions

All = schemas.PROTO2.theirs["All"]
ROWS = [All(s_int32=i).SerializeToString() for i in range(3)]
PATHS = ["s_int32"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (lambda: proto.decode_batch(PATHS, All, ROWS), r"decode_batch\(records, cls, paths\)"),
        (lambda: proto.decode_batch(ROWS, All, 1), r"decode_batch\(records, cls, paths\)"),
        (lambda: proto.decode_batch(ROWS, All, ROWS[0]), r"decode_batch\(records, cls, paths\)"),
        (lambda: proto.Decoder(All, ROWS), r"Decoder\(cls, paths\)\(records\)"),
        (lambda: proto.columns(ROWS[0], All), r"columns\(message, paths\).*decode_batch\(records"),
        (lambda: proto.scan("f", PATHS, All, framing=None), r"scan\(path, cls, paths\)"),
        (lambda: proto.scan(All, "f", PATHS, framing=None), r"scan\(path, cls, paths\)"),
        (lambda: proto.encode_batch({"s_int32": [1]}, PATHS, All), r"encode_batch\(columns, cls"),
        (lambda: proto.encode_batch({"s_int32": [1]}, All, 1), r"encode_batch\(columns, cls"),
    ],
)
def test_a_wrong_order_shows_the_right_call(wrong, right):
    with pytest.raises(TypeError, match=f"call .*{right}"):
        wrong()


def test_options_of_arrow_go_with_an_options_object():
    spark = ArrowOptions.of("spark")
    decoder = proto.Decoder(All, PATHS, arrow=spark, strings="large_string")
    assert decoder.arrow == ArrowOptions.of("spark", strings="large_string")
    with pytest.raises(TypeError, match="no option 'string'"):
        proto.Decoder(All, PATHS, arrow=spark, string="view")


@pytest.mark.parametrize("prefix", ["5", 1.0, True, -1])
def test_prefixes_that_are_no_number_of_bytes(prefix):
    with pytest.raises((TypeError, ValueError), match="skip_prefix must be"):
        proto.decode_batch(ROWS, All, PATHS, skip_prefix=prefix)


@pytest.mark.parametrize(
    "records",
    [
        [np.float64(1.5)],
        [np.arange(3)],
        np.array([1.5, 2.5]),
        (np.array([0, len(ROWS[0])]), ROWS[0]),  # offsets come second
    ],
)
def test_numbers_are_no_records(records):
    with pytest.raises(TypeError, match=r"record 0 is .* of numbers, not bytes"):
        proto.decode_batch(records, All, PATHS)


def test_files_are_for_scan(tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(b"\n".join(ROWS))
    with path.open("rb") as file:
        for given in (path, file, io.BytesIO(b"")):
            with pytest.raises(TypeError, match=r"files are read by scan\(path, cls, paths\)"):
                proto.decode_batch(given, All, PATHS)


def test_bytes_of_a_subclass_and_rows_of_an_array_are_records():
    class Blob(bytes):
        __slots__ = ()

    listed = proto.decode_batch([Blob(ROWS[1]), np.bytes_(ROWS[2])], All, PATHS)
    assert listed["s_int32"].to_pylist() == [1, 2]
    table = np.array([list(row) for row in ROWS[1:]], np.uint8)
    assert proto.decode_batch(table, All, PATHS)["s_int32"].to_pylist() == [1, 2]


@pytest.mark.parametrize("world", [schemas.PROTO2, schemas.PROTO3])
def test_a_oneof_is_no_path_but_its_fields_are(world):
    for cls in (world.theirs["All"], world.ours["All"]):
        (oneof,) = [one for one in cls.DESCRIPTOR.oneofs if len(one.fields) > 1]
        names = ", ".join(repr(field.name) for field in oneof.fields)
        with pytest.raises(KeyError, match=f"'{oneof.name}' is a oneof; its fields are {names}"):
            proto.Decoder(cls, [oneof.name])


def test_a_type_that_a_schema_lacks_is_named_with_near_ones():
    schema = proto.tf.schema()
    with pytest.raises(KeyError, match=r"no message type 'tensorflow.Exmple'; near: 'tensorflow.E"):
        schema["tensorflow.Exmple"]


@pytest.mark.parametrize("wrong", [np.array([0, 2], "u8"), np.array([0.0, 2]), np.array([[0, 2]])])
def test_offsets_of_another_kind(wrong):
    for read in (
        lambda pair: proto.decode_batch(pair, All, PATHS),
        lambda pair: proto.tf.decode_proto(pair, All, PATHS, ["int32"]),
    ):
        with pytest.raises(TypeError, match=r"offsets (must be|has one)"):
            read((ROWS[1], wrong))
        with pytest.raises(TypeError, match="record 0 is"):
            read((np.array([None, 1]), ROWS[1]))
