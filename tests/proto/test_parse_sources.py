"""What ``proto.parse`` reads: buffers, copied or borrowed, and files, mapped."""

import array

import numpy as np
import pytest

import tensorwire as tw
from tensorwire import proto
from tensorwire._core.source import Source

from . import schemas

All = schemas.PROTO2.ours["All"]
DATA = All(s_int32=5, s_bytes=b"payload").SerializeToString()


@pytest.mark.parametrize(
    "make",
    [bytes, bytearray, memoryview, Source, lambda data: array.array("B", data),
     lambda data: np.frombuffer(data, "u1")],
    ids=["bytes", "bytearray", "memoryview", "Source", "array", "ndarray"],
)  # fmt: skip
@pytest.mark.parametrize("borrow", [False, True])
def test_any_buffer(make, borrow):
    message = proto.parse(All, make(DATA), borrow=borrow)
    assert (message.s_int32, message.s_bytes) == (5, b"payload")


def test_a_buffer_is_copied_unless_it_is_borrowed():
    buffer = bytearray(DATA)
    copied, borrowed = proto.parse(All, buffer), proto.parse(All, buffer, borrow=True)
    buffer[-1] = ord("X")
    assert (copied.s_bytes, borrowed.s_bytes) == (b"payload", b"payloaX")
    with pytest.raises(BufferError):
        buffer.clear()  # lent for as long as the message lives
    del borrowed
    buffer.clear()
    assert copied.s_bytes == b"payload"


def test_a_range_of_a_buffer():
    message = proto.parse(All, b"\xff" + DATA + b"\xff", 1, 1 + len(DATA))
    assert message.s_int32 == 5
    with pytest.raises(ValueError, match="range"):
        proto.parse(All, DATA, 5, 1)


@pytest.mark.parametrize("size", [7, 1 << 20])
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_a_file(tmp_path, size, kind):
    path = tmp_path / "message.bin"
    path.write_bytes(All(s_bytes=b"x" * size).SerializeToString())
    message = proto.parse(All, kind(path))
    path.unlink()
    assert message.s_bytes == b"x" * size
    assert isinstance(proto.view(message, "s_bytes"), memoryview)
    source = proto.run(message, "s_bytes")[0]
    assert source.mode == ("read" if size < 1000 else "map")


def test_an_empty_file_is_an_empty_message(tmp_path):
    (tmp_path / "empty").touch()
    message = proto.parse(All, tmp_path / "empty")
    assert message == All()
    message.s_int32 = 3
    assert message.SerializeToString() == All(s_int32=3).SerializeToString()


def test_what_is_no_source(tmp_path):
    for wrong in (None, 5, [1], object()):
        with pytest.raises(TypeError):
            proto.parse(All, wrong)
    with pytest.raises(FileNotFoundError):
        proto.parse(All, tmp_path / "nowhere")
    with pytest.raises(tw.DecodeError):
        proto.parse(All, b"\xff")


@pytest.mark.parametrize("start", range(9))
def test_a_memoryview_reads_numbers_at_any_place(start):
    """NumPy calls what is not aligned ``=I``, of which a memoryview reads no elements."""
    data = bytes(start) + schemas.PROTO2.ours["All"](p_fixed32=[1, 2, 3]).SerializeToString()
    window = memoryview(proto.parse(All, data, start).p_fixed32)
    assert (window.format, window.tolist(), window.readonly) == ("I", [1, 2, 3], True)
    doubles = memoryview(proto.parse(All, bytes(start) + All(p_double=[0.5, 2]).SerializeToString(),
                                     start).p_double)  # fmt: skip
    assert (doubles.format, doubles.tolist()) == ("d", [0.5, 2.0])
    assert np.asarray(doubles).tolist() == [0.5, 2.0]
