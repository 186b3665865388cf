"""What upstream's FlatBuffers builder does, step by step, on whatever state and objects it meets.

The methods of `Builder` come here when a call is not of the usual kind: values that are no plain
numbers, states that only outsiders can have made, all that ends in an error, and subclasses that
override what other methods are made of. Each function stands for the method of its name, goes
through the attributes and methods of the builder only, and changes them in upstream's order, so
that a call that fails leaves what upstream's would have left.
Source: google/flatbuffers 25.12.19, ``python/flatbuffers/builder.py`` and ``number_types.py``.
"""

import struct
import sys

# Builder.MAX_BUFFER_SIZE, python/flatbuffers/builder.py.
MOST = 1 << 31

_ERRORS = {
    name: type(name, (RuntimeError,), {"__module__": __name__, "__doc__": text})
    for name, text in {
        "OffsetArithmeticError": "An offset points behind what was written so far.",
        "IsNotNestedError": "No object, vector or string was started.",
        "IsNestedError": "Another object, vector or string is being written.",
        "StructIsNotInlineError": "A struct was written elsewhere than in its object.",
        "BuilderSizeError": "A buffer of more than 2 GiB.",
        "BuilderNotFinishedError": "The buffer was not finished.",
        "EndVectorLengthMismatched": "A vector ended with another length than it was started with.",
    }.items()
}


class Number:
    """A kind of number, with the attributes of upstream's ``*Flags``."""

    def __init__(self, name, py_type, form, least, most):
        self.name = name
        self.py_type = py_type
        self.packer_type = struct.Struct("<" + form)
        self.bytewidth = self.packer_type.size
        self.min_val = least
        self.max_val = most


# By the base types of reflection.fbs.
NUMBERS = [
    None,
    None,
    Number("bool", bool, "?", False, True),
    *[
        Number(f"{sign}{bits}", int, form, least, most)
        for bits, forms in ((8, "bB"), (16, "hH"), (32, "iI"), (64, "qQ"))
        for sign, form, least, most in (
            ("int", forms[0], -(1 << (bits - 1)), (1 << (bits - 1)) - 1),
            ("uint", forms[1], 0, (1 << bits) - 1),
        )
    ],
    Number("float32", float, "f", None, None),
    Number("float64", float, "d", None, None),
]
_FLAGS = [None if kind is None else f"{kind.name.capitalize()}Flags" for kind in NUMBERS]
UOFFSET = NUMBERS[8]


def error(name, *args):
    """An error of upstream's class of that name where its package is loaded, else of ours."""
    upstream = sys.modules.get("flatbuffers.builder")
    return getattr(upstream, name, _ERRORS[name])(*args)


def flags(int kind):
    """Upstream's flags of a kind of number where its package is loaded, else ours."""
    upstream = sys.modules.get("flatbuffers.number_types")
    return getattr(upstream, _FLAGS[kind], NUMBERS[kind])


def enforce(x, number):
    """Raises: ``TypeError`` for what is out of the range of the kind, or cannot be compared."""
    least, most = number.min_val, number.max_val
    if least is None and most is None:
        return
    if not least <= x <= most:
        raise TypeError(f"bad number {x!s} for type {number.name}")


# -- space ----------------------------------------------------------------------------------------

def initial(size):
    """A buffer of that size. Raises: ``BuilderSizeError``."""
    if not 0 <= size <= MOST:
        raise error(
            "BuilderSizeError", "flatbuffers: Cannot create Builder larger than 2 gigabytes.")
    return bytearray(size)


def grow(builder):
    length = len(builder.Bytes)
    if length == MOST:
        raise error("BuilderSizeError", "flatbuffers: cannot grow buffer beyond 2 gigabytes")
    grown = bytearray(min(2 * length, MOST) or 1)
    grown[len(grown) - length:] = builder.Bytes
    builder.Bytes = grown


def pad(builder, n):
    if n <= 0:
        return
    head = builder.head - n
    builder.Bytes[head:builder.head] = bytes(n)
    builder.head = head


def prep(builder, size, additional):
    if size > builder.minalign:
        builder.minalign = size
    head, length = builder.head, len(builder.Bytes)
    padding = -(length - head + additional) & (size - 1)
    needed = padding + size + additional
    if needed - head > MOST - length:      # upstream finds this out when it has grown to 2 GiB
        raise error("BuilderSizeError", "flatbuffers: cannot grow buffer beyond 2 gigabytes")
    while head < needed:                   # progress: the buffer doubles, or there is an error
        builder.GrowByteBuffer()
        grown = len(builder.Bytes)
        head += grown - length
        length = grown
    builder.head = head
    builder.Pad(padding)


def place(builder, x, number):
    enforce(x, number)
    builder.head = head = builder.head - number.bytewidth
    number.packer_type.pack_into(builder.Bytes, head, x)


def put(builder, data):
    """The bytes before what was written; space was made."""
    builder.head = head = builder.head - len(data)
    builder.Bytes[head:head + len(data)] = data


# -- numbers and slots ----------------------------------------------------------------------------

def prepend(builder, number, x):
    builder.Prep(number.bytewidth, 0)
    builder.Place(x, number)


def prepend_slot(builder, number, o, x, d):
    if x is not None:
        enforce(x, number)
    if d is not None:
        enforce(d, number)
    if x != d or (builder.forceDefaults and d is not None):
        builder.Prepend(number, x)
        builder.Slot(o)


def slot(builder, number):
    builder.assertNested()
    builder.current_vtable[number] = builder.Offset()


