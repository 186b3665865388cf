"""platform_file.h against a system that reads little, is interrupted, fails, or ends early."""

import ctypes
import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "_core"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or COMPILER is None or not CORE.is_dir(),
    reason="needs Linux, a C compiler and the source tree",
)

# The script of a fake pread(): each call takes the next step. A positive step is the most bytes to
# give, zero the end of the file, a negative one an errno. Byte i of the file is i modulo 251.
HARNESS = """
#include <unistd.h>
static const int *script;
static ssize_t fake_pread(int descriptor, void *into, size_t nbytes, off_t offset);
#define pread fake_pread
#include "platform_file.h"
static ssize_t fake_pread(int descriptor, void *into, size_t nbytes, off_t offset)
{
    (void)descriptor;
    int step = *script++;
    if (step < 0) { errno = -step; return -1; }
    size_t count = (size_t)step < nbytes ? (size_t)step : nbytes;
    for (size_t i = 0; i < count; i++) ((uint8_t *)into)[i] = (uint8_t)(((size_t)offset + i) % 251);
    return (ssize_t)count;
}
int read_scripted(const int *steps, uint8_t *into, size_t nbytes, uint64_t offset, size_t *done)
{
    script = steps;
    return file_read_at(0, into, nbytes, offset, done);
}
const char *remote_name(uint32_t magic) { return file_remote_name(magic); }
"""


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    folder = tmp_path_factory.mktemp("harness")
    (folder / "harness.c").write_text(HARNESS)
    flags = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    command = [COMPILER, *flags, f"-I{CORE}", "harness.c", "-o", "harness.so"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    library = ctypes.CDLL(str(folder / "harness.so"))
    library.remote_name.restype = ctypes.c_char_p
    library.remote_name.argtypes = [ctypes.c_uint32]
    return library


def read(harness, steps, nbytes, offset=0):
    """(code, bytes read) of file_read_at() on the scripted file."""
    into = (ctypes.c_uint8 * max(nbytes, 1))()
    done = ctypes.c_size_t()
    code = harness.read_scripted(
        (ctypes.c_int * len(steps))(*steps),
        into,
        ctypes.c_size_t(nbytes),
        ctypes.c_uint64(offset),
        ctypes.byref(done),
    )
    return code, bytes(into)[: done.value]


def stored(start, stop):
    return bytes(i % 251 for i in range(start, stop))


@pytest.mark.parametrize("steps", [[1000], [1] * 1000, [999, 1], [3, 500, 497], [10**6]])
def test_short_reads_are_joined(harness, steps):
    assert read(harness, steps, 1000) == (0, stored(0, 1000))


def test_reads_start_at_their_offset(harness):
    start = (5 << 30) + 7
    assert read(harness, [4, 6], 10, start) == (0, stored(start, start + 10))


def test_no_bytes_need_no_call(harness):
    assert read(harness, [-errno.EIO], 0) == (0, b"")


def test_the_end_of_the_file_is_said_with_what_was_read(harness):
    assert read(harness, [7, 0], 10) == (-1, stored(0, 7))


@pytest.mark.parametrize("code", [errno.EINTR, errno.EIO, errno.ESTALE])
def test_an_error_is_said_with_what_was_read(harness, code):
    assert read(harness, [3, 4, -code], 10) == (code, stored(0, 7))


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (0x6969, b"nfs"),
        (0xFF534D42, b"cifs"),  # negative where f_type is a signed 32-bit number
        (0xFE534D42, b"smb2"),
        (0x65735546, b"fuse"),
        (0x01021997, b"9p"),
        (0x00C36400, b"ceph"),
    ],
)
def test_network_file_systems_have_names(harness, magic, name):
    assert harness.remote_name(magic) == name


@pytest.mark.parametrize("magic", [0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x794C7630, 0])
def test_ext4_xfs_btrfs_tmpfs_and_overlay_are_local(harness, magic):
    assert harness.remote_name(magic) is None
