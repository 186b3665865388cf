"""Exact numbers of Python, as FlatBuffers stores them."""

from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_Check
from cpython.long cimport PyLong_Check
from libc.stdint cimport int64_t, uint64_t

from flat cimport FLAT_UINT64


cdef extern from "flat_numbers.h" nogil:
    int flat_number_width(int kind)
    bint flat_number_real(int kind)
    bint flat_number_fits(int kind, int64_t value)
    bint flat_real_bits(int kind, double value, uint64_t *bits)


cdef extern from "Python.h":
    long long PyLong_AsLongLongAndOverflow(object value, int *overflow) noexcept
    unsigned long long PyLong_AsUnsignedLongLong(object value) noexcept
    void *PyErr_Occurred() noexcept
    void PyErr_Clear()


cdef inline bint flat_int(object x, Py_ssize_t *value) noexcept:
    """Whether ``x`` is an int (a bool, too) of at most 2^62."""
    cdef int overflow = 0
    cdef long long found
    if not PyLong_Check(x):
        return False
    found = PyLong_AsLongLongAndOverflow(x, &overflow)
    if overflow or not -(1LL << 62) <= found <= 1LL << 62:
        return False
    value[0] = <Py_ssize_t> found
    return True


cdef inline bint flat_int_bits(int kind, object x, uint64_t *bits) noexcept:
    """Whether ``x`` is an int that fits an integer of that kind; then its bits."""
    cdef int overflow = 0
    cdef long long found
    if not PyLong_Check(x):
        return False
    found = PyLong_AsLongLongAndOverflow(x, &overflow)
    if overflow == 0:
        bits[0] = <uint64_t> found
        return flat_number_fits(kind, found)
    if kind != FLAT_UINT64 or overflow < 0:
        return False
    bits[0] = PyLong_AsUnsignedLongLong(x)
    if bits[0] == <uint64_t> -1 and PyErr_Occurred() != NULL:
        PyErr_Clear()
        return False
    return True


cdef inline bint flat_real(object x, double *value) noexcept:
    """Whether ``x`` is a float, or an int that a float holds exactly."""
    cdef int overflow = 0
    cdef long long found
    if PyFloat_Check(x):
        value[0] = PyFloat_AS_DOUBLE(x)
        return True
    if not PyLong_Check(x):
        return False
    found = PyLong_AsLongLongAndOverflow(x, &overflow)
    if overflow or not -(1LL << 53) <= found <= 1LL << 53:
        return False
    value[0] = <double> found
    return True
