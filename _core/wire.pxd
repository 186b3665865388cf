"""The leaf headers, declared once for every Cython module."""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "platform.h" nogil:
    void *pointer_acquire(void **place)
    uint64_t word_relaxed(const uint64_t *place)
    void word_store_relaxed(uint64_t *place, uint64_t value)
    bint pointer_publish(void **place, void *expected, void *fresh)

cdef extern from "le.h" nogil:
    uint16_t le_load16(const uint8_t *at)
    uint32_t le_load32(const uint8_t *at)
    uint64_t le_load64(const uint8_t *at)
    float le_load_float(const uint8_t *at)
    double le_load_double(const uint8_t *at)

cdef extern from "fault.h" nogil:
    ctypedef enum FaultReason:
        FAULT_NONE
        FAULT_TRUNCATED
        FAULT_OVERLONG
        FAULT_BAD_TAG
        FAULT_BAD_WIRE
        FAULT_BAD_FIELD
        FAULT_BAD_LENGTH
        FAULT_PACKED_WIDTH
        FAULT_BAD_UTF8
        FAULT_LONE_END
        FAULT_OPEN_GROUP
        FAULT_TOO_DEEP
        FAULT_CHANGED
        FAULT_NO_MEMORY
        FAULT_SHORT
        FAULT_IDENTIFIER
        FAULT_RANGE
        FAULT_ALIGN
        FAULT_SELF
        FAULT_OFFSET
        FAULT_VTABLE
        FAULT_REQUIRED
        FAULT_NO_NUL
        FAULT_UNION_COUNT
        FAULT_UNION_PAIR
        FAULT_UNION_TYPE
        FAULT_OUTSIDE
        FAULT_FLEX
        FAULT_TABLES
        FAULT_WORK
        FAULT_UNFOLDED
        FAULT_GROWN

    ctypedef struct Fault:
        FaultReason reason
        size_t offset
        uint64_t wanted
        uint64_t found

    ctypedef struct FaultText:
        const char *text
        int numbers

    FaultText fault_text(FaultReason reason)
    int fault_set(Fault *fault, FaultReason reason, size_t offset, uint64_t wanted, uint64_t found)

cdef extern from "varint.h" nogil:
    enum:
        VARINT_MAX
    int varint_decode(const uint8_t *at, const uint8_t *end, uint64_t *out)
    int varint_size(uint64_t value)

cdef extern from "utf8.h" nogil:
    bint utf8_valid(const uint8_t *at, const uint8_t *end)

cdef extern from "tag.h" nogil:
    int tag_decode(const uint8_t *at, const uint8_t *end, uint32_t *tag)
    int tag_size(uint32_t tag)
    int length_decode(const uint8_t *base, const uint8_t *item, const uint8_t *at,
                      const uint8_t *end, const uint8_t **start, size_t *length, Fault *fault)
    int varint_fault(size_t offset, int used, Fault *fault)
    int tag_fault(const uint8_t *base, const uint8_t *item, int used, Fault *fault)

cdef extern from "plan.h" nogil:
    enum:
        WIRE_VARINT
        WIRE_FIXED64
        WIRE_LEN
        WIRE_START
        WIRE_END
        WIRE_FIXED32
    enum:
        KIND_DOUBLE
        KIND_FLOAT
        KIND_INT64
        KIND_UINT64
        KIND_INT32
        KIND_FIXED64
        KIND_FIXED32
        KIND_BOOL
        KIND_STRING
        KIND_GROUP
        KIND_MESSAGE
        KIND_BYTES
        KIND_UINT32
        KIND_ENUM
        KIND_SFIXED32
        KIND_SFIXED64
        KIND_SINT32
        KIND_SINT64
        KIND_COUNT
    enum:
        FIELD_REPEATED
        FIELD_REQUIRED
        FIELD_PACKED
        FIELD_PRESENCE
        FIELD_UTF8
        FIELD_CLOSED
        FIELD_MAP
        FIELD_EXTENSION
    enum:
        ACT_UNKNOWN
        ACT_VARINT
        ACT_FIXED32
        ACT_FIXED64
        ACT_BYTES
        ACT_UTF8
        ACT_MESSAGE
        ACT_GROUP
        ACT_PACKED_VARINT
        ACT_PACKED_FIXED
    enum:
        ACTION_IMPLICIT
        ACTION_CHECKED
        ACTION_MISPACKED
        ACTION_REQUIRED
        ACTION_ONEOF
        TABLED_TAGS
    enum:
        PLAN_PROTO

    const uint64_t ACTION_EXTENSION
    uint32_t ACTION_KIND(uint64_t action)
    uint32_t ACTION_SLOT(uint64_t action)

    ctypedef struct EnumPlan:
        const int32_t *numbers
        uint32_t count

    ctypedef struct MessagePlan

    ctypedef struct FieldPlan:
        const MessagePlan *message
        const EnumPlan *enumeration
        uint64_t low_values
        uint32_t number
        uint32_t tag
        uint16_t slot
        uint16_t oneof
        uint8_t kind
        uint8_t flags

    ctypedef struct ExtensionTable:
        ExtensionTable *older
        uint32_t count
        const FieldPlan **fields

    ctypedef struct PlanHeader:
        int kind
        uint32_t index
        void *set
        void *cls

    ctypedef struct MessagePlan:
        PlanHeader head
        const FieldPlan *fields
        const uint16_t *dense
        void *extensions
        uint32_t field_count
        uint32_t dense_count
        uint32_t required_count
        uint8_t map_entry
        uint8_t has_ranges
        uint8_t message_set
        uint8_t reaches_sets
        uint32_t sets_epoch
        uint8_t needs_required
        uint64_t *actions

    size_t wire_width(uint32_t wire)
    uint8_t kind_wire(uint8_t kind)
    bint kind_packable(uint8_t kind)
    bint kind_is_message(uint8_t kind)
    const FieldPlan *map_key_plan(const FieldPlan *map)
    const FieldPlan *map_value_plan(const FieldPlan *map)
    void extensions_sort(ExtensionTable *table)
    uint32_t plan_extension_count(const MessagePlan *plan)
    const FieldPlan *plan_slot(const MessagePlan *plan, uint32_t slot)
    const FieldPlan *plan_field(const MessagePlan *plan, uint32_t number)
    bint enum_knows(const EnumPlan *plan, int32_t number)
    uint64_t plan_action(const MessagePlan *plan, uint32_t tag)
    uint64_t plan_action_slow(const MessagePlan *plan, uint32_t tag)

cdef extern from "verify_fast.h" nogil:
    const uint64_t VERIFY_UNKNOWN_MET
    const uint64_t VERIFY_DISORDER

    ctypedef struct VerifyFrame:
        const MessagePlan *plan
        const uint8_t *stop
        const uint8_t *opened
        uint64_t last
        uint64_t oneofs
        uint32_t group
        uint32_t required

    ctypedef struct VerifyWalk:
        const uint8_t *base
        VerifyFrame *frame
        VerifyFrame *first
        VerifyFrame *limit
        uint32_t strange
        Fault *fault

    void verify_frame_open(VerifyFrame *frame, const MessagePlan *plan, const uint8_t *stop,
                           uint32_t group)
    uint64_t verify_last(uint64_t action)
    uint64_t verify_order(uint64_t action, uint64_t last)
    uint32_t verify_implicit(uint64_t action, uint64_t value)
    const uint8_t *verify_fast(VerifyWalk *walk, const uint8_t *at, const uint8_t *end)

cdef extern from "skip.h" nogil:
    const uint8_t *skip_below(const uint8_t *at, const uint8_t *stop, uint32_t floor,
                              size_t *budget)
