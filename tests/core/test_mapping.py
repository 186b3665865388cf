"""open_source: what it takes, what it chooses, what it refuses."""

import gzip
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from tensorwire import mapping
from tensorwire.errors import DecodeError, ModelError, UnsupportedError
from tensorwire.mapping import open_source, source_of_descriptor

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
LARGE = 64 * 1024 + 1  # the smallest file that "auto" maps


@pytest.fixture
def large(tmp_path):
    file = tmp_path / "large.bin"
    file.write_bytes(b"x" * LARGE)
    return file


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_names_of_every_kind(path, content, kind):
    source = open_source(kind(path))
    assert bytes(source) == content
    assert source.path == str(path)


def test_a_mode_asked_for_is_kept(path, large, mode):
    assert open_source(path, mode).mode == mode
    assert open_source(large, mode=mode).mode == mode


@pytest.mark.parametrize("mode", ["", "MAP", "mmap", None, 1])
def test_an_unknown_mode_is_named(path, mode):
    text = f"mode must be one of auto, map, read, not {mode!r}"
    with pytest.raises(ValueError, match=re.escape(text)):
        open_source(path, mode)


def test_auto_reads_small_files_and_maps_large_ones(tmp_path, large, monkeypatch):
    monkeypatch.setattr(mapping, "remote_file_system", lambda descriptor: None)
    small = tmp_path / "small.bin"
    small.write_bytes(b"x" * (LARGE - 1))
    assert open_source(small).mode == "read"
    assert open_source(large).mode == "map"


def test_auto_reads_from_network_file_systems(large, monkeypatch):
    monkeypatch.setattr(mapping, "remote_file_system", lambda descriptor: "nfs")
    assert open_source(large).mode == "read"
    assert open_source(large, "map").mode == "map"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names by statfs of Linux")
def test_local_and_virtual_file_systems_are_not_remote():
    with open("/proc/self/status", "rb") as file:
        assert mapping.remote_file_system(file.fileno()) is None


class Unmappable:
    """Stands for a file system that cannot map."""

    read = staticmethod(mapping.Source.read)

    @staticmethod
    def map(path, *, descriptor):
        raise OSError(19, "No such device", os.fspath(path))


def test_auto_reads_what_cannot_be_mapped(large, monkeypatch):
    monkeypatch.setattr(mapping, "remote_file_system", lambda descriptor: None)
    monkeypatch.setattr(mapping, "Source", Unmappable)
    assert open_source(large, "auto").mode == "read"
    with pytest.raises(OSError, match="No such device"):
        open_source(large, "map")


@pytest.mark.parametrize("mode", mapping.MODES)
def test_an_empty_file_is_a_decode_error(tmp_path, mode):
    file = tmp_path / "empty.onnx"
    file.touch()
    with pytest.raises(DecodeError) as caught:
        open_source(file, mode)
    assert str(caught.value) == f"{file}: file is empty at byte 0 (0x0)"


@pytest.mark.parametrize("mode", mapping.MODES)
def test_a_missing_file_and_a_directory_are_system_errors(tmp_path, mode):
    with pytest.raises(FileNotFoundError):
        open_source(tmp_path / "none", mode)
    with pytest.raises(IsADirectoryError):
        open_source(tmp_path, mode)


@POSIX
@pytest.mark.parametrize("mode", mapping.MODES)
def test_fifos_and_devices_are_refused(tmp_path, mode):
    os.mkfifo(tmp_path / "fifo")
    for name, kind in [(tmp_path / "fifo", "a FIFO"), ("/dev/zero", "a character device")]:
        with pytest.raises(UnsupportedError, match=f"{name}: {kind}, not a regular file"):
            open_source(name, mode)


@pytest.mark.parametrize("path", [None, 3, 2.5, ["a"]])
def test_what_is_neither_name_nor_file_is_refused(path):
    with pytest.raises(TypeError, match=r"expected str, bytes, os\.PathLike or an open binary"):
        open_source(path)


