"""Tensors of every element type and in every place, as LiteRT's classes wrote them."""

import zipfile

import ml_dtypes
import numpy as np
import pytest
from tflite_models import (
    TYPES,
    buffer,
    constants,
    made,
    model,
    one,
    packed,
    schema,
    strings,
    subgraph,
    tensor,
)  # fmt: skip

import tensorwire as tw

WHOLE = {
    "FLOAT32": "float32", "FLOAT16": "float16", "INT32": "int32", "UINT8": "uint8",
    "INT64": "int64", "BOOL": "bool", "INT16": "int16", "COMPLEX64": "complex64", "INT8": "int8",
    "FLOAT64": "float64", "COMPLEX128": "complex128", "UINT64": "uint64", "UINT32": "uint32",
    "UINT16": "uint16", "BFLOAT16": "bfloat16", "FLOAT8_E4M3FN": "float8_e4m3fn",
    "FLOAT8_E5M2": "float8_e5m2",
}  # fmt: skip
NARROW = {"INT4": 4, "UINT4": 4, "INT2": 2}
NO_NUMBERS = {"STRING", "RESOURCE", "VARIANT"}


def test_no_element_type_is_left_out():
    assert TYPES.keys() == WHOLE.keys() | NARROW.keys() | NO_NUMBERS


def interpreted(data, index=0):
    """What LiteRT's interpreter makes of a constant."""
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    return interpreter.Interpreter(model_content=data).get_tensor(index)


@pytest.mark.parametrize("kind", WHOLE)
def test_numbers_of_whole_bytes(kind):
    name = WHOLE[kind]
    dtype = np.dtype(getattr(ml_dtypes, name, name))
    array = np.arange(6).reshape(2, 3).astype(dtype)
    data = one(array.tobytes(), kind, (2, 3))
    found = tw.from_buffer(data)
    assert found.tensors["t0"].dtype == name and found["t0"].dtype == dtype
    assert found["t0"].tobytes() == array.tobytes() and found["t0"].shape == (2, 3)
    assert np.array_equal(found.tensors["t0"].numpy(), found["t0"])
    if name not in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):  # which it does not hand out
        assert np.array_equal(interpreted(data), array)


@pytest.mark.parametrize("kind", NARROW)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9])
def test_numbers_narrower_than_a_byte_have_the_first_lowest(kind, count):
    bits = NARROW[kind]
    codes = [(3 * i + 1) % (1 << bits) for i in range(count)]
    whole = sum(code << bits * i for i, code in enumerate(codes))
    stored = whole.to_bytes((count * bits + 7) // 8, "little")
    found = tw.from_buffer(one(stored, kind, (count,)))["t0"]
    wanted = [c - (1 << bits) if kind[0] == "I" and c >> (bits - 1) else c for c in codes]
    assert found.astype(int).tolist() == wanted and str(found.dtype) == kind.lower()
    if kind == "INT4":
        assert interpreted(one(stored, kind, (count,))).tolist() == wanted


def test_strings():
    values = [b"ab", b"", b"c\0d", "\u00e9".encode(), b"\xff"]
    found = tw.from_buffer(one(strings(*values), "STRING", (5,))).tensors["t0"]
    assert found.dtype == "string" and found.strings == values
    assert found.numpy().tolist() == [v.decode("utf-8", "surrogateescape") for v in values]
    assert interpreted(one(strings(*values), "STRING", (5,))).tolist() == values
    assert tw.from_buffer(one(strings(), "STRING", (0,))).tensors["t0"].strings == []
    assert tw.from_buffer(one(b"", "STRING", (0,))).tensors["t0"].strings == []
    scalar = tw.from_buffer(one(strings(b"x"), "STRING", ())).tensors["t0"]
    assert scalar.shape == () and scalar.numpy()[()] == "x"


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (b"\1", "strings in a buffer of 1 bytes"),
        (np.array([-1, 8], "<i4").tobytes(), "-1 strings"),
        (np.array([2**31 - 1, 8], "<i4").tobytes(), "2147483647 strings"),
        (np.array([1, 8, 9], "<i4").tobytes(), "string 0 goes from byte 8 to 9 of 12"),
        (np.array([1, 12, 13], "<i4").tobytes(), "string 0 goes from byte 12 to 13 of 12"),
        (np.array([2, 16, 15, 16], "<i4").tobytes(), "string 0 goes from byte 16 to 15"),
        (np.array([1, -4, 12], "<i4").tobytes(), "string 0 goes from byte -4"),
    ],
)
def test_buffers_that_hold_no_strings(stored, reason):
    found = tw.from_buffer(one(stored, "STRING", (1,))).tensors["t0"]
    with pytest.raises(tw.DecodeError, match=reason) as caught:
        found.numpy()
    assert caught.value.path == "buffers[1].data" and caught.value.offset >= found.offset


