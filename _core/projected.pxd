"""The headers of projections, declared once."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from varint_bulk cimport VarintKernel
from wire cimport EnumPlan, Fault


cdef extern from "projection.h" nogil:
    enum:
        PROJECT_SKIP
        PROJECT_WATCH
        PROJECT_IGNORE
        PROJECT_INT64
        PROJECT_INT32
        PROJECT_SINT64
        PROJECT_SINT32
        PROJECT_BOOL
        PROJECT_CLOSED
        PROJECT_FIXED32
        PROJECT_FIXED64
        PROJECT_SPAN
        PROJECT_MESSAGE
        PROJECT_GROUP
        PROJECT_RAW_GROUP
        PROJECT_PACKED_VARINT
        PROJECT_PACKED_FIXED
    enum:
        PROJECTED_REPEATED
        PROJECTED_UTF8
        PROJECTED_CLOSED
        PROJECTED_KEY
        PROJECTED_MAP_VALUE
        PROJECTED_ONEOF
        PROJECTED_SEEN
        PROJECTED_LISTED
    enum:
        FAST_SKIP
        FAST_SKIP_RUN
    const uint32_t PROJECTED_NONE

    uint8_t projected_fast(uint8_t op, uint8_t flags)

    ctypedef struct ProjectedScope
    ctypedef struct ProjectedField:
        uint32_t tag
        uint8_t op
        uint8_t flags
        uint8_t kind
        uint8_t width
        uint8_t fast
        uint32_t values
        uint32_t seen
        uint32_t table
        uint32_t pointers
        uint32_t oneof
        uint32_t member
        const EnumPlan *enumeration
        const ProjectedScope *scope

    ctypedef struct ProjectedRange:
        uint32_t first
        uint32_t stop

    ctypedef struct ProjectedScope:
        const ProjectedField *fields
        const ProjectedField **by_tag
        uint8_t simple[256]
        uint32_t tag_count
        uint32_t field_count
        uint32_t table
        uint32_t dead
        ProjectedRange arrays
        ProjectedRange lists
        ProjectedRange oneofs

    ctypedef struct ProjectedList:
        uint32_t table
        uint32_t owner

    ctypedef struct ProjectedTable:
        const ProjectedScope *scope
        ProjectedRange arrays
        ProjectedRange lists
        ProjectedRange oneofs
        uint32_t list
        uint32_t key
        uint32_t key_pointers
        uint32_t dead

    ctypedef struct ProjectionPlan:
        const ProjectedScope *root
        const ProjectedTable *tables
        const ProjectedList *lists
        const uint8_t *widths
        uint32_t table_count
        uint32_t list_count
        uint32_t array_count
        uint32_t oneof_count
        uint32_t depth

cdef extern from "platform_memory.h" nogil:
    void *memory_new(size_t size, int zeroed)
    void memory_free(void *block, size_t size)
    void *memory_shrink(void *block, size_t *held, size_t size)

cdef extern from "column_store.h" nogil:
    ctypedef struct ColumnStore:
        const ProjectionPlan *plan
        uint8_t **arrays
        size_t *sizes
        int64_t **starts
        size_t *starts_sizes
        size_t *counts
        size_t limit

    size_t column_row_bytes(const ProjectionPlan *plan, uint32_t number)
    int column_grow(ColumnStore *store, uint32_t number, size_t need)
    size_t column_open(ColumnStore *store, uint32_t number)
    void column_truncate(ColumnStore *store, uint32_t number, size_t to)
    void column_clear(ColumnStore *store, const ProjectedScope *scope, size_t row)
    size_t column_used(const ColumnStore *store)
    void column_watch(ColumnStore *store)
    void column_unwatch(ColumnStore *store)
    int column_store_begin(ColumnStore *store, const ProjectionPlan *plan, size_t nbytes,
                           size_t limit)
    void column_store_free(ColumnStore *store)

cdef extern from "column_join.h" nogil:
    void column_rows_within(ColumnStore *piece, const ColumnStore *whole, uint32_t number,
                            size_t first, size_t rows)
    bint column_find_steady(ColumnStore *whole, size_t rows, size_t all, size_t *steady)
    bint column_is_steady(const ColumnStore *piece, const size_t *steady, size_t rows)
    void column_within_steady(ColumnStore *piece, const ColumnStore *whole, const size_t *steady,
                              size_t first, size_t rows)
    void column_forget_steady(ColumnStore *piece, const size_t *steady)
    int column_leave_steady(ColumnStore *piece, const size_t *steady)
    bint column_needs_growth(const ColumnStore *whole, const ColumnStore *piece)
    int column_take_places(ColumnStore *whole, const ColumnStore *piece, size_t *places)
    void column_claim(const ColumnStore *whole, const ColumnStore *piece, size_t times,
                      size_t *touched, size_t *touch)
    void column_touch(const ColumnStore *whole, const size_t *touch)
    void column_move(ColumnStore *whole, ColumnStore *piece, const size_t *places)

cdef extern from "column_maps.h" nogil:
    ctypedef struct ColumnSeed:
        uint64_t first
        uint64_t second

    int column_maps_finish(ColumnStore *store, const ColumnSeed *seed)

cdef extern from "project.h" nogil:
    ctypedef struct ProjectFrame:
        pass

    ctypedef struct ProjectWalk:
        ColumnStore *store
        ProjectFrame *frames
        const VarintKernel *kernel
        const uint8_t *base
        uint64_t origin
        Fault *fault
        int check_utf8

    int project_record(ProjectWalk *walk, const uint8_t *at, const uint8_t *end, size_t row)
    uint8_t project_form(uint8_t kind)
