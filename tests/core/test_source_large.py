"""Large files, many threads, signals: what takes a Source time or memory."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from tensorwire._core.source import Source

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs setrlimit as Linux has it"
)
WIDE = pytest.mark.skipif(sys.maxsize < 2**32, reason="needs 64-bit addresses")


def test_a_read_of_many_steps_is_whole(tmp_path):
    content = np.random.default_rng(2).integers(0, 256, (40 << 20) + 3, np.uint8)
    content.tofile(tmp_path / "large")
    assert np.array_equal(np.frombuffer(Source.read(tmp_path / "large"), np.uint8), content)


def sparse(path, size, ends):
    """A file of ``size`` bytes that holds its two ends alone; skips where all would be stored."""
    with path.open("wb") as file:
        file.write(ends[0])
        file.seek(size - len(ends[1]))
        file.write(ends[1])
    if getattr(path.stat(), "st_blocks", size) * 512 > 1 << 20:
        path.unlink()
        pytest.skip("the file system stores holes")


@WIDE
def test_a_map_beyond_4_gib_reads_at_both_ends(tmp_path):
    size = (5 << 30) + 13
    sparse(tmp_path / "sparse", size, (b"begin", b"end"))
    source = Source.map(tmp_path / "sparse")
    assert source.size == len(source) == size
    assert source.span(0, 5) == b"begin"
    assert source.span(size - 3, 3) == b"end"
    assert source.span(1 << 32, 8) == bytes(8)
    assert np.frombuffer(source, np.uint8)[-3:].tobytes() == b"end"


@LINUX
@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="AddressSanitizer needs terabytes")
def test_a_file_too_large_to_hold_is_a_memory_error(tmp_path):
    sparse(tmp_path / "sparse", 4 << 30, (b"a", b"z"))
    code = """
        import resource, sys
        from tensorwire._core.source import Source
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        try:
            Source.read(sys.argv[1])
        except MemoryError as error:
            print(error)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "sparse")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("4294967296 bytes to read "), done.stderr


def test_reading_lets_other_threads_run(tmp_path):
    sparse(tmp_path / "sparse", 256 << 20, (b"a", b"z"))
    times = []

    def read():
        times.append(time.perf_counter())
        Source.read(tmp_path / "sparse")
        times.append(time.perf_counter())

    reader, ticks = threading.Thread(target=read), []
    reader.start()
    while reader.is_alive():
        ticks.append(time.perf_counter())
    begin, end = times
    # The middle half: near its ends, the reader runs Python code.
    middle = [t for t in ticks if begin + (end - begin) / 4 < t < end - (end - begin) / 4]
    assert middle


@POSIX
def test_reading_can_be_interrupted(tmp_path):
    sparse(tmp_path / "sparse", 512 << 20, (b"a", b"z"))
    Source.read(tmp_path / "sparse")  # from here on, the pages are cached
    begin = time.perf_counter()
    Source.read(tmp_path / "sparse")
    whole = time.perf_counter() - begin

    def stop(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, whole / 10)
    begin = time.perf_counter()
    try:
        with pytest.raises(KeyboardInterrupt):
            Source.read(tmp_path / "sparse")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.perf_counter() - begin < whole * 2 / 3


def test_threads_open_and_drop_sources_at_once(path, mode, content):
    failed, start = [], threading.Barrier(8)

    def work():
        start.wait()
        failed.extend(1 for _ in range(50) if bytes(getattr(Source, mode)(path)) != content)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
