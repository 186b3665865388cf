"""The leaf headers of FlatBuffers, declared once for every Cython module."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from wire cimport Fault, PlanHeader


cdef extern from "flat_plan.h" nogil:
    enum:
        FLAT_NONE
        FLAT_UTYPE
        FLAT_BOOL
        FLAT_INT8
        FLAT_UINT8
        FLAT_INT16
        FLAT_UINT16
        FLAT_INT32
        FLAT_UINT32
        FLAT_INT64
        FLAT_UINT64
        FLAT_FLOAT32
        FLAT_FLOAT64
        FLAT_STRING
        FLAT_VECTOR
        FLAT_OBJECT
        FLAT_UNION
        FLAT_ARRAY
        FLAT_VECTOR64
        FLAT_BASES
    enum:
        FLAT_DEPRECATED
        FLAT_REQUIRED
        FLAT_KEY
        FLAT_OPTIONAL
        FLAT_OFFSET64
        FLAT_FLEXBUFFER
        FLAT_NESTED
        FLAT_ENUM
    enum:
        FLAT_IS_SCALAR
        FLAT_IS_STRUCT
        FLAT_IS_ARRAY
        FLAT_IS_STRING
        FLAT_IS_TABLE
        FLAT_IS_UNION
        FLAT_IS_NUMBERS
        FLAT_IS_STRUCTS
        FLAT_IS_STRINGS
        FLAT_IS_TABLES
        FLAT_IS_UNIONS
    enum:
        PLAN_FLAT

    ctypedef struct FlatEnumValue:
        int64_t value
        const FlatObject *object
        uint32_t base

    ctypedef struct FlatEnum:
        PlanHeader head
        const FlatEnumValue *values
        uint32_t count
        uint8_t base
        uint8_t is_union

    ctypedef struct FlatField:
        const FlatObject *object
        const FlatEnum *enumeration
        uint64_t default_bits
        uint32_t offset
        uint32_t size
        uint32_t align
        uint32_t item_size
        uint32_t item_align
        uint32_t force_align
        uint32_t length
        uint16_t id
        uint16_t index
        uint8_t base
        uint8_t element
        uint8_t flags
        uint8_t role

    ctypedef struct FlatObject:
        PlanHeader head
        const FlatField *fields
        const FlatField *key
        uint32_t field_count
        uint32_t size
        uint32_t align
        uint32_t required_end
        uint8_t is_struct

    bint flat_is_reference(const FlatField *field)
    const FlatEnumValue *flat_enum_find(const FlatEnum *plan, int64_t number)
    int64_t flat_integer(uint8_t base, const uint8_t *at)


cdef extern from "flat_walk.h" nogil:
    enum FlatFrameKind:
        FRAME_TABLE
        FRAME_TABLES
        FRAME_UNIONS
        FRAME_NESTED

    ctypedef struct FlatFrame:
        const FlatObject *object
        const FlatField *field
        uint64_t index
        FlatFrameKind kind

    ctypedef struct FlatMemo:
        uint64_t seed[2]

    ctypedef struct FlatVerifier:
        const uint8_t *base
        size_t size
        uint64_t steps_left
        uint64_t steps_limit
        uint64_t tables
        uint64_t tables_limit
        uint64_t vectors
        uint32_t depth_limit
        uint32_t deepest
        bint strict
        const FlatObject *named
        uint8_t[4] name
        size_t frame_count
        size_t frame_room
        FlatFrame *frames
        FlatFrame *first
        FlatMemo memo
        Fault *fault

    enum:
        FLAT_FRAMES

    void flat_verifier_free(FlatVerifier *v)
    int flat_verify(FlatVerifier *v, const FlatObject *root, size_t at, const uint8_t *identifier,
                    size_t *table)
