"""Unknown fields: what the bytes hold beyond the schema, and what was added since.

Source: measured on upb. Unknown are: numbers that the schema lacks, wire types that a field does
not take, numbers that a closed enum lacks (each by itself out of a packed run), and map entries
that hold anything but a key and a value.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint8_t

from tensorwire._core.edits cimport edits_reserve
from tensorwire._core.encode cimport encode_failed
from tensorwire._core.frames cimport frame_open_unknown
from tensorwire._core.message cimport Message
from tensorwire._core.message_sets cimport message_sets_flattened
from tensorwire._core.output cimport Output, output_begin, output_bytes, output_end
from tensorwire._core.tree cimport message_touch
from tensorwire._core.units cimport Encoder, encoder_begin, encoder_end
from tensorwire._core.writing cimport frames_write


cdef bytes unknown_bytes(Message self):
    cdef Output out
    cdef Encoder encoder
    output_begin(&out, False)
    encoder_begin(&encoder, &out, False)
    try:
        if (frame_open_unknown(&encoder, <PyObject *> self) < 0
                or frames_write(&encoder) < 0):
            encode_failed(self, &encoder)
        return output_bytes(&out)
    finally:
        encoder_end(&encoder)
        output_end(&out)


def unknown_fields(Message message not None, /) -> bytes:
    """The unknown fields of one message, encoded one behind the other.

    Of a message set: a field for each item, as its members are, not a group.
    """
    cdef bytes found = unknown_bytes(message)
    if not message.plan.message_set:
        return found
    return message_sets_flattened(message.plan, <const uint8_t *> PyBytes_AS_STRING(found), 0,
                                  len(found))


cdef int unknown_add(Message self, bytes more) except -1:
    cdef list parts = []                   # first: making it may run any code
    message_touch(self)
    edits_reserve(&self.edits)
    if self.edits.unknown == NULL:
        self.edits.unknown = <PyObject *> parts
        Py_INCREF(parts)
    (<list> self.edits.unknown).append(more)
    return 0
