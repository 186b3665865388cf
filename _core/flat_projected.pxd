"""The headers of projections of FlatBuffers, declared once."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from flat cimport FlatField
from wire cimport Fault


cdef extern from "flat_projection.h" nogil:
    enum:
        FLAT_PUT_NUMBER
        FLAT_PUT_STRING
        FLAT_PUT_BYTES
        FLAT_INTO_STRUCT
        FLAT_INTO_TABLE
        FLAT_INTO_UNION
        FLAT_EACH_NUMBER
        FLAT_EACH_STRING
        FLAT_EACH_STRUCT
        FLAT_EACH_TABLE
        FLAT_EACH_UNION
        FLAT_ARRAY_NUMBERS
        FLAT_ARRAY_STRUCTS
    enum:
        FLAT_FORM_SAME
        FLAT_FORM_BOOL
        FLAT_FORM_INT32
    const uint32_t FLAT_ASKED_NONE

    ctypedef struct FlatScope
    ctypedef struct FlatAsked:
        const FlatField *field
        const FlatScope *scope
        uint64_t absent
        int64_t member
        uint32_t values
        uint32_t seen
        uint32_t starts
        uint32_t table
        uint32_t node
        uint8_t op
        uint8_t base
        uint8_t form
        uint8_t width

    ctypedef struct FlatScope:
        const FlatAsked *asked
        uint32_t count
        uint32_t size
        uint32_t first
        uint32_t stop

    ctypedef struct FlatArrayPlan:
        uint32_t width
        uint32_t items
        uint32_t zeroed

    ctypedef struct FlatTablePlan:
        uint32_t first
        uint32_t values
        uint32_t stop

    ctypedef struct FlatProjectionPlan:
        const FlatScope *root
        const FlatTablePlan *tables
        const FlatArrayPlan *arrays
        uint32_t table_count
        uint32_t array_count

    ctypedef struct FlatArray:
        uint8_t *data
        size_t held

    ctypedef struct FlatRows:
        size_t count
        size_t room

    ctypedef struct FlatStore:
        FlatArray *arrays
        FlatRows *rows
        size_t limit

    int flat_store_new(FlatStore *store, const FlatProjectionPlan *plan)
    void flat_store_free(FlatStore *store)
    size_t flat_store_add(FlatStore *store, uint32_t number, size_t more)
    void flat_store_open(FlatStore *store, const FlatScope *scope, size_t row)

cdef extern from "platform_memory.h" nogil:
    void memory_free(void *block, size_t size)
    void *memory_shrink(void *block, size_t *held, size_t size)

cdef extern from "flat_take.h" nogil:
    ctypedef struct TakeStep:
        uint32_t node
        uint64_t index

    ctypedef struct TakeGround:
        const uint8_t *base
        size_t size

    ctypedef struct FlatProjector:
        TakeGround ground
        int64_t origin
        FlatStore *store
        uint64_t left
        uint64_t limit
        int check_utf8
        uint32_t step_count
        TakeStep *steps
        Fault *fault

    int take_changed(FlatProjector *w, size_t at)
    int take_no_room(FlatProjector *w, size_t at)
    int take_charge(FlatProjector *w, size_t at, uint64_t items)

cdef extern from "flat_project.h" nogil:
    int take_structs(FlatProjector *w, const FlatScope *scope, size_t first, size_t stride,
                     size_t count, size_t row)
    int take_table(FlatProjector *w, const FlatScope *scope, size_t at, size_t row)
    int take_each(FlatProjector *w, const FlatScope *scope, size_t first, size_t count, size_t row,
                  uint64_t *failed)
