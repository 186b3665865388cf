"""NumPy arrays of repeated fields. NumPy is imported when the first one is asked for."""

from libc.stdint cimport uint8_t

from kinds cimport varint_kind
from tensorwire._core.bulk cimport kernel_in_use
from tensorwire._core.edits cimport List
from tensorwire._core.lists cimport list_known
from tensorwire._core.message cimport Message, message_changed, message_fault
from tensorwire._core.bulk_numbers cimport numbers_array
from tensorwire._core.payload cimport payload_join, payload_span
from varint_bulk cimport varint_run_count, varint_run_decode
from wire cimport KIND_STRING, WIRE_VARINT, Fault, FieldPlan, kind_packable, kind_wire

from tensorwire._core.bulk_numbers import DTYPES


cdef object scalar_array(Message parent, const FieldPlan *field, list listed, dtype, copy):
    import numpy

    cdef List *known = list_known(parent, field)
    if known != NULL and listed is None:
        if copy is False:
            raise ValueError("the elements cannot be an array without being copied")
        return numbers_array(parent, field, dtype)
    cdef tuple where = None if listed is not None else payload_span(parent, field)
    cdef bint is_view = False
    own = DTYPES[field.kind]
    if listed is not None and not kind_packable(field.kind):
        return _texts(field, listed, dtype, numpy)
    if listed is not None:
        array = numpy.array(listed, dtype=own)
    elif kind_wire(field.kind) == WIRE_VARINT:
        array = _decoded(parent, field, where, numpy)
    elif where is None:
        array = _laid(parent, payload_join(parent, field), numpy.dtype(own), numpy)
    else:
        is_view = True
        array = _laid(parent, memoryview(where[0])[where[1]:where[2]], numpy.dtype(own), numpy)
    if copy is False and not (is_view and dtype in (None, array.dtype)):
        raise ValueError("the elements cannot be an array without being copied")
    if dtype is not None:
        array = array.astype(dtype, copy=False)
    return array.copy() if copy and is_view else array


cdef object _texts(const FieldPlan *field, list listed, dtype, numpy):
    """Strings and bytes in NumPy's own types, as upstream; these lose trailing NULs."""
    if dtype is None and not listed:
        dtype = "<U1" if field.kind == KIND_STRING else "S1"
    if dtype == object or dtype is None and not _alike(listed):
        array = numpy.empty(len(listed), dtype=object)
        array[:] = listed
        return array
    return numpy.array(listed, dtype=dtype)


cdef bint _alike(list listed) except -1:
    """Whether all are of one type: a string that is no UTF-8 reads as bytes."""
    return len({type(one) for one in listed}) == 1


cdef object _laid(Message parent, run, own, numpy):
    """Fixed-width numbers where they lie. A run that is no multiple of the width was one before."""
    if len(run) == 0:                      # an empty buffer may have no address to lie on
        return numpy.empty(0, dtype=own)
    if len(run) % own.itemsize:
        raise message_changed(parent, parent.whole.start)
    return numpy.frombuffer(run, dtype=own)


cdef object _decoded(Message parent, const FieldPlan *field, tuple where, numpy):
    """Varints as a new array, by the bulk kernels with the GIL released."""
    data = payload_join(parent, field) if where is None else memoryview(where[0])[where[1]:where[2]]
    cdef const uint8_t[::1] run = data
    # A joined run lies nowhere: its faults are the message's.
    cdef size_t length = run.shape[0], count = 0
    cdef size_t origin = parent.whole.start if where is None else where[1]
    cdef const uint8_t *at
    cdef uint8_t[::1] out
    cdef uint8_t *place
    cdef Fault fault
    cdef int status = 0
    if length == 0:
        return numpy.empty(0, dtype=DTYPES[field.kind])
    at = &run[0]
    with nogil:
        status = varint_run_count(kernel_in_use(), at, at + length, origin, &count, &fault)
    if status < 0:
        raise message_fault(parent, &fault)
    array = numpy.empty(count, dtype=DTYPES[field.kind])
    out = array.view("u1")
    place = &out[0]
    with nogil:
        status = varint_run_decode(kernel_in_use(), at, at + length, origin,
                                   varint_kind(field.kind),
                                   place, count, &fault)
    if status < 0:
        raise message_fault(parent, &fault)
    return array
