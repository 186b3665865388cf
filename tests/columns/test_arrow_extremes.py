"""Arrow at its edges: sources over 2 GiB, offsets over 32 bits, the interpreter's end."""

from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from arrow_trees import Table

from tensorwire.columns.arrow.arrays import list_array
from tensorwire.columns.arrow.fields import Array, Field
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.data import ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import NUMPY_NAMES, ScalarType, StructType
from tensorwire.errors import LimitError

pa = pytest.importorskip("pyarrow")

LARGE = 5 << 30
LONG = b"a string of more than twelve bytes"


@pytest.fixture(scope="module")
def large():
    """5 GiB of which next to nothing takes memory."""
    flags = getattr(mmap, "MAP_NORESERVE", 0) | getattr(mmap, "MAP_PRIVATE", 0)
    if not flags or sys.maxsize < LARGE:
        pytest.skip("no memory that is only taken when it is written")
    return mmap.mmap(-1, LARGE, flags=flags | mmap.MAP_ANONYMOUS)


@pytest.mark.parametrize("strings", ["view", "string", "large_string"])
def test_sources_over_2_gib(large, strings):
    places = [0, (1 << 30) - 10, (1 << 30) + 50, (2 << 30) + 7, (3 << 30) - 20, LARGE - len(LONG)]
    for at in places:
        large[at : at + len(LONG)] = LONG
    schema = StructType("", (ScalarType("x", "string"),))
    spans = np.array([(at, len(LONG)) for at in places], NUMPY_NAMES["string"])
    data = StructData(schema, len(places), (ScalarData(schema.fields[0], spans),))
    sources = Sources((large,), np.array([0, LARGE], "<i8"))
    batch = pa.record_batch(Table(data, ("x",), sources, ArrowOptions(strings=strings)))
    batch.validate(full=True)
    assert batch.column(0).to_pylist() == [LONG.decode()] * len(places)
    if strings == "view":
        # The last window, from 4 GiB on, and those of the others.
        sizes = [buffer.size for buffer in batch.column(0).buffers()[2:]]
        assert sizes == [2**31 - 1] * 3 + [0, 1 << 30]


@pytest.mark.parametrize(("format", "named"), [("+l", "list"), ("+m", "map")])
def test_more_items_than_32_bits_count(format, named):
    field = Field(format, "things", children=(Field("i", "item"),))
    offsets = np.array([0, 2**31], "<i8")
    with pytest.raises(LimitError, match=f"things: the 2147483648 items of a {named} column pass"):
        list_array(field, offsets, None, Array(2**31, 0, (None, b"")))


AT_EXIT = """
import sys
sys.path[:0] = {path!r}
import numpy as np, pyarrow as pa
from arrow_trees import EVENT, ROWS, table_of
from tensorwire._core.arrow_input import ArrowStream
from tensorwire.columns.arrow.reading import binary_chunks

table = table_of(EVENT, ROWS)
sys.kept = [pa.table(table), table.__arrow_c_stream__(), table.__arrow_c_array__()]
sys.kept += [ArrowStream(table.__arrow_c_stream__()), binary_chunks(pa.array([b"x" * 20]))]
sys.kept.append(sys.kept)
"""


def test_what_is_alive_at_the_end_does_no_harm():
    path = [str(Path(__file__).parent), *sys.path]
    code = AT_EXIT.format(path=path)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
