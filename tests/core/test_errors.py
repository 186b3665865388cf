"""The error family: texts, files, pickling, and what each class also is."""

import copy
import pickle
from pathlib import Path

import pytest

from tensorwire import errors

FAMILY = [
    errors.ModelError,
    errors.DecodeError,
    errors.UnsupportedError,
    errors.LimitError,
    errors.LayoutError,
    errors.ContainmentError,
]


@pytest.mark.parametrize("cls", FAMILY)
def test_every_error_is_of_the_family(cls):
    assert issubclass(cls, errors.ModelError)


@pytest.mark.parametrize(
    "cls",
    [errors.DecodeError, errors.LimitError, errors.LayoutError, errors.ContainmentError],
)
def test_bad_values_are_value_errors(cls):
    assert issubclass(cls, ValueError)


def test_unsupported_is_no_value_error():
    assert not issubclass(errors.UnsupportedError, ValueError)


def test_the_warning_is_a_user_warning_and_no_error():
    assert issubclass(errors.TensorwireWarning, UserWarning)
    assert not issubclass(errors.TensorwireWarning, errors.ModelError)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "item runs past its parent at byte 1042 (0x412)"),
        ({"path": "a.b[3]"}, "a.b[3]: item runs past its parent at byte 1042 (0x412)"),
        (
            {"path": "a.b[3]", "file": "m.onnx"},
            "m.onnx: a.b[3]: item runs past its parent at byte 1042 (0x412)",
        ),
        ({"file": Path("m.onnx")}, "m.onnx: item runs past its parent at byte 1042 (0x412)"),
        ({"file": b"m.onnx"}, "m.onnx: item runs past its parent at byte 1042 (0x412)"),
    ],
)
def test_text_of_a_decode_error(arguments, text):
    assert str(errors.DecodeError("item runs past its parent", 1042, **arguments)) == text


def test_offset_zero_is_an_offset():
    assert str(errors.DecodeError("file is empty", 0)) == "file is empty at byte 0 (0x0)"


def test_an_error_without_offset_names_none():
    assert str(errors.LayoutError("split in 3 runs", path="w")) == "w: split in 3 runs"


@pytest.mark.parametrize("name", ["a\nb.onnx", "a\x1b[31m.onnx", b"\xff.onnx"])
def test_an_odd_file_name_stays_on_one_line_and_printable(name):
    text = str(errors.ModelError("odd", file=name))
    assert text.isprintable()
    assert text.startswith("'")
    text.encode()


@pytest.mark.parametrize("cls", FAMILY)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_every_attribute(cls, protocol):
    error = cls("reason", 7, "graph.node[1]", "m.onnx")
    error.extra = ["kept too"]
    back = pickle.loads(pickle.dumps(error, protocol))
    assert type(back) is cls
    assert vars(back) == vars(error)
    assert str(back) == str(error)


def test_copying_keeps_every_attribute():
    error = errors.DecodeError("reason", 7, "a", "f")
    assert vars(copy.deepcopy(error)) == vars(copy.copy(error)) == vars(error)


def test_a_file_attached_later_survives_pickling():
    error = errors.attach_file(errors.DecodeError("reason", 7), "m.onnx")
    assert pickle.loads(pickle.dumps(error)).file == "m.onnx"


def test_attach_file_gives_the_error_back():
    error = errors.LimitError("too much")
    assert errors.attach_file(error, Path("a/b.onnx")) is error
    assert error.file == str(Path("a/b.onnx"))


def test_attach_file_keeps_the_innermost_name():
    error = errors.DecodeError("reason", 0, file="weights.bin")
    errors.attach_file(error, "model.onnx")
    assert error.file == "weights.bin"


def test_attach_file_without_a_name_changes_nothing():
    error = errors.DecodeError("reason", 0)
    assert errors.attach_file(error, None).file is None
