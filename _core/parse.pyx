"""Parsing: verify once, then hand out a view."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t

from tensorwire._core.faults cimport fault_error
from tensorwire._core.message cimport Message, message_new
from tensorwire._core.node cimport MESSAGE_CANONICAL
from tensorwire._core.message_sets cimport message_sets_flattened, reaches_message_sets
from tensorwire._core.plan cimport PlanSet, message_sets_epoch
from tensorwire._core.source cimport Source
from tensorwire._core.verify cimport verify
from wire cimport Fault, MessagePlan

cimport cython

from tensorwire.limits import DEFAULT

cdef enum:
    # Below this size the GIL is kept: releasing it costs 30 ns, verifying it about 10 us.
    NOGIL_BYTES = 32 * 1024

cdef int default_depth = DEFAULT.depth


@cython.final
cdef class MessageType:
    """What a message class is made of: its plan, and the entry points that parse it."""

    def __cinit__(self, PlanSet plans not None, uint32_t index):
        if index >= <size_t> len(plans.messages):
            raise IndexError(f"type {index} of {len(plans.messages)}")
        self.plans = plans
        self.index = index
        self.plan = &plans.plans[index]
        self.descriptors = {}

    def FromString(self, data, /):
        """A message read from ``data``.

        Copies: ``bytes`` are kept and nothing is copied; any other buffer is copied once.
        Raises: ``DecodeError`` with reason, offset and path; ``TypeError`` for what is no buffer.
        """
        return message_parsed(self.plan, data)

    def parse(self, Source source not None, size_t start, size_t stop, int depth, /):
        """A message lying on ``source`` at ``[start, stop)``. Copies nothing."""
        if not start <= stop <= source.size:
            raise ValueError(f"range [{start}, {stop}) in a source of {source.size} bytes")
        if depth < 0:
            raise ValueError(f"depth limit {depth} is negative")
        return _parse(self.plan, <PyObject *> source, source.data, start, stop, depth)


def set_default_depth(int depth, /):
    """How deep messages may nest from now on, where no other limit is given."""
    global default_depth
    if depth < 0:
        raise ValueError(f"depth limit {depth} is negative")
    default_depth = depth


cdef Message message_parsed(const MessagePlan *plan, data):
    if not PyBytes_CheckExact(data):
        data = _copied(data)
    return _parse(plan, <PyObject *> data, <const uint8_t *> PyBytes_AS_STRING(data), 0,
                  PyBytes_GET_SIZE(data), default_depth)


cdef bytes _copied(data):
    """Any buffer as bytes, a strided one element by element; what has none is a TypeError."""
    try:
        return bytes(memoryview(data))
    except TypeError:
        raise TypeError(f"a bytes-like object is needed, not {type(data).__name__}") from None


cdef Message _parse(const MessagePlan *plan, PyObject *owner, const uint8_t *base, size_t start,
                    size_t stop, int depth):
    cdef Fault fault
    cdef int status
    cdef bytes flat
    if message_sets_epoch and reaches_message_sets(plan):
        flat = message_sets_flattened(plan, base, start, stop)
        owner = <PyObject *> flat
        base = <const uint8_t *> PyBytes_AS_STRING(flat)
        start, stop = 0, PyBytes_GET_SIZE(flat)
    if stop - start < NOGIL_BYTES:
        status = verify(base, start, stop, plan, depth, &fault)
    else:
        with nogil:
            status = verify(base, start, stop, plan, depth, &fault)
    if status < 0:
        raise fault_error(plan, base, start, stop, &fault)
    return message_new(plan, owner, base, start, stop, MESSAGE_CANONICAL if status else 0)
