"""FlexBuffers as Python values: one walk that checks every offset and size before it uses them."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t, uint64_t

cimport cython

from tensorwire.errors import DecodeError, LimitError

cdef extern from "flex.h" nogil:
    enum:
        FLEX_NULL
        FLEX_INT
        FLEX_UINT
        FLEX_FLOAT
        FLEX_KEY
        FLEX_STRING
        FLEX_INDIRECT_INT
        FLEX_INDIRECT_UINT
        FLEX_INDIRECT_FLOAT
        FLEX_MAP
        FLEX_VECTOR
        FLEX_BLOB
        FLEX_BOOL
        FLEX_DEEP
        FLEX_BUSY

    ctypedef int FlexReason

    ctypedef struct FlexFault:
        FlexReason reason
        size_t at
        uint64_t wanted
        uint64_t found

    ctypedef struct FlexReading:
        const uint8_t *base
        size_t size
        FlexFault fault

    ctypedef struct FlexRef:
        size_t at
        uint8_t parent
        uint8_t width
        uint8_t type

    const char *flex_text(FlexReason reason)
    int flex_fail(FlexReading *reading, FlexReason reason, size_t at, uint64_t wanted,
                  uint64_t found)
    uint64_t flex_uint(const uint8_t *at, unsigned int width)
    int64_t flex_int(const uint8_t *at, unsigned int width)
    double flex_float(const uint8_t *at, unsigned int width)
    void flex_begin(FlexReading *reading, const uint8_t *base, size_t size)
    int flex_spend(FlexReading *reading, size_t at, uint64_t units)
    int flex_ref(FlexReading *reading, size_t at, uint8_t parent, uint8_t packed, FlexRef *ref)
    int flex_root(FlexReading *reading, FlexRef *ref)
    int flex_target(FlexReading *reading, size_t at, unsigned int width, size_t *target)
    int flex_hold(FlexReading *reading, size_t at, uint64_t count, size_t width)
    int flex_sized(FlexReading *reading, size_t at, unsigned int width, size_t item, size_t *count)
    int flex_key(FlexReading *reading, size_t at, size_t *nbytes)
    int flex_string(FlexReading *reading, size_t at, unsigned int width, size_t *nbytes)
    int flex_keys(FlexReading *reading, size_t at, unsigned int width, size_t count, size_t *keys,
                  unsigned int *key_width)
    uint8_t flex_element(uint8_t type)
    int flex_elements(FlexReading *reading, size_t at, uint8_t type, unsigned int width,
                      size_t *count)
    int flex_float_width(FlexReading *reading, size_t at, unsigned int width)

cdef enum:
    DEPTH_MAX = 200          # levels of C recursion
    SHOWN = 100              # characters of a key in a path


# Where the walk is in one container that is being read: `key` is borrowed from it, NULL in vectors.
ctypedef struct Step:
    size_t index
    PyObject *key


@cython.final
cdef class Walk:
    """One reading of one buffer. Texts and blobs are made once, however often they are shared."""

    cdef FlexReading reading
    cdef Step steps[DEPTH_MAX]
    cdef int depth               # containers around the value being read
    cdef int depth_max
    cdef dict made               # where, and of which type and width -> str or bytes
    cdef object array            # makes an array of numbers; None: they become lists
    cdef size_t origin           # where the buffer is in what errors count from
    cdef str path

    cdef object root(self):
        cdef FlexRef ref
        if flex_root(&self.reading, &ref) < 0:
            raise self.error()
        return self.value(&ref)

    cdef object value(self, const FlexRef *ref):
        cdef size_t at
        if flex_spend(&self.reading, ref.at, 1) < 0:
            raise self.error()
        if ref.type <= FLEX_FLOAT or ref.type == FLEX_BOOL:
            return self.number(ref.type, ref.at, ref.parent)
        if flex_target(&self.reading, ref.at, ref.parent, &at) < 0:
            raise self.error()
        if ref.type <= FLEX_STRING or ref.type == FLEX_BLOB:
            return self.text(ref.type, at, ref.width)
        if ref.type <= FLEX_INDIRECT_FLOAT:
            if flex_hold(&self.reading, at, 1, ref.width) < 0:
                raise self.error()
            return self.number(ref.type - FLEX_INDIRECT_INT + FLEX_INT, at, ref.width)
        return self.container(ref, at)

    cdef object number(self, uint8_t type, size_t at, unsigned int width):
        """REQUIRES: its bytes are inside."""
        cdef const uint8_t *here = self.reading.base + at
        if type == FLEX_INT:
            return flex_int(here, width)
        if type == FLEX_UINT:
            return flex_uint(here, width)
        if type == FLEX_BOOL:
            return flex_uint(here, width) != 0
        if type == FLEX_NULL:
            return None
        if flex_float_width(&self.reading, at, width) < 0:
            raise self.error()
        return flex_float(here, width)

    cdef object text(self, uint8_t type, size_t at, unsigned int width):
        """A key, string or blob. REQUIRES: at < size."""
        cdef size_t nbytes
        cdef int status
        # Width is 0 to 8; a buffer has fewer than 2**59 bytes.
        cdef uint64_t code = 0 if type == FLEX_KEY else width if type == FLEX_STRING else width + 16
        cdef object place = (<uint64_t> at << 5) + code
        cdef PyObject *known = PyDict_GetItem(self.made, place)
        if known != NULL:
            return <object> known
        cdef object found
        if type == FLEX_KEY:
            status = flex_key(&self.reading, at, &nbytes)
        elif type == FLEX_STRING:
            status = flex_string(&self.reading, at, width, &nbytes)
        else:
            status = flex_sized(&self.reading, at, width, 1, &nbytes)
        if status < 0 or flex_spend(&self.reading, at, nbytes) < 0:
            raise self.error()
        cdef const char *start = <const char *> self.reading.base + at
        if type == FLEX_BLOB:
            found = PyBytes_FromStringAndSize(start, <Py_ssize_t> nbytes)
        else:
            found = PyUnicode_DecodeUTF8(start, <Py_ssize_t> nbytes, b"surrogateescape")
        self.made[place] = found
        return found

    cdef object container(self, const FlexRef *ref, size_t at):
        if self.depth >= self.depth_max:
            flex_fail(&self.reading, FLEX_DEEP, at, <uint64_t> self.depth_max, 0)
            raise self.error()
        cdef Step *step = &self.steps[self.depth]
        step.index, step.key = 0, NULL
        self.depth += 1
        if ref.type == FLEX_VECTOR:
            found = self.vector(at, ref.width, step)
        elif ref.type == FLEX_MAP:
            found = self.map(at, ref.width, step)
        else:
            found = self.typed(at, ref.type, ref.width, step)
        self.depth -= 1
        return found

    cdef list vector(self, size_t at, unsigned int width, Step *step):
        cdef size_t count, index
        cdef list items = []
        if flex_sized(&self.reading, at, width, width + 1, &count) < 0:
            raise self.error_around()
        for index in range(count):
            step.index = index
            items.append(self.item(at, width, count, index))
        return items

    cdef object item(self, size_t at, unsigned int width, size_t count, size_t index):
        """The item of a vector or map whose ``count`` items and types are inside."""
        cdef FlexRef ref
        cdef uint8_t packed = self.reading.base[at + count * width + index]
        if flex_ref(&self.reading, at + index * width, <uint8_t> width, packed, &ref) < 0:
            raise self.error()
        return self.value(&ref)

    cdef dict map(self, size_t at, unsigned int width, Step *step):
        """Of a key that occurs again the last."""
        cdef size_t count, keys, index
        cdef unsigned int key_width
        cdef dict found = {}
        if (flex_sized(&self.reading, at, width, width + 1, &count) < 0
                or flex_keys(&self.reading, at, width, count, &keys, &key_width) < 0):
            raise self.error_around()
        for index in range(count):
            step.index = index
            key = self.key(keys + index * key_width, key_width)
            step.key = <PyObject *> key
            found[key] = self.item(at, width, count, index)
            step.key = NULL
        return found

    cdef object key(self, size_t at, unsigned int width):
        """The key that the offset at ``at`` leads to."""
        cdef size_t target
        if (flex_spend(&self.reading, at, 1) < 0
                or flex_target(&self.reading, at, width, &target) < 0):
            raise self.error()
        return self.text(FLEX_KEY, target, 1)

    cdef object typed(self, size_t at, uint8_t type, unsigned int width, Step *step):
        """A typed vector or tuple, of numbers or of keys."""
        cdef uint8_t element = flex_element(type)
        cdef size_t count, index
        cdef list items = []
        if (flex_elements(&self.reading, at, type, width, &count) < 0
                or flex_spend(&self.reading, at, count) < 0
                or element == FLEX_FLOAT and count
                and flex_float_width(&self.reading, at, width) < 0):
            raise self.error_around()
        if self.array is not None and element != FLEX_KEY:
            return self.array(element, width, at, count)
        for index in range(count):
            step.index = index
            if element == FLEX_KEY:
                items.append(self.key(at + index * width, width))
            else:
                items.append(self.number(element, at + index * width, width))
        return items

    cdef object error_around(self):
        """Of the container itself, not of its first item."""
        self.depth -= 1
        return self.error()

    cdef object error(self):
        cdef FlexFault *fault = &self.reading.fault
        cdef str text = flex_text(fault.reason).decode("ascii")
        text = text.format(fault.wanted, fault.found)
        if fault.reason == FLEX_BUSY:
            return LimitError(text, self.origin + fault.at, self.whole_path())
        return DecodeError(text, self.origin + fault.at, self.whole_path())

    cdef str whole_path(self):
        cdef list parts = [self.path]
        cdef int i
        for i in range(self.depth):
            if self.steps[i].key == NULL:
                parts.append(f"[{self.steps[i].index}]")
            else:
                key = <object> self.steps[i].key
                parts.append(f".{key[:SHOWN]}" if i or self.path else key[:SHOWN])
        return "".join(parts)


def read(buffer, int depth, array, size_t origin, str path not None):
    """The value of a whole FlexBuffer: ``None``, bool, int, float, str, bytes, list, dict.

    ``array(element type, width, where, count)`` makes what stands for typed vectors of numbers;
    None makes lists. ``origin`` is added to offsets in errors, ``path`` goes before their paths.
    Copies: all but what ``array`` makes. Raises: ``DecodeError``; ``LimitError`` for parts that are
    shared so often that their values are many more than the bytes.
    Threads: keeps the GIL.
    """
    cdef Py_buffer view
    cdef Walk walk = Walk.__new__(Walk)
    walk.depth_max = min(max(depth, 0), DEPTH_MAX)
    walk.made, walk.array, walk.origin, walk.path = {}, array, origin, path
    PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE)
    try:
        flex_begin(&walk.reading, <const uint8_t *> view.buf, <size_t> view.len)
        return walk.root()
    finally:
        PyBuffer_Release(&view)
