"""The vtables that a builder has written."""

from libc.stdint cimport uint16_t, uint32_t


cdef extern from "flat_vtables.h" nogil:
    ctypedef struct FlatVtable:
        uint32_t count
        size_t first
        uint32_t offset

    ctypedef struct FlatVtables:
        FlatVtable *entries
        size_t count
        uint16_t *words

    uint32_t flat_vtable_hash(const uint16_t *words, uint32_t count)
    const FlatVtable *flat_vtable_find(const FlatVtables *all, const uint16_t *words,
                                       uint32_t count, uint32_t hash)
    bint flat_vtable_add(FlatVtables *all, const uint16_t *words, uint32_t count, uint32_t hash,
                         uint32_t offset)
    void flat_vtables_free(FlatVtables *all)
