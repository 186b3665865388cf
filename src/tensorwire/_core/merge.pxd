from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# A message that stands alone, with equal content. Copies what was changed; bytes are shared.
cdef Message message_clone(Message self)
# REQUIRES: both are of one type.
cdef int message_copy_from(Message self, Message other) except -1
# An explicit default in the bytes counts where `explicit`: they are new, not a message's.
cdef int message_merge_from(Message self, Message other, bint explicit=*) except -1
# Copies entries into a map field.
cdef int map_merge(Message self, const FieldPlan *field, dict source) except -1
