"""Which files are ONNX, whatever they are called, and what others are told to be."""

import gzip
import io
import json
import pickle
import zipfile

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import model, numpy_helper, onnx, saved, values  # noqa: E402

import tensorwire as tw  # noqa: E402

W = numpy_helper.from_array(values(), "w")
DATA = model([("w", values())]).SerializeToString()


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.pkl", b"x")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["m.onnx", "m.bin", "m", "M.ONNX", "m.pt"])
def test_models_by_their_bytes(tmp_path, name):
    path = saved(tmp_path, [("w", values())], name=name)
    assert tw.identify(path) == "onnx" == tw.open(path).format
    with path.open("rb") as file:
        assert tw.identify(file) == "onnx"
    assert tw.open(io.BytesIO(DATA)).format == "onnx"


def test_a_tensor_file(tmp_path):
    path = tmp_path / "input_0.pb"
    path.write_bytes(W.SerializeToString())
    found = tw.open(path)
    assert tw.identify(path) == "onnx" and list(found) == ["w"] and found.graph is None
    assert np.array_equal(found["w"], values()) and found.info["message"] == "TensorProto"
    unnamed = numpy_helper.from_array(values())
    assert list(tw.from_buffer(unnamed.SerializeToString())) == ["tensor"]


def test_sequences_optionals_and_maps():
    arrays = [values((2,)), values((3,))]
    sequence = numpy_helper.from_list(arrays, "s")
    found = tw.from_buffer(sequence.SerializeToString())
    assert list(found) == ["0", "1"] and found["1"].shape == (3,)
    optional = onnx.OptionalProto(name="o")
    optional.elem_type = onnx.OptionalProto.SEQUENCE
    optional.sequence_value.CopyFrom(sequence)
    assert list(tw.from_buffer(optional.SerializeToString())) == ["0.0", "0.1"]
    held = numpy_helper.from_list([values((1,)), values((2,))])
    mapping = onnx.MapProto(string_keys=[b"a", b"b"], values=held)
    several = onnx.SequenceProto(elem_type=onnx.SequenceProto.MAP, map_values=[mapping])
    found = tw.from_buffer(several.SerializeToString())
    assert list(found) == ["0.a", "0.b"] and found["0.b"].shape == (2,)
    nothing = onnx.OptionalProto(name="o", elem_type=0)
    assert len(tw.from_buffer(nothing.SerializeToString())) == 0


TEXT = "ir_version: 8\ngraph {\n}\n"
OTHERS = {
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", "git lfs pull"),
    "zip": (zipped(), "zip archive"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(20), "HDF5"),
    "gguf": (b"GGUF\x03\0\0\0", "GGUF"),
    "npy": (b"\x93NUMPY\x01\0", "NumPy"),
    "gzip": (gzip.compress(DATA), "gzip"),
    "pickle": (pickle.dumps([1, 2]), "pickle"),
    "html": (b"\n<!DOCTYPE html>\n<html>", "HTML page"),
    "xml": (b"<?xml version='1.0'?>", "XML"),
    "safetensors": (b"\x02" + bytes(7) + b"{}", "safetensors"),
    "textproto": (TEXT.encode(), "text form"),
    "onnxtxt": (b"<\n   ir_version: 8\n>\nagraph () {}", "onnxtxt"),
    "onnx json": (json.dumps({"irVersion": "8", "graph": {}}).encode(), "JSON form"),
    "json": (b'{"a": 1}', "JSON document"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("suffix", [".onnx", ".bin"])
def test_other_files_are_named(tmp_path, name, suffix):
    data, words = OTHERS[name]
    path = tmp_path / f"m{suffix}"
    path.write_bytes(data)
    assert tw.identify(path) is None
    with pytest.raises(tw.UnsupportedError, match=words) as caught:
        tw.open(path)
    assert caught.value.file == str(path)


def test_a_file_about_which_nothing_is_known(tmp_path):
    path = tmp_path / "m.bin"
    path.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(tw.UnsupportedError, match="3 bytes that begin with ff fe fd"):
        tw.open(path)


def test_the_suffix_decides_where_bytes_do_not(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(tw.DecodeError) as caught:
        tw.open(path)
    assert caught.value.file == str(path)
    path.write_bytes(onnx.ModelProto(producer_name="p").SerializeToString())
    assert tw.identify(path) is None and tw.open(path).info["producer_name"] == "p"


def test_empty_files(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"")
    assert tw.identify(path) is None
    with pytest.raises(tw.DecodeError, match="empty"):
        tw.open(path)
    with pytest.raises(tw.UnsupportedError, match="empty"):
        tw.from_buffer(b"")


def test_a_format_can_be_named():
    assert tw.from_buffer(b"", format="onnx").info["ir_version"] == 0
    with pytest.raises(ValueError, match=r"no format 'nonsense'; there are: .*onnx"):
        tw.from_buffer(DATA, format="nonsense")


def test_other_protobuf_formats_are_left_alone(samples):
    for path in sorted(samples.parent.rglob("*")):
        if path.is_file() and "onnx" not in path.parts[-3:]:
            assert tw.identify(path) != "onnx", path
