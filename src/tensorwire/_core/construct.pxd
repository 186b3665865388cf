
from tensorwire._core.message cimport Message


# Sets fields by name, as the constructor's keywords do. Raises ValueError for unknown names.
cdef int message_set_fields(Message self, dict values) except -1
cdef int message_set_field(Message self, name, value) except -1
