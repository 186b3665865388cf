"""Element types: a name, a width in bits and, on request, the NumPy dtype.

Names are those of NumPy and ml_dtypes, so that ``str(t.dtype)`` says what ``t.numpy().dtype`` says.
"""

from __future__ import annotations

from tensorwire.errors import UnsupportedError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    import numpy as np

    #: Of any element type: NumPy cannot name all of them.
    AnyDType = np.dtype[np.generic]

__all__ = ["DType", "dtype", "of_numpy", "unknown"]

#: kind -> ((name, bits), ...). The kinds:
#:
#: ``bool``, ``uint``, ``int``, ``float``, ``complex``  numbers NumPy knows by itself
#: ``custom``                                            numbers that ml_dtypes adds to NumPy
#: ``string``                                            elements of their own length each
_KINDS: dict[str, tuple[tuple[str, int], ...]] = {
    "bool": (("bool", 8),),
    "uint": (("uint8", 8), ("uint16", 16), ("uint32", 32), ("uint64", 64)),
    "int": (("int8", 8), ("int16", 16), ("int32", 32), ("int64", 64)),
    "float": (("float16", 16), ("float32", 32), ("float64", 64)),
    "complex": (("complex64", 64), ("complex128", 128)),
    "custom": (
        ("bfloat16", 16),
        ("float8_e3m4", 8),
        ("float8_e4m3", 8),
        ("float8_e4m3b11fnuz", 8),
        ("float8_e4m3fn", 8),
        ("float8_e4m3fnuz", 8),
        ("float8_e5m2", 8),
        ("float8_e5m2fnuz", 8),
        ("float8_e8m0fnu", 8),
        ("float6_e2m3fn", 6),
        ("float6_e3m2fn", 6),
        ("float4_e2m1fn", 4),
        ("uint4", 4),
        ("int4", 4),
        ("uint2", 2),
        ("int2", 2),
    ),
    "string": (("string", 0),),
}


class DType:
    """One element type. Frozen; there is one object per name, from `dtype`.

    Equal to its name, to the NumPy dtype of the same elements and to that dtype's scalar type.
    ``bits`` is the width of one element as stored, 0 where elements have no fixed width.
    """

    __slots__ = ("bits", "kind", "name")

    name: str
    bits: int
    kind: str

    def __init__(self, name: str, bits: int, kind: str) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "bits", bits)
        object.__setattr__(self, "kind", kind)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"DType is frozen: cannot set {name!r}")

    @property
    def itemsize(self) -> int:
        """Bytes of one element in an array; elements narrower than a byte take one each."""
        return (self.bits + 7) // 8

    @property
    def numpy(self) -> AnyDType:
        """The NumPy dtype of an array of these elements, in the machine's byte order.

        Raises: ``UnsupportedError`` for an element type this version does not know.
        """
        found = _NUMPY.get(self.name)
        if found is None:
            if self.kind == "unknown":
                raise UnsupportedError(f"elements of type {self.name} are not read by this version")
            found = _NUMPY[self.name] = _numpy_dtype(self.name, self.kind)
        return found

    def stored_nbytes(self, count: int) -> int:
        """Bytes that ``count`` elements take when packed without gaps."""
        return (count * self.bits + 7) // 8

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DType):
            return self.name == other.name
        if isinstance(other, str):
            return self.name == other
        return self.name == _name_of_numpy(other)

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"DType({self.name!r})"

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (unknown if self.kind == "unknown" else dtype, (self.name,))


#: dtypes asked for so far, by name; two threads that ask at once store equal ones
_NUMPY: dict[str, AnyDType] = {}

_BY_NAME = {name: DType(name, bits, kind) for kind, rows in _KINDS.items() for name, bits in rows}


def dtype(name: str) -> DType:
    """The element type called ``name``.

    Raises: ``KeyError`` for a name that is none of NumPy's and ml_dtypes' numbers.
    """
    return _BY_NAME[name]


def unknown(name: str) -> DType:
    """A stand-in for an element type that a file names and we do not know: listed, never read."""
    return DType(name, 0, "unknown")


def of_numpy(numpy_dtype: AnyDType) -> DType:
    """The element type of arrays of that dtype, in any byte order; objects are taken for strings.

    Raises: ``UnsupportedError`` for what is neither a number of ours nor text.
    """
    if numpy_dtype.kind in "OSTU":
        return _BY_NAME["string"]
    name = numpy_dtype.newbyteorder("=").name
    if name not in _BY_NAME or name == "string":
        raise UnsupportedError(f"no element type for arrays of {numpy_dtype}")
    return _BY_NAME[name]


def _numpy_dtype(name: str, kind: str) -> AnyDType:
    import numpy as np

    if kind == "string":
        return np.dtype(object)
    if kind != "custom":
        return np.dtype(name)
    import ml_dtypes

    scalar = getattr(ml_dtypes, name, None)
    if scalar is None:
        raise UnsupportedError(f"the installed ml_dtypes {ml_dtypes.__version__} has no {name}")
    made: AnyDType = np.dtype(scalar)
    return made


def _name_of_numpy(other: object) -> str | None:
    """The name of a NumPy dtype or scalar type; None for anything else.

    Asks the object itself, so that comparing never imports NumPy. Hashes agree only with the name:
    NumPy hashes its dtypes by layout.
    """
    if isinstance(other, type):
        module = other.__module__.partition(".")[0]
        scalar = other.__name__.rstrip("_")  # numpy.bool_ before NumPy 2
        return scalar if module in ("numpy", "ml_dtypes") else None
    if type(other).__module__.partition(".")[0] != "numpy":
        return None
    name = getattr(other, "name", None)
    if name == "object":
        return "string"
    return str(name) if getattr(other, "isnative", False) else None