def test_strings_of_another_number_than_the_shape():
    found = tw.from_buffer(one(strings(b"a"), "STRING", (2,))).tensors["t0"]
    with pytest.raises(tw.ModelError, match="1 strings stored, but the shape has 2"):
        found.numpy()


@pytest.mark.parametrize("kind", ["RESOURCE", "VARIANT", 100])
def test_types_without_elements_are_listed_and_not_read(kind):
    found = tw.from_buffer(one(bytes(4), kind, (1,))).tensors["t0"]
    assert str(found.dtype) == (kind.lower() if isinstance(kind, str) else "tflite:100")
    with pytest.raises(tw.UnsupportedError, match="not read by this version"):
        found.numpy()
    with pytest.raises(tw.UnsupportedError):
        tw.from_buffer(one(bytes(4), kind, (1,)))["t0"]


def test_shared_buffers_and_those_without_bytes():
    tensors = [
        tensor("a", (2,), "UINT8", 1), tensor("b", (2, 1), "UINT8", 1),
        tensor("act", (2,), buffer=2), tensor("none", (2,)), tensor("empty", (0, 3), "INT32", 3),
        tensor("scalar", (), "UINT8", 4), tensor("zero", (2,), "UINT8", 3),
    ]  # fmt: skip
    buffers = [buffer(b"\1\2"), buffer(), buffer(b""), buffer(b"\7")]
    data = packed(model([subgraph(tensors)], buffers))
    found = tw.from_buffer(data)
    assert list(found) == ["a", "b", "empty", "scalar"]
    assert found["a"].tolist() == [1, 2] and found["b"].tolist() == [[1], [2]]
    assert np.shares_memory(found["a"], found["b"])
    assert found["empty"].shape == (0, 3) and found["scalar"] == 7


def test_a_shape_that_is_not_there_is_that_of_a_scalar():
    data = packed(model([subgraph([tensor("s", None, "UINT8", 1)])], [buffer(b"\5")]))
    assert tw.from_buffer(data)["s"].shape == ()


