from libc.stdint cimport uint32_t

from flat cimport FlatEnum, FlatEnumValue, FlatField, FlatObject


cdef class FlatPlans:
    cdef readonly object declarations      # what it was made from
    cdef public object class_maker         # (plans, index) -> class; see `class_at`
    cdef FlatObject *objects
    cdef FlatField *fields
    cdef FlatEnum *enums
    cdef FlatEnumValue *values
    cdef uint32_t object_count
    cdef uint32_t enum_count
    cdef dict object_places                # full name -> position
    cdef dict enum_places
    cdef list classes                      # of objects, as far as made
    cdef list enum_classes
    cdef dict dtypes                       # of structs by position, as far as made
    cdef readonly dict projections         # what was asked for as columns, as far as kept

    cdef int _fill_enums(self) except -1
    cdef int _fill_objects(self) except -1
    cdef int _check_structs(self) except -1
    cdef int _fill_object(self, FlatObject *plan, declared, FlatField *fields) except -1
    cdef int _fill_field(self, FlatField *plan, field) except -1
    cdef int _fill_references(self, FlatField *plan, declared, str where) except -1
    cdef const FlatObject *object_named(self, name, str where) except NULL
    cdef const FlatEnum *enum_named(self, name, str where) except NULL


# Position of a field among those of its object, and the Python objects that describe it.
cdef object field_declared(const FlatObject *owner, const FlatField *field)
cdef str object_name(const FlatObject *plan)
cdef object object_class(const FlatObject *plan)
cdef object enum_class(const FlatEnum *plan)
