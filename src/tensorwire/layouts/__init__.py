"""How the elements of a tensor lie in what is stored, and how they become an array.

A layout is stateless. For a dtype it says why no array can lie on the stored bytes (`obstacle`),
and whether they are as many as the elements need (`fault`); it makes flat arrays, by `view` on the
bytes or by `decode` into memory of its own. NumPy is imported by the first array asked for.

=================  ============================================================
`PLAIN`            little-endian numbers of whole bytes, side by side
`PACKED`           numbers narrower than a byte, low bits first
`VARINTS`          one varint per element
`PACKED_VARINTS`   one varint per byte of packed elements
`STRINGS`          byte strings, each of its own length
=================  ============================================================
"""

from tensorwire.layouts.plain import PLAIN, Layout
from tensorwire.layouts.strings import STRINGS
from tensorwire.layouts.subbyte import PACKED
from tensorwire.layouts.varints import PACKED_VARINTS, VARINTS

__all__ = ["PACKED", "PACKED_VARINTS", "PLAIN", "STRINGS", "VARINTS", "Layout"]
