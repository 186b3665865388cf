"""Encoding: what upstream would write, from bytes that are as they were and from what was changed.

Canonical bytes that nobody changed are what they would be encoded to.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_Compare
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp

from tensorwire._core.edits cimport (
    EDIT_CLEARED, EDIT_LIST, EDIT_MESSAGE, EDIT_NUMBER, EDIT_OBJECT, Edit, List, list_width,
    word_is_item, word_object,
)
from tensorwire._core.frames cimport frame_open_message
from tensorwire._core.message cimport Message, message_fault
from tensorwire._core.output cimport (
    Output, Rope, output_begin, output_bytes, output_end, output_equal, output_size,
)
from tensorwire._core.padding cimport padding_adjust, padding_free
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.splice cimport message_is_changed, message_is_whole
from tensorwire._core.units cimport Encoder, Padding, encoder_begin, encoder_end
from tensorwire._core.writing cimport frames_write
from wire cimport FAULT_NONE, kind_is_message, kind_packable

cdef enum:
    # Below this size the lock is kept: releasing it costs 30 ns, walking the bytes about 50 us.
    NOGIL_BYTES = 32 * 1024
    # Two or three do in general, and each more has made a length around a payload longer.
    ALIGN_PASSES = 64
    # What nests deeper is compared as it is encoded, which needs no stack.
    ALIKE_LEVELS = 20

cdef enum:
    UNSURE = -1
    UNLIKE = 0
    ALIKE = 1

# What upstream's runtimes take, and what they write: lengths are 32-bit and signed there.
MAX_BYTES = 2**31 - 1
MAX_ALIGN = 1 << 20


cdef int _write(Message message, Output *out, bint deterministic,
                Padding *padding=NULL) except -1:
    cdef Encoder encoder
    cdef int status
    encoder_begin(&encoder, out, deterministic)
    encoder.padding = padding
    try:
        if (message.pieces == NULL and message.whole.stop - message.whole.start >= NOGIL_BYTES
                and not message_is_changed(<PyObject *> message)):
            status = _write_unchanged(message, &encoder)
        else:
            status = frame_open_message(&encoder, <PyObject *> message, NULL)
            if status == 0:
                status = frames_write(&encoder)
        if status < 0:
            encode_failed(message, &encoder)
    finally:
        encoder_end(&encoder)
    return 0


cdef int _write_aligned(Message message, Output *out, bint deterministic, size_t align) except -1:
    """Counts until the paddings are found, then writes."""
    cdef Padding padding
    cdef Output counted
    cdef bint unaligned = True
    cdef int passes = 0
    padding.align = align
    padding.payloads = NULL
    padding.count = padding.room = padding.next = 0
    try:
        while unaligned and passes < ALIGN_PASSES:
            output_begin(&counted, True)
            try:
                _write(message, &counted, deterministic, &padding)
            finally:
                output_end(&counted)
            unaligned = padding_adjust(&padding, output_size(&counted))
            passes += 1
        return _write(message, out, deterministic, &padding)
    finally:
        padding_free(&padding)


cdef int _write_unchanged(Message message, Encoder *encoder) noexcept:
    """Without the lock: only the bytes are looked at, whatever becomes of the message."""
    cdef PyObject *owner = message.owner
    cdef int status = frame_open_message(encoder, <PyObject *> message, NULL)
    if status < 0:
        return status
    Py_INCREF(<object> owner)
    with nogil:
        status = frames_write(encoder)
    Py_DECREF(<object> owner)
    return status


cdef int encode_failed(Message message, Encoder *encoder) except -1:
    if encoder.fault.reason == FAULT_NONE:
        return -1                          # the exception is set
    raise message_fault(_holder(message, encoder), &encoder.fault)


cdef Message _holder(Message message, Encoder *encoder):
    """The innermost message object that was being written: it knows where its bytes are."""
    cdef size_t i
    for i in range(encoder.frame_count, 0, -1):
        if encoder.frames[i - 1].message != NULL:
            return <Message> encoder.frames[i - 1].message
    return message


cdef bytes _as_it_stands(Message message):
    """The ``bytes`` object that the message is all of, if that is what is written; or None."""
    if (message.owner == NULL or not PyBytes_CheckExact(<object> message.owner)
            or not message_is_whole(<PyObject *> message)
            or message_is_changed(<PyObject *> message)):
        return None
    whole = <bytes> message.owner
    if message.whole.stop - message.whole.start != <size_t> PyBytes_GET_SIZE(whole):
        return None
    return whole


cdef bytes encode_bytes(Message message, bint deterministic):
    cdef bytes whole = _as_it_stands(message)
    cdef Output out
    if whole is not None:
        return whole
    output_begin(&out, False)
    try:
        _write(message, &out, deterministic)
        return output_bytes(&out)
    finally:
        output_end(&out)


cdef size_t encode_size(Message message) except? 0:
    cdef Output out
    output_begin(&out, True)
    try:
        _write(message, &out, False)
        return output_size(&out)
    finally:
        output_end(&out)


cdef bint encode_equal(Message a, Message b) except -1:
    cdef Output left, right
    cdef int alike
    if a is b:
        return True
    if a.plan != b.plan:
        return False
    alike = _set_alike(a, b, ALIKE_LEVELS)
    if alike != UNSURE:
        return alike == ALIKE
    output_begin(&left, False)
    output_begin(&right, False)
    try:
        _write(a, &left, True)
        _write(b, &right, True)
        return output_equal(&left, &right)
    finally:
        output_end(&left)
        output_end(&right)


cdef int _set_alike(Message a, Message b, int levels) noexcept:
    """Whether messages without bytes were set to the same, entry by entry, without encoding them.

    UNSURE where encoding has to tell: of bytes, of maps, and where different fields were set.
    """
    cdef int alike = ALIKE
    cdef uint32_t i
    if a.owner != NULL or b.owner != NULL or levels == 0:
        return UNSURE
    if a.edits == NULL or b.edits == NULL:
        return ALIKE if a.edits == b.edits else UNSURE
    if a.edits.count != b.edits.count or a.edits.unknown != NULL or b.edits.unknown != NULL:
        return UNSURE
    for i in range(a.edits.count):
        alike = _entries_alike(&a.edits.items[i], &b.edits.items[i], levels)
        if alike != ALIKE:
            break
    return alike


cdef int _entries_alike(const Edit *a, const Edit *b, int levels) noexcept:
    if a.field != b.field or a.state != b.state:
        return UNSURE
    if a.state == EDIT_NUMBER:
        if <uint32_t> a.value.bits != <uint32_t> b.value.bits:
            return UNLIKE
        return ALIKE if a.value.bits == b.value.bits else UNSURE  # of 32 bits, others do not count
    if a.state == EDIT_OBJECT:
        return _objects_alike(a.value.object, b.value.object)
    if a.state == EDIT_MESSAGE:
        return _set_alike(<Message> a.value.object, <Message> b.value.object, levels - 1)
    if a.state == EDIT_LIST:
        return _lists_alike(a.value.list, b.value.list, a.field.kind, levels)
    return ALIKE if a.state == EDIT_CLEARED else UNSURE


cdef int _lists_alike(const List *a, const List *b, uint8_t kind, int levels) noexcept:
    cdef const uint64_t *left = <const uint64_t *> a.values
    cdef const uint64_t *right = <const uint64_t *> b.values
    cdef int alike = ALIKE
    cdef size_t i
    if a.count != b.count:
        return UNLIKE
    if kind_packable(kind):
        alike = a.count == 0 or memcmp(left, right, a.count * list_width(kind)) == 0
        return ALIKE if alike else UNLIKE
    for i in range(a.count):
        if word_is_item(left[i]) or word_is_item(right[i]):
            return UNSURE
        if kind_is_message(kind):
            alike = _set_alike(<Message> word_object(left[i]), <Message> word_object(right[i]),
                               levels - 1)
        else:
            alike = _objects_alike(word_object(left[i]), word_object(right[i]))
        if alike != ALIKE:
            break
    return alike


cdef int _objects_alike(PyObject *a, PyObject *b) noexcept:
    """Texts and bytes; what else holds bytes is not looked at."""
    cdef bint same = a == b
    if PyUnicode_CheckExact(<object> a) and PyUnicode_CheckExact(<object> b):
        same = same or PyUnicode_Compare(<object> a, <object> b) == 0
    elif PyBytes_CheckExact(<object> a) and PyBytes_CheckExact(<object> b):
        same = same or (
            PyBytes_GET_SIZE(<bytes> a) == PyBytes_GET_SIZE(<bytes> b)
            and memcmp(PyBytes_AS_STRING(<bytes> a), PyBytes_AS_STRING(<bytes> b),
                       PyBytes_GET_SIZE(<bytes> a)) == 0)
    else:
        return UNSURE
    return ALIKE if same else UNLIKE


cdef int _check_size(Message message, Output *out) except -1:
    cdef size_t size = output_size(out)
    if size > <size_t> MAX_BYTES:
        raise (<PlanSet> message.plan.head.set).error.encode_error(
            f"the message takes {size} bytes, and readers of Protobuf at most {MAX_BYTES}; "
            "proto.serialize() and proto.write() go beyond if given oversize=True")
    return 0


cdef bytes encode_limited(Message message, bint deterministic):
    cdef bytes whole = _as_it_stands(message)
    cdef Output out
    if whole is not None and len(whole) <= MAX_BYTES:
        return whole
    output_begin(&out, False)
    try:
        _write(message, &out, deterministic)
        _check_size(message, &out)
        return output_bytes(&out)
    finally:
        output_end(&out)


def serialize(Message message not None, deterministic=False, oversize=True, /) -> bytes:
    """The encoded message, whether or not required fields are missing.

    Copies: nothing if the message is a whole ``bytes`` object that nobody changed and that is
    what an encoder writes; else everything once.
    Raises: ``EncodeError`` for more than 2 GiB - 1 unless ``oversize``; ``DecodeError`` if a
    mapped file has changed since it was read.
    """
    if oversize:
        return encode_bytes(message, deterministic)
    return encode_limited(message, deterministic)


def byte_size(Message message not None, /) -> int:
    """The bytes that encoding takes, without encoding."""
    return encode_size(message)


def equal(Message a not None, Message b not None, /) -> bool:
    """Whether two messages are of one type and hold the same."""
    return encode_equal(a, b)


def ranges(Message message not None, deterministic=False, oversize=True, align=1, /) -> list:
    """The encoded message as read-only memoryviews, in order.

    ``align``: large payloads of singular bytes fields start at a multiple of it.
    Copies: what is small. Large ranges of the source, and large strings and bytes that were set,
    are shown where they are.
    Raises: as `serialize`; ``ValueError`` for an ``align`` below 1 or above 1 MiB.
    """
    cdef Rope rope = Rope.__new__(Rope)
    if not 1 <= align <= MAX_ALIGN:
        raise ValueError(f"align must be from 1 to {MAX_ALIGN}, not {align}")
    if align == 1:
        _write(message, &rope.out, deterministic)
    else:
        _write_aligned(message, &rope.out, deterministic, align)
    if not oversize:
        _check_size(message, &rope.out)
    return rope.ranges()
