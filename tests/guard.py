"""Memory with an unreadable page on either side: the first byte outside kills the process.

The cheapest proof that a vector load or store stays inside, and one that needs no sanitizer: a
sanitizer does not see the byte behind a ``bytes`` object, which CPython keeps for its NUL.
"""

import ctypes
import mmap
import sys

import numpy as np
import pytest

needs_guard_pages = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="guard pages are laid by Linux's mprotect"
)
PROT_NONE = 0


class Guarded:
    """Room for ``capacity`` bytes between two unreadable pages, used again for each placing.

    Never unmapped: a test's arrays may outlive it, and the process is short.
    """

    def __init__(self, capacity: int) -> None:
        page = mmap.PAGESIZE
        self.nbytes = max(-(-capacity // page), 1) * page
        system = ctypes.CDLL(None, use_errno=True)
        system.mmap.restype = ctypes.c_void_p
        flag = ctypes.c_int
        memory = (ctypes.c_void_p, ctypes.c_size_t, flag)
        system.mmap.argtypes = [*memory, flag, flag, ctypes.c_long]
        system.mprotect.argtypes = memory
        readable = mmap.PROT_READ | mmap.PROT_WRITE
        private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        base = system.mmap(None, self.nbytes + 2 * page, readable, private, -1, 0)
        if base == ctypes.c_void_p(-1).value:
            raise OSError(ctypes.get_errno(), "mmap")
        self.start = base + page
        for guard in (base, self.start + self.nbytes):
            if system.mprotect(guard, page, PROT_NONE) != 0:
                raise OSError(ctypes.get_errno(), "mprotect")

    def _at(self, address: int, nbytes: int) -> np.ndarray:
        return np.ctypeslib.as_array((ctypes.c_uint8 * nbytes).from_address(address))

    def empty_at_end(self, nbytes: int) -> np.ndarray:
        """``nbytes`` writable bytes whose end is the upper guard page."""
        return self._at(self.start + self.nbytes - nbytes, nbytes)

    def at_end(self, data: bytes) -> np.ndarray:
        """``data``, ending at the upper guard page."""
        placed = self.empty_at_end(len(data))
        placed[:] = np.frombuffer(data, np.uint8)
        return placed

    def at_start(self, data: bytes) -> np.ndarray:
        """``data``, beginning at the lower guard page."""
        placed = self._at(self.start, len(data))
        placed[:] = np.frombuffer(data, np.uint8)
        return placed