def prepend_offset(builder, off, place_offset, width):
    """An offset, relative to where it is written."""
    builder.Prep(width, 0)
    if not off <= builder.Offset():
        raise error("OffsetArithmeticError", "flatbuffers: Offset arithmetic error.")
    place_offset(builder.Offset() - off + width)


def prepend_offset_slot(builder, o, x, d):
    if x != d or builder.forceDefaults:
        builder.PrependUOffsetTRelative(x)
        builder.Slot(o)


def prepend_struct_slot(builder, v, x, d):
    enforce(d, UOFFSET)
    if x != d:
        builder.assertStructIsInline(x)
        builder.Slot(v)


def struct_is_inline(builder, offset):
    enforce(offset, UOFFSET)
    if offset != builder.Offset():
        raise error(
            "StructIsNotInlineError",
            "flatbuffers: Tried to write a Struct at an Offset that is different from the current "
            "Offset of the Builder.",
        )


# -- objects --------------------------------------------------------------------------------------

def start_object(builder, numfields):
    builder.assertNotNested()
    builder.current_vtable = [0] * numfields
    builder.objectEnd = builder.Offset()
    builder.nested = True


def write_vtable(builder):
    builder.PrependSOffsetTRelative(0)
    start = builder.Offset()
    words = []
    for end in reversed(builder.current_vtable):
        if end != 0:
            words.append(start - end)
        elif words:                        # those behind the last in use are left out
            words.append(0)
    size = int(start - builder.objectEnd)
    key = (*words, size)
    known = builder.vtables.get(key)
    if known is None:
        for word in words:
            builder.PrependVOffsetT(word)
        builder.PrependVOffsetT(size)
        builder.PrependVOffsetT(2 * (len(words) + 2))
        _point(builder, int(len(builder.Bytes) - start), builder.Offset() - start)
        builder.vtables[key] = builder.Offset()
    else:
        builder.head = int(len(builder.Bytes) - start)
        _point(builder, builder.Head(), known - start)
    builder.current_vtable = None
    return start


def _point(builder, at, offset):
    NUMBERS[7].packer_type.pack_into(builder.Bytes, at, int(offset))


def finish(builder, root, prefixed, identifier):
    enforce(root, UOFFSET)
    size = 4
    if identifier is not None:
        size += 4
    if prefixed:
        size += 4
    builder.Prep(builder.minalign, size)
    if identifier is not None:
        builder.Prep(4, 4)
        for byte in reversed(struct.unpack(">BBBB", identifier)):
            builder.Place(byte, flags(4))
    builder.PrependUOffsetTRelative(root)
    if prefixed:
        size = len(builder.Bytes) - builder.head
        enforce(size, NUMBERS[7])
        builder.PrependInt32(size)
    builder.finished = True
    return builder.head


# -- vectors and strings --------------------------------------------------------------------------

def start_vector(builder, elem_size, num_elems, alignment):
    builder.assertNotNested()
    builder.nested = True
    builder.vectorNumElems = num_elems
    builder.Prep(4, elem_size * num_elems)
    builder.Prep(alignment, elem_size * num_elems)
    return builder.Offset()


def end_vector(builder, num_elems):
    builder.assertNested()
    builder.nested = False
    if num_elems:
        import warnings

        warnings.warn("numElems is deprecated.", DeprecationWarning, stacklevel=1)
        if num_elems != builder.vectorNumElems:
            raise error("EndVectorLengthMismatched")
    builder.PlaceUOffsetT(builder.vectorNumElems)
    builder.vectorNumElems = None
    return builder.Offset()


def create_shared_string(builder, s, encoding, errors):
    if not builder.sharedStrings:
        builder.sharedStrings = {}
    elif s in builder.sharedStrings:
        return builder.sharedStrings[s]
    offset = builder.CreateString(s, encoding, errors)
    builder.sharedStrings[s] = offset
    return offset


def create_string(builder, s, encoding, errors):
    builder.assertNotNested()
    builder.nested = True
    if isinstance(s, str):
        data = s.encode(encoding, errors)
    elif isinstance(s, (bytes, bytearray)):
        data = s
    else:
        raise TypeError("non-string passed to CreateString")
    builder.Prep(4, len(data) + 1)
    builder.Place(0, flags(4))
    return _bytes(builder, data)


def create_byte_vector(builder, x):
    builder.assertNotNested()
    builder.nested = True
    if not isinstance(x, (bytes, bytearray)):
        raise TypeError("non-byte vector passed to CreateByteVector")
    builder.Prep(4, len(x))
    return _bytes(builder, x)


def create_numpy_vector(builder, x):
    import numpy as np

    if not isinstance(x, np.ndarray):
        raise TypeError("non-numpy-ndarray passed to CreateNumpyVector")
    if x.dtype.kind not in "biuf":
        raise TypeError("numpy-ndarray holds elements of unsupported datatype")
    if x.ndim > 1:
        raise TypeError("multidimensional-ndarray passed to CreateNumpyVector")
    builder.StartVector(x.itemsize, x.size, x.dtype.alignment)
    little = x if x.dtype.str[0] == "<" else x.byteswap(inplace=False)
    put(builder, little.tobytes(order="C"))
    builder.vectorNumElems = x.size
    return builder.EndVector()


def create_vector_of_tables(builder, offsets):
    offsets = list(offsets)
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _bytes(builder, data):
    length = len(data)
    put(builder, data)
    builder.vectorNumElems = length
    return builder.EndVector()
