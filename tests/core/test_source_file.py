"""Source.map and Source.read: names, refusals, descriptors, what they hold."""

import contextlib
import os
import signal
import stat
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from tensorwire._core.source import Source
from tensorwire.errors import DecodeError, ModelError, UnsupportedError

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc/self")


@contextlib.contextmanager
def as_nobody():
    """Root may read every file: for a while, be somebody else."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@contextlib.contextmanager
def within_seconds(seconds):
    """Ends a call that waits for something that never comes."""

    def give_up(number, frame):
        raise TimeoutError(f"still waiting after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def open_descriptors():
    return len(os.listdir("/proc/self/fd"))


def test_a_file_as_a_source(path, mode, content):
    source = getattr(Source, mode)(path)
    assert bytes(source) == content
    assert (source.size, source.mode, source.path) == (len(content), mode, str(path))
    assert repr(source) == f"<Source: {mode} of {str(path)!r}, {len(content)} bytes>"


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_names_of_every_kind(path, mode, kind, content):
    assert bytes(getattr(Source, mode)(kind(path))) == content


def test_names_beyond_ascii(tmp_path, mode):
    file = tmp_path / "modèle-模型-🙂.onnx"
    file.write_bytes(b"abc")
    source = getattr(Source, mode)(file)
    assert bytes(source) == b"abc"
    assert source.path == str(file)


@LINUX
def test_a_name_that_is_not_utf8(tmp_path, mode):
    name = os.fsencode(tmp_path) + b"/\xff\xfe.bin"
    Path(os.fsdecode(name)).write_bytes(b"abc")
    source = getattr(Source, mode)(name)
    assert bytes(source) == b"abc"
    assert os.fsencode(source.path) == name


def test_a_relative_name_is_compared_wherever_we_are_later(path, mode, monkeypatch):
    monkeypatch.chdir(path.parent)
    source = getattr(Source, mode)(path.name)
    monkeypatch.chdir(path.parent.parent)
    assert (source.path, source.absolute_path) == (path.name, str(path))
    assert source.check_unchanged() is True


def test_an_empty_file_is_a_source(tmp_path, mode):
    file = tmp_path / "empty"
    file.touch()
    source = getattr(Source, mode)(file)
    assert (source.size, bytes(source), source.mode) == (0, b"", mode)
    assert source.check_unchanged() is True


@pytest.mark.parametrize("name", [None, 3, 2.5])
def test_what_is_no_name_is_refused(mode, name):
    with pytest.raises(TypeError):
        getattr(Source, mode)(name)


def test_a_name_with_nul_is_refused(mode):
    with pytest.raises(ValueError, match="null"):
        getattr(Source, mode)("a\0b")


def test_errors_of_the_system_name_the_file(tmp_path, mode):
    with pytest.raises(FileNotFoundError) as caught:
        getattr(Source, mode)(tmp_path / "none")
    assert os.fspath(caught.value.filename) == str(tmp_path / "none")
    with pytest.raises(IsADirectoryError) as caught:
        getattr(Source, mode)(tmp_path)
    assert os.fspath(caught.value.filename) == str(tmp_path)


@POSIX
def test_a_file_without_permission(tmp_path, mode, path):
    path.chmod(0)
    with as_nobody(), pytest.raises(PermissionError) as caught:
        getattr(Source, mode)(path)
    assert os.fspath(caught.value.filename) == str(path)


@POSIX
def test_a_fifo_is_refused_without_waiting(tmp_path, mode):
    os.mkfifo(tmp_path / "fifo")
    refused = pytest.raises(UnsupportedError, match="a FIFO, not a regular file")
    with within_seconds(10), refused as caught:
        getattr(Source, mode)(tmp_path / "fifo")
    assert caught.value.file == str(tmp_path / "fifo")


@POSIX
@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(mode, name):
    with pytest.raises(UnsupportedError, match="a character device, not a regular file"):
        getattr(Source, mode)(name)


@LINUX
def test_no_descriptor_stays_open(path, tmp_path, mode):
    before = open_descriptors()
    sources = [getattr(Source, mode)(path) for _ in range(50)]
    assert open_descriptors() == before
    for name in ("none", ".", "/dev/null"):
        with pytest.raises((OSError, UnsupportedError)):
            getattr(Source, mode)(tmp_path / name)
    assert open_descriptors() == before
    assert len(sources) == 50


def test_a_given_descriptor_stays_open(path, mode, content):
    with path.open("rb") as file:
        source = getattr(Source, mode)(None, descriptor=file.fileno())
        assert file.read() == content
    assert bytes(source) == content
    assert source.path is None
    with pytest.raises(ModelError, match="opened without a name"):
        source.check_unchanged()


def test_a_closed_descriptor_is_a_system_error(path, mode):
    descriptor = os.open(path, os.O_RDONLY)
    os.close(descriptor)
    with pytest.raises(OSError, match="descriptor"):
        getattr(Source, mode)(path, descriptor=descriptor)


def test_bytes_read_are_aligned_to_64(path):
    sources = [Source.read(path) for _ in range(20)]
    assert {np.frombuffer(s, np.uint8).__array_interface__["data"][0] % 64 for s in sources} == {0}


def pretend_size(monkeypatch, size):
    status = types.SimpleNamespace(
        st_mode=stat.S_IFREG, st_dev=1, st_ino=2, st_size=size, st_mtime_ns=3
    )
    monkeypatch.setattr(os, "fstat", lambda descriptor: status)


def test_a_file_that_shrinks_while_it_is_read_is_a_decode_error(path, content, monkeypatch):
    pretend_size(monkeypatch, len(content) + 10)
    with pytest.raises(DecodeError, match="shrank from 16394 to 16384 bytes") as caught:
        Source.read(path)
    assert (caught.value.offset, caught.value.file) == (len(content), str(path))


def test_a_file_that_grows_while_it_is_read_ends_where_it_did(path, content, monkeypatch):
    pretend_size(monkeypatch, 100)
    assert bytes(Source.read(path)) == content[:100]


def test_a_size_beyond_the_address_space_is_refused(path, mode, monkeypatch):
    pretend_size(monkeypatch, 1 << 63)
    with pytest.raises(UnsupportedError, match="9223372036854775808 bytes exceeds the address"):
        getattr(Source, mode)(path)


@pytest.mark.skipif(sys.maxsize < 2**32, reason="needs 64-bit sizes")
def test_a_size_that_cannot_be_mapped_is_a_system_error(path, monkeypatch):
    pretend_size(monkeypatch, (1 << 63) - 1)
    with pytest.raises(OSError, match="memory") as caught:
        Source.map(path)
    assert caught.value.filename == str(path)