@pytest.mark.parametrize("buffering", [0, -1])
def test_an_open_file_is_taken_by_its_descriptor(path, content, mode, buffering):
    with path.open("rb", buffering=buffering) as file:
        source = open_source(file, mode)
        assert file.tell() == 0
        assert file.read(4) == content[:4]
    assert (source.mode, source.path, bytes(source)) == (mode, str(path), content)
    assert source.check_unchanged() is True


def test_a_file_without_a_name_has_none(path, content, mode):
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)), "rb") as file:
        source = open_source(file, mode)
    assert (source.path, bytes(source)) == (None, content)
    with pytest.raises(ModelError, match="without a name"):
        source.check_unchanged()


def test_an_open_file_elsewhere_is_read_from_there(path, content):
    with path.open("rb") as file:
        file.seek(100)
        source = open_source(file)
    assert (source.mode, bytes(source)) == ("memory", content[100:])


@pytest.mark.parametrize("mode", ["auto", "read"])
def test_files_that_are_not_plain_are_read(path, content, mode):
    packed = path.with_name("packed.gz")
    packed.write_bytes(gzip.compress(content))
    with gzip.open(packed) as unpacked, path.open("r+b") as writable:
        writable.write(content[:8])  # in the buffer of the file alone
        writable.seek(0)
        for file in (unpacked, writable, io.BytesIO(content)):
            source = open_source(file, mode)
            assert (source.mode, bytes(source)) == ("memory", content)


def test_unwritten_bytes_of_a_temporary_file_are_seen():
    with tempfile.TemporaryFile() as file:
        file.write(b"fresh")
        file.seek(0)
        assert bytes(open_source(file)) == b"fresh"


def test_the_bytes_of_bytesio_are_not_copied_again():
    content = bytes(1000)
    source = open_source(io.BytesIO(content))
    assert np.shares_memory(np.frombuffer(source, np.uint8), np.frombuffer(content, np.uint8))


@POSIX
def test_an_open_pipe_is_read_to_its_end():
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    with open(reader, "rb") as file:
        assert bytes(open_source(file)) == b"through a pipe"


@POSIX
def test_an_open_device_is_refused():
    with open("/dev/zero", "rb") as file, pytest.raises(UnsupportedError, match="a character"):
        open_source(file)


def test_mapping_what_is_not_plain_is_refused():
    with pytest.raises(ValueError, match="cannot map this BytesIO"):
        open_source(io.BytesIO(b"x"), "map")


def test_text_files_are_refused(path):
    with path.open(encoding="latin-1") as file, pytest.raises(TypeError, match="binary mode"):
        open_source(file)


def test_an_empty_open_file_is_a_decode_error(tmp_path):
    (tmp_path / "empty").touch()
    with (
        (tmp_path / "empty").open("rb") as file,
        pytest.raises(DecodeError, match="empty: file is"),
    ):
        open_source(file)
    with pytest.raises(DecodeError, match="file is empty at byte 0"):
        open_source(io.BytesIO())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc/self")
def test_no_descriptor_stays_open(path, tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    sources = [open_source(path) for _ in range(50)]
    (tmp_path / "empty").touch()
    for name in ("empty", "none", "."):
        with pytest.raises((OSError, DecodeError)):
            open_source(tmp_path / name)
    assert len(os.listdir("/proc/self/fd")) == before
    assert len(sources) == 50


def test_a_descriptor_of_ones_own_stays_open(path, content, mode):
    with path.open("rb") as file:
        source = source_of_descriptor(file.fileno(), path, mode)
        os.fstat(file.fileno())
    assert (source.mode, source.path, bytes(source)) == (mode, str(path), content)


@pytest.mark.parametrize("module", ["tensorwire", "tensorwire.mapping", "tensorwire.limits"])
def test_importing_stays_light(module):
    code = (
        f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert module in loaded
    assert not loaded & {"numpy", "ml_dtypes", "typing", "dataclasses", "re"}
