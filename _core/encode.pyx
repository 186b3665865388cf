"""Encoding: what upstream would write, from bytes that are as they were and from what was changed.

Canonical bytes that nobody changed are what they would be encoded to.
"""

from cpython.bytes cimport PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF

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
from wire cimport FAULT_NONE

cdef enum:
    # Below this size the lock is kept: releasing it costs 30 ns, walking the bytes about 50 us.
    NOGIL_BYTES = 32 * 1024
    # Two or three do in general, and each more has made a length around a payload longer.
    ALIGN_PASSES = 64

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
    if a is b:
        return True
    if a.plan != b.plan:
        return False
    output_begin(&left, False)
    output_begin(&right, False)
    try:
        _write(a, &left, True)
        _write(b, &right, True)
        return output_equal(&left, &right)
    finally:
        output_end(&left)
        output_end(&right)


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