def appended(*datas, placeholder=False, **fields):
    """A model whose buffers lie behind the FlatBuffer, from a multiple of 16 on."""
    places = [(1, 1)] * len(datas)
    while True:
        tensors = [tensor(f"t{i}", (len(d),), "UINT8", i + 1) for i, d in enumerate(datas)]
        buffers = [buffer(offset=offset, size=size) for offset, size in places]
        front = packed(model([subgraph(tensors)], buffers, **fields))
        at, found = -(-len(front) // 16) * 16, []
        for data in datas:
            found.append((at, len(data)))
            at += -(-len(data) // 16) * 16
        if placeholder:
            return front
        if found == places:
            break
        places = found
    whole = bytearray(front)
    for (at, _), data in zip(places, datas, strict=True):
        whole[len(whole) :] = bytes(max(at - len(whole), 0))
        whole[at:] = data
    return bytes(whole)


def test_buffers_behind_the_flatbuffer():
    data = appended(b"abc", b"", bytes(range(100)))
    found = tw.from_buffer(data)
    assert list(found) == ["t0", "t1", "t2"] and found["t1"].shape == (0,)
    assert found["t0"].tobytes() == b"abc" and found["t2"].tolist() == list(range(100))
    assert interpreted(data).tobytes() == b"abc" and found.tensors["t0"].offset % 16 == 0
    assert tw.from_buffer(appended(b"abc", placeholder=True)).tensors.keys() == set()


@pytest.mark.parametrize(
    ("offset", "size"),
    [(2**64 - 1, 1), (2**64 - 8, 16), (2**63, 2**63), (10**6, 1), (64, 10**6), (64, 2**64 - 64)],
)
def test_offsets_and_sizes_that_leave_the_file(offset, size):
    data = packed(
        model([subgraph([tensor("t", (1,), "UINT8", 1)])], [buffer(offset=offset, size=size)])
    )
    found = tw.from_buffer(data)
    assert list(found) == ["t"] and not found.tensors["t"].available
    with pytest.raises(tw.DecodeError, match=f"{size} bytes in a file of {len(data)}") as caught:
        found["t"]
    assert (caught.value.offset, caught.value.path) == (offset, "buffers[1].offset")


def test_inline_bytes_win_over_an_offset():
    held = buffer(b"in", offset=40, size=4)
    data = packed(model([subgraph([tensor("t", (2,), "UINT8", 1)])], [held]))
    assert tw.from_buffer(data)["t"].tobytes() == b"in"


def test_offsets_beyond_four_gigabytes(tmp_path):
    """In a file of holes, which take no space."""
    at = 5 << 30
    data = packed(model([subgraph([tensor("t", (4,), "UINT8", 1)])], [buffer(offset=at, size=4)]))
    path = tmp_path / "large.tflite"
    with path.open("wb") as file:
        file.write(data)
        file.seek(at)
        file.write(b"last")
    with tw.open(path) as found:
        assert found["t"].tobytes() == b"last" and found.tensors["t"].offset == at
        assert found.info["mode"] == "map"
    assert tw.validate(path)


def external(folder, name="weights.bin", content=bytes(range(16)), id=1 << 31, **fields):
    """A model of one constant ``t`` of 4 bytes in another file, from byte 4 on."""
    if content is not None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    fields = {"id": id, "group": 0, "offset": 4, "length": 4, "packing": "unpacked"} | fields
    held = tensor("t", (4,), "UINT8", externalBuffer=fields["id"])
    data = packed(
        model(
            [subgraph([held])],
            externalBufferGroups=[made("ExternalBufferGroup", name=name)],
            externalBuffers=[made("ExternalBuffer", **fields)],
        )
    )
    path = folder / "model.tflite"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["weights.bin", "sub/weights.bin"])
def test_external_buffers(tmp_path, name):
    path = external(tmp_path, name)
    with tw.open(path) as found:
        assert found["t"].tolist() == [4, 5, 6, 7] and found.tensors["t"].available
        assert found.tensors["t"].file == str(tmp_path / name) and found.tensors["t"].offset == 4
        assert found.files == [path, tmp_path / name]
        with pytest.raises(tw.UnsupportedError, match="models of several files are not saved"):
            found.save(tmp_path / "copy.tflite")
    assert tw.validate(path)


def test_an_external_file_that_is_not_there(tmp_path):
    path = external(tmp_path, content=None)
    with tw.open(path) as found:
        assert found.tensors["t"].shape == (4,) and not found.tensors["t"].available
        with pytest.raises(FileNotFoundError):
            found["t"]
    assert [finding.kind for finding in tw.validate(path)] == ["file"]


@pytest.mark.parametrize("name", ["../weights.bin", "/etc/hostname", "a/../../b", "", "a\0b"])
def test_external_files_outside_of_the_folder_are_refused(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "weights.bin").write_bytes(bytes(16))
    path = external(inner, name, content=None)
    with tw.open(path) as found:
        assert not found.tensors["t"].available and found.files == [path]
        with pytest.raises(tw.ContainmentError):
            found["t"]
    assert [finding.kind for finding in tw.validate(path)] == ["containment"]


@pytest.mark.parametrize(
    ("fields", "error", "reason"),
    [
        ({"offset": 14}, tw.DecodeError, "4 bytes declared, 2 left in a file of 16"),
        ({"offset": 2**64 - 1}, tw.DecodeError, "begins after the end of a file of 16"),
        ({"length": 2**64 - 1}, tw.DecodeError, "18446744073709551615 bytes declared"),
        ({"length": 3}, tw.DecodeError, "3 bytes stored, but 4 elements"),
        ({"group": 7}, tw.ModelError, "group 7 of 1"),
        ({"packing": "blocked"}, tw.UnsupportedError, "not known: 'blocked'"),
    ],
)
def test_external_buffers_that_cannot_be_read(tmp_path, fields, error, reason):
    path = external(tmp_path, **fields)
    with tw.open(path) as found, pytest.raises(error, match=reason):
        found["t"]
    assert not tw.validate(path)


def test_an_external_buffer_that_is_not_declared():
    held = tensor("t", (4,), "UINT8", externalBuffer=9)
    found = tw.from_buffer(packed(model([subgraph([held])])))
    with pytest.raises(tw.ModelError, match="external buffer 0x9 is not among 0"):
        found["t"]


def test_names_are_made_unique():
    held = [tensor(name, (1,), "UINT8", 1) for name in ("a", "a", None, "", "b", "a#1", "sub/b")]
    inner = [tensor(name, (1,), "UINT8", 1) for name in ("b", "c", "c")]
    graphs = [subgraph(held), subgraph(inner, name="sub"), subgraph(inner[:1], name="sub")]
    graphs.append(subgraph(inner[:1], name=None))
    found = tw.from_buffer(packed(model(graphs, [buffer(b"\1")])))
    assert list(found) == [
        "a#0", "a#1#1", "#2", "#3", "b", "a#1", "sub/b",
        "sub#1/b", "sub#1/c#1", "sub#1/c#2", "sub#2/b", "subgraph[3]/b",
    ]  # fmt: skip
    assert {t.scope for t in found.tensors.values()} == {"", "sub#1", "sub#2", "subgraph[3]"}
    assert [t.name for t in found.graph.initializers][:3] == ["a#0", "a#1#1", "#2"]


def test_bytes_behind_the_model(tmp_path):
    path = tmp_path / "m.tflite"
    path.write_bytes(constants(b"\1\2", kind="UINT8"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.txt", "a\nb\n")
        archive.writestr("sub/vocab.txt", "c" * 1000)
    with tw.open(path) as found:
        assert found.format == "tflite" and found["t0"].tolist() == [1, 2]
        assert found.info["associated_files"] == {"labels.txt": 4, "sub/vocab.txt": 1000}
    path.write_bytes(path.read_bytes()[:-30])
    with tw.open(path) as found:
        assert found["t0"].tolist() == [1, 2] and found.info["associated_files"] == {}


def test_arrays_lie_on_the_file(tmp_path):
    path = tmp_path / "m.tflite"
    path.write_bytes(one(np.arange(50_000, dtype="f4").tobytes(), shape=(50_000,)))
    with tw.open(path, mode="map") as found:
        array, described = found["t0"], found.tensors["t0"]
    assert array.sum() == np.arange(50_000, dtype="f4").sum()
    assert np.shares_memory(array, described.numpy(copy=False))
    assert described.aligned == (described.offset % 4 == 0)
    assert schema.Model.GetRootAs(path.read_bytes(), 0).BuffersLength() == 2
