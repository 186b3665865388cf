"""Files that are unlinked, replaced, edited or cut short while a Source holds them."""

import gc
import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from tensorwire._core.source import FileIdentity, Source
from tensorwire.errors import ModelError

POSIX = pytest.mark.skipif(
    os.name != "posix", reason="names of open files can be replaced on POSIX"
)
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc/self")


def mappings_of(path):
    return Path("/proc/self/maps").read_text().count(str(path))


def test_arrays_and_spans_outlive_the_source(path, mode, content):
    source = getattr(Source, mode)(path)
    values, view = np.frombuffer(source, "<u4"), source.span(16, 4)
    part = values[4:8]
    del source, values
    gc.collect()
    assert part.tobytes() == content[16:32]
    assert bytes(view) == content[16:20]


@LINUX
def test_the_mapping_goes_with_the_last_array(path):
    values = np.frombuffer(Source.map(path), np.uint8)[3:5]
    assert mappings_of(path) == 1
    del values
    assert mappings_of(path) == 0


@POSIX
def test_arrays_outlive_an_unlinked_name(path, mode, content):
    values = np.frombuffer(getattr(Source, mode)(path), np.uint8)
    path.unlink()
    assert values.tobytes() == content


@POSIX
def test_arrays_outlive_a_replaced_file(path, mode, content):
    values = np.frombuffer(getattr(Source, mode)(path), np.uint8)
    fresh = path.with_name("fresh")
    fresh.write_bytes(b"other")
    fresh.replace(path)
    assert values.tobytes() == content


def test_bytes_read_do_not_follow_the_file(path, content):
    source = Source.read(path)
    with path.open("r+b") as file:
        file.write(b"XXXX")
    assert bytes(source) == content


def test_identity_is_that_of_the_file(path, mode, content):
    status = path.stat()
    expected = FileIdentity(status.st_dev, status.st_ino, len(content), status.st_mtime_ns)
    identity = getattr(Source, mode)(path).identity
    assert identity == expected
    assert hash(identity) == hash(expected)
    assert pickle.loads(pickle.dumps(identity)) == expected
    assert eval(repr(identity)) == expected
    assert identity != FileIdentity(status.st_dev, status.st_ino, 1, status.st_mtime_ns)
    assert identity != (status.st_dev,)


def test_changes_of_an_identity_in_words():
    before = FileIdentity(1, 2, 3, 4)
    assert before.changes(before) == ""
    assert before.changes(FileIdentity(1, 2, 30, 4)) == "size was 3 and is 30"
    assert before.changes(FileIdentity(9, 2, 3, 0)) == (
        "device was 1 and is 9, mtime_ns was 4 and is 0"
    )


def test_an_untouched_file_is_unchanged(path, mode):
    source = getattr(Source, mode)(path)
    path.read_bytes()
    assert source.check_unchanged() is True


def write_in_place(path):
    with path.open("r+b") as file:
        file.write(b"XXXX")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000_000))


def append(path):
    with path.open("ab") as file:
        file.write(b"more")


def replace(path):
    status = path.stat()
    fresh = path.with_name("fresh")
    fresh.write_bytes(path.read_bytes())
    os.utime(fresh, ns=(status.st_atime_ns, status.st_mtime_ns))
    fresh.replace(path)


@POSIX
@pytest.mark.parametrize(
    ("change", "word"),
    [(write_in_place, "mtime_ns was"), (append, "size was"), (replace, "inode was")],
)
def test_a_changed_file_says_what_changed(path, mode, change, word):
    source = getattr(Source, mode)(path)
    change(path)
    with pytest.raises(ModelError, match=f"changed since it was opened: .*{word}") as caught:
        source.check_unchanged()
    assert caught.value.file == str(path)


@POSIX
def test_an_unlinked_file_is_no_longer_found(path, mode):
    source = getattr(Source, mode)(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        source.check_unchanged()


def run_after_truncation(path, mode):
    """Exit status and output of a process that reads a file cut short under its source."""
    code = """
        import os, sys
        from tensorwire._core.source import Source
        source = getattr(Source, sys.argv[2])(sys.argv[1])
        os.truncate(sys.argv[1], 0)
        print(sum(bytes(source)))
    """
    # A sanitized build would report SIGBUS itself, and end with another status.
    environment = os.environ | {
        "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":handle_sigbus=0"
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path), mode],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    return done.returncode, done.stdout


@LINUX
def test_truncation_under_a_map_is_sigbus_as_documented(path):
    assert run_after_truncation(path, "map") == (-7, "")


@LINUX
def test_truncation_after_reading_does_no_harm(path, content):
    assert run_after_truncation(path, "read") == (0, f"{sum(content)}\n")


@POSIX
def test_a_fork_keeps_its_mapping(path):
    code = """
        import os, sys
        from tensorwire._core.source import Source
        source = Source.map(sys.argv[1])
        child = os.fork()
        if child == 0:
            os._exit(0 if source.span(0, 4) == bytes(range(4)) else 1)
        print(os.waitpid(child, 0)[1], source.span(0, 1)[0])
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "0 0\n")
