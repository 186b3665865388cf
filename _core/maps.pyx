"""Map fields: repeated entries read as a mapping.

Source of the rules: protobuf.dev/programming-guides/encoding, "Maps"; measured on upb where the
page is silent: an entry with a field that is neither key nor value is an unknown field as a whole.
"""

from cursor cimport Item, field_takes
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.message cimport Message, message_fault, message_scan
from tensorwire._core.repeated cimport repeated_new
from wire cimport Fault, FieldPlan, plan_field

cimport cython


cdef Map map_new(Message parent, const FieldPlan *field):
    cdef Map self = Map.__new__(Map)
    self.entries = repeated_new(parent, field)
    return self


cdef bint _is_entry(Message entry) except -1:
    """Whether every item of an entry is its key or its value."""
    cdef const FieldPlan *field
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status
    message_scan(entry, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(entry, &fault)
        if status == 0:
            return True
        field = plan_field(entry.plan, item.tag >> 3)
        if field == NULL or not field_takes(entry.plan, field, &item):
            return False


@cython.final
cdef class Map:
    """A map field as a read-only mapping, in wire order; the last of equal keys wins.

    Copies: keys and scalar values are fresh objects; message values are views. All entries are
    read on first use.
    """

    def __init__(self):
        raise TypeError("a map field is read from a message")

    cdef dict _read(self):
        cdef dict known
        with cython.critical_section(self):
            known = self.known
        if known is None:
            known = {entry.key: entry.value for entry in self.entries if _is_entry(entry)}
            with cython.critical_section(self):
                self.known = known
        return known

    def __len__(self):
        return len(self._read())

    def __getitem__(self, key):
        return self._read()[key]

    def __contains__(self, key):
        return key in self._read()

    def __iter__(self):
        return iter(self._read())

    def __eq__(self, other):
        return self._read() == (dict(other) if isinstance(other, Map) else other)

    def __repr__(self):
        return repr(self._read())

    def get(self, key, default=None, /):
        """The value of ``key``, or ``default``."""
        return self._read().get(key, default)

    def keys(self):
        """The keys, as a set-like view."""
        return self._read().keys()

    def values(self):
        """The values."""
        return self._read().values()

    def items(self):
        """The ``(key, value)`` pairs."""
        return self._read().items()

    __hash__ = None
